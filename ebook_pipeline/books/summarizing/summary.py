"""A summary of opinions without a model: each aspect for and against, counted, with quotations.

A quotation is a sentence as its reader wrote it, the one most like the others on its side.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from ebook_pipeline.books.summarizing.aspects import Aspect, aspects_of, polarity, sentences
from ebook_pipeline.foundation.record import Record, canonical_json

VERSION = "extractive-2"
FEWEST = 3
"""Opinions with words, below which nothing is summed up."""
MOST_QUOTES = 2
SHORTEST_QUOTE, LONGEST_QUOTE = 20, 240
"""Characters."""
_MOST_COMPARED = 200


class WrittenOpinion(Record):
    """The plain words of an opinion, and its stars."""

    id: int
    stars: int
    text: str


class Quote(Record):
    """A sentence of an opinion, verbatim."""

    opinion: int
    text: str


class AspectSummary(Record):
    """How many opinions praise it and how many blame it, each with what some say."""

    aspect: Aspect
    praised: int
    blamed: int
    for_it: tuple[Quote, ...]
    against_it: tuple[Quote, ...]


class CitedSentence(Record):
    """A sentence that a model wrote, and the opinions that it is from: one at least."""

    text: str
    opinions: tuple[int, ...] = Field(min_length=1)


class OpinionSummary(Record):
    """What is said most of first. `machine`: nobody wrote it; `digest`: of all it is made from.

    `written` is a model's, named by `made_by`; without one the aspects say all.
    """

    opinions: int
    written: tuple[CitedSentence, ...] = ()
    aspects: tuple[AspectSummary, ...]
    digest: str
    machine: Literal[True] = True
    made_by: str = VERSION


def summarize(opinions: Sequence[WrittenOpinion]) -> OpinionSummary | None:
    """The summary; None of fewer than `FEWEST` opinions with words."""
    written = [opinion for opinion in opinions if opinion.text]
    if len(written) < FEWEST:
        return None
    said: dict[tuple[Aspect, int], dict[int, list[str]]] = {}
    for opinion in written:
        for sentence in sentences(opinion.text):
            sign = polarity(sentence, opinion.stars)
            for aspect in aspects_of(sentence) if sign else ():
                by_opinion = said.setdefault((aspect, sign), {})
                by_opinion.setdefault(opinion.id, []).append(sentence)
    summed = [_of_aspect(aspect, said) for aspect in Aspect]
    told = [one for one in summed if one.praised + one.blamed]
    told.sort(key=lambda one: -(one.praised + one.blamed))
    return OpinionSummary(opinions=len(written), aspects=tuple(told), digest=digest_of(opinions))


def digest_of(opinions: Iterable[WrittenOpinion]) -> str:
    """Of what a summary is made from, and by which version of this."""
    facts = sorted((one.id, one.stars, one.text) for one in opinions)
    return hashlib.sha256(canonical_json([VERSION, facts])).hexdigest()


def _of_aspect(
    aspect: Aspect, said: dict[tuple[Aspect, int], dict[int, list[str]]]
) -> AspectSummary:
    praise, blame = said.get((aspect, 1), {}), said.get((aspect, -1), {})
    return AspectSummary(
        aspect=aspect,
        praised=len(praise),
        blamed=len(blame),
        for_it=_quotes(praise),
        against_it=_quotes(blame),
    )


def _quotes(by_opinion: dict[int, list[str]]) -> tuple[Quote, ...]:
    """The most central ones, of different opinions and different words."""
    listed = [
        Quote(opinion=number, text=sentence)
        for number, found in by_opinion.items()
        for sentence in found
        if SHORTEST_QUOTE <= len(sentence) <= LONGEST_QUOTE
    ][:_MOST_COMPARED]
    words = [frozenset(quote.text.lower().split()) for quote in listed]
    central = [sum(_likeness(one, other) for other in words) for one in words]
    order = sorted(range(len(listed)), key=lambda place: (-central[place], listed[place].opinion))
    chosen: list[Quote] = []
    for quote in (listed[place] for place in order):
        known = {one.opinion for one in chosen} | {one.text for one in chosen}
        if len(chosen) < MOST_QUOTES and quote.opinion not in known and quote.text not in known:
            chosen.append(quote)
    return tuple(chosen)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
