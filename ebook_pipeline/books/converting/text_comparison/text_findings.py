"""The findings on what a conversion lost, doubled or made up, and on what it left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ebook_pipeline.books.converting.text_comparison.differences import Difference, DifferenceKind
from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.words import plain, word_spans
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.wording import counted

_MOST_TOLD = 12
"""Passages that are told one by one for each rule; the others are counted."""
_LONGEST_PASSAGE = 300
"""Characters of a passage that are shown."""
_READ = "Compare the passage with the manuscript before the book is released."
_SAID_BY = {LeftOutKind.CLIPPED: "convert.outside-page"}
"""Findings of a conversion that tell of the same."""
_RULES = {
    DifferenceKind.LOST: ("convert.text-lost", "{count} of the source {are} not in the book."),
    DifferenceKind.JOINED: ("convert.text-lost", "The spaces between {count} were lost."),
    DifferenceKind.DOUBLED: (
        "convert.text-doubled",
        "{count} {stand} in the book more often than in the source.",
    ),
    DifferenceKind.INVENTED: (
        "convert.text-invented",
        "{count} of the book {are} not in the source.",
    ),
    DifferenceKind.SPLIT: ("convert.text-invented", "{count} of the book {are} one in the source."),
    DifferenceKind.MOVED: (
        "convert.text-moved",
        "{count} {stand} elsewhere in the book than in the source.",
    ),
}


def text_findings(differences: Iterable[Difference]) -> Iterator[Finding]:
    """One finding for each difference; of a kind that there is much of, the rest is counted."""
    told: Counter[DifferenceKind] = Counter()
    rest: dict[DifferenceKind, list[Difference]] = {}
    for difference in differences:
        told[difference.kind] += 1
        if told[difference.kind] <= _MOST_TOLD:
            yield _finding(difference)
        else:
            rest.setdefault(difference.kind, []).append(difference)
    for kind, others in rest.items():
        yield _summary(kind, others)


def _finding(difference: Difference) -> Finding:
    rule, message = _RULES[difference.kind]
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        message=_counted(message, difference.words),
        place=difference.place,
        remedy=_READ,
        passage=_shortened(difference.passage),
    )


def _summary(kind: DifferenceKind, others: Sequence[Difference]) -> Finding:
    rule, message = _RULES[kind]
    words = sum(difference.words for difference in others)
    places = counted(len(others), "more place", form=",")
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        message=f"At {places}: {_counted(message, words)}",
        place=others[0].place,
        remedy=_READ,
        passage=_shortened(others[0].passage),
    )


def _counted(message: str, words: int) -> str:
    one = words == 1
    return message.format(
        count=counted(words, "word", form=","),
        are="is" if one else "are",
        stand="stands" if one else "stand",
    )


def left_out_findings(source: SourceText, said: Iterable[Finding]) -> Iterator[Finding]:
    """What was dropped on purpose, said once with its size; what `said` tells is not repeated."""
    rules = {finding.rule for finding in said}
    sizes = {kind: _words(texts) for kind, texts in source.left_out.items()}
    kinds = [kind for kind, words in sizes.items() if words and _SAID_BY.get(kind) not in rules]
    if kinds:
        told = (f"{counted(sizes[kind], 'word', form=',')} of {kind}" for kind in kinds)
        first = next(text for text in source.left_out[kinds[0]] if text)
        yield Finding(
            rule="convert.left-out",
            severity=Severity.INFO,
            message=f"Left out on purpose: {', '.join(told)}.",
            passage=_shortened(first),
        )


def unchecked_finding(error: BookError) -> Finding:
    """The texts could not be compared: a limit of ours, of which a person has to know."""
    return Finding(
        rule="convert.text-unchecked",
        severity=Severity.WARNING,
        message=f"Whether all words are in the book could not be checked: {error}",
        place=error.finding.place,
        remedy=_READ,
    )


def _words(texts: Iterable[str]) -> int:
    return sum(sum(1 for _ in word_spans(plain(text))) for text in texts)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_PASSAGE else line[: _LONGEST_PASSAGE - 1] + "…"
