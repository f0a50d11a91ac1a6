"""Where in the book a finding's words stand: its paragraph, with those before and after."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.foundation.findings import Finding

_LONGEST = 600
"""Characters of a paragraph that are shown on either side of the words."""


@dataclass(frozen=True)
class FindingPassage:
    """The words of finding number `finding` in their paragraph, and its neighbours."""

    finding: int
    before: str
    head: str
    words: str
    tail: str
    after: str


def finding_passages(epub: Path, findings: Sequence[Finding]) -> tuple[FindingPassage, ...]:
    """The passage of each finding whose words are found in the EPUB; runs in the sandbox."""
    places = {finding.place for finding in findings if finding.passage}
    lines = {
        document.name: content.text_of(document.data, place=document.name).splitlines()
        for document in content.spine_documents(epub, read_package(epub))
        if document.name in places
    }
    return tuple(_found(findings, lines))


def _found(
    findings: Sequence[Finding], lines: Mapping[str, Sequence[str]]
) -> Iterator[FindingPassage]:
    for number, finding in enumerate(findings):
        words = next(iter(finding.passage.splitlines()), "").strip()
        for at, line in enumerate(lines.get(finding.place, ())):
            if words and words in line:
                yield _passage(number, words, lines[finding.place], at)
                break


def _passage(number: int, words: str, lines: Sequence[str], at: int) -> FindingPassage:
    head, _, tail = lines[at].partition(words)
    filled = [line for line in lines[:at] if line.strip()]
    following = [line for line in lines[at + 1 :] if line.strip()]
    return FindingPassage(
        finding=number,
        before=_end(filled[-1]) if filled else "",
        head=_end(head),
        words=words,
        tail=_start(tail),
        after=_start(following[0]) if following else "",
    )


def _start(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _end(text: str) -> str:
    return text if len(text) <= _LONGEST else f"…{text[-_LONGEST:]}"
