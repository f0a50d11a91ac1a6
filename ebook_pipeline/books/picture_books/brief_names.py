"""Who may be named in a brief: words by which a person is looked for there."""

import re
from collections.abc import Iterator

from ebook_pipeline.books.picture_books.brief import Brief

_WORD = re.compile(r"[^\W\d_][\w'’-]*(?:\.[\w-]+)*(?:@[\w.-]+)?")
_LONGEST = 4
"""Words of a name: Anna Maria van Berg."""


def names_in(brief: Brief) -> list[tuple[str, str]]:
    """Pairs of field and name, in small letters, each once.

    Names of characters whole; of free text every word and every run of up to four that begins with
    a capital, for nobody can tell who is a person and who a hedgehog.
    """
    texts = {
        "title": brief.title,
        "author": brief.author,
        "dedication": brief.dedication,
        "moral": brief.moral,
        "series": brief.series,
    }
    found = [("character", one.name) for one in brief.characters]
    found += [(field, name) for field, text in texts.items() for name in _names(text)]
    return sorted({(field, " ".join(name.casefold().split())) for field, name in found})


def _names(text: str) -> Iterator[str]:
    run: list[str] = []
    for word in [*_WORD.findall(text), ""]:
        if word and (word[0].isupper() or "@" in word or run):
            run.append(word)
            yield from (
                " ".join(run[begin:]) for begin in range(max(0, len(run) - _LONGEST), len(run))
            )
        else:
            run = []
