"""Whether two books are one: the same work by what they are called, or nearly the same text."""

from collections.abc import Collection, Iterable, Iterator

from ebook_pipeline.books.describing.statements import comparison_key
from ebook_pipeline.books.records import Product, RelatedBook
from ebook_pipeline.books.records.book_metadata import OF_ANOTHER_ACCOUNT
from ebook_pipeline.foundation.findings import Finding, Severity

_LONGEST_KEY = 300
"""Characters of a title or a name by which works are compared: an index has to take both."""
FEWEST_RUNS = 50
"""Runs of words that a text must have before it counts as another's: less is a title page."""
_BOTH = "Withdraw one of them, unless both are meant to be sold."
_RIGHTS = "Say by what right it is sold, or withdraw it."


def work_key(product: Product) -> str:
    """Title and first author as they are compared; empty where nobody is named.

    A subtitle makes no other work: *Frankenstein: Or, the Modern Prometheus* is *Frankenstein*.
    """
    if not product.creators:
        return ""
    author = product.creators[0]
    family = (author.file_as or "").partition(",")[0] or author.name.split()[-1:]
    title = product.title.partition(":")[0]
    names = comparison_key(title), comparison_key("".join(family))
    return "/".join(name[:_LONGEST_KEY] for name in names)


def findings(kin: Iterable[RelatedBook], others: Collection[str] = ()) -> Iterator[Finding]:
    """What the submitter should know: there may be two of one book in the shop soon.

    `others` are books of other accounts: a submitter is not told what they are called.
    """
    for related in kin:
        name = "a book of another account" if related.book in others else related.book
        if related.relation == "same-work":
            message = f"The catalogue has this work already, as {name}."
            yield _finding("metadata.same-work", Severity.INFO, message, _BOTH)
        elif related.relation == "near-duplicate":
            message = f"{related.likeness:.0%} of its text is that of {name}."
            yield _finding("metadata.near-duplicate", Severity.WARNING, message, _BOTH)


def findings_of_another_account(likeness: Iterable[float]) -> Iterator[Finding]:
    """Of each book that another account sent first: how much of its text this one has."""
    for share in likeness:
        much = "All" if share == 1 else f"{share:.0%}"
        message = f"{much} of its text is that of a book which another account sent first."
        yield _finding(OF_ANOTHER_ACCOUNT, Severity.WARNING, message, _RIGHTS)


def _finding(rule: str, severity: Severity, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, remedy=remedy)
