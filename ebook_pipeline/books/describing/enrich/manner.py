"""How a book begins and is told, as far as its words show it: no model, and no opinion."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.describing.enrich.form import TextForm
from ebook_pipeline.books.text import paragraphs, sentences

_FEWEST_WORDS, _MOST_WORDS = 12, 60
"""Words of an opening."""
_LOOKED_AT = 400
"""Paragraphs in which it is looked for."""
_SPEECH = re.compile(
    '[“„«»「『”"][^“”„«»」』"]{1,2000}[”“»«」』"]|^[^\\S\\n]*+[—–].*', re.MULTILINE
)
_SENTENCE_END = re.compile(r"[.!?…。！？][)”’\"»]*$")
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_HEADINGS = 3
"""Lines of a document among which its heading is."""
_LONGEST_HEADING = 60
_PREFACE = re.compile(
    r"\W{0,3}(?:(?:the )?(?:author|editor|translator|publisher)['’]s (?:note|preface|foreword)|"
    r"preface|foreword|introduct(?:ion|ory)\b|dedication|to the reader|acknowledge?ments?|"
    r"(?:foot)?notes?\b|contents|table of|list of|"
    r"vorwort|einleitung|vorrede|widmung|inhalt|préface|avant-propos|introduction|dédicace|"
    r"au lecteur|prefazione|introduzione|dedica\b|al lettore|prefacio|introducción|dedicatoria|"
    r"al lector|prefácio|introdução|dedicatória|ao leitor|voorwoord|voorrede|inleiding|förord|"
    r"inledning|przedmowa|wstęp|wprowadzenie|предисловие|введение|посвящение)",
    re.IGNORECASE,
)
"""How the heading of what stands before a book begins; a prologue is part of its story."""
_NARRATED = 0.012
"""Share of the words outside of speech that speak of oneself, from which somebody narrates: 0.018
to 0.037 in nine of the corpus' novels that are told so, 0.003 to 0.006 in three that are not."""
_FEWEST_COUNTED = 1000
"""Words from which shares tell something."""


@dataclass(frozen=True)
class Manner:
    """`speech` is the share of words within quotation marks, `narrated` whether an *I* tells it.

    None where there is too little text, or the language does not say.
    """

    opening: str = ""
    form: TextForm = TextForm.PROSE
    speech: float | None = None
    narrated: bool | None = None


def manner_of(parts: Sequence[str], form: TextForm, narrator: Sequence[str]) -> Manner:
    """The manner of the author's `parts`; `narrator` are words for oneself, in lower case."""
    text = "\n".join(parts)
    told = _SPEECH.sub(" ", text)
    outside = _WORD.findall(told)
    total = len(_WORD.findall(text))
    if total < _FEWEST_COUNTED:
        return Manner(_opening(parts), form)
    own = sum(word.lower() in narrator for word in outside)
    narrated = own >= _NARRATED * max(1, len(outside)) if narrator else None
    return Manner(_opening(parts), form, round(1 - len(outside) / total, 3), narrated)


def _opening(parts: Sequence[str]) -> str:
    """The first sentences of the first paragraph that is one, behind prefaces if anything is."""
    return _opening_of(_behind_prefaces(parts)) or _opening_of(_first_paragraphs(parts))


def _opening_of(looked_at: Iterable[str]) -> str:
    for paragraph in looked_at:
        if len(paragraph.split()) < _FEWEST_WORDS or not _SENTENCE_END.search(paragraph):
            continue
        taken: list[str] = []
        for sentence in sentences(paragraph):
            if taken and len(" ".join([*taken, sentence]).split()) > _MOST_WORDS:
                break
            taken.append(sentence)
        return _shortened(" ".join(taken))
    return ""


def _shortened(text: str) -> str:
    words = text.split()
    return (
        text if len(words) <= _MOST_WORDS else " ".join(words[:_MOST_WORDS]).rstrip(",;:—") + " …"
    )


def _behind_prefaces(parts: Sequence[str]) -> Iterator[str]:
    """The first paragraphs without those below the heading of a preface, up to the next heading.

    A document that such a heading begins is a preface to its end.
    """
    for part in parts:
        lines = [" ".join(line.split()) for line in paragraphs(part)[:_LOOKED_AT]]
        if len(parts) > 1 and any(map(_is_preface, lines[:_HEADINGS])):
            continue
        skips = False
        for line in lines:
            if _is_preface(line):
                skips = True
            elif _is_heading(line):
                skips = False
            elif not skips:
                yield line


def _is_preface(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and _PREFACE.match(line) is not None


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and not _SENTENCE_END.search(line.rstrip("."))


def _first_paragraphs(parts: Sequence[str]) -> Iterator[str]:
    looked = 0
    for part in parts:
        for paragraph in paragraphs(part):
            looked += 1
            if looked > _LOOKED_AT:
                return
            yield " ".join(paragraph.split())
