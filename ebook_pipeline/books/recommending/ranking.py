"""From signals of one reader to works in order, each with the reason that weighed most.

Two voices are heard: the model of what is read together, and likeness of meaning. The model's is
worth as much as it knows of the work and of the reader; likeness has the rest, so that new books
and those of the tail are found too.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence

from ebook_pipeline.books.recommending.ease import EaseSettings, WorkLinks
from ebook_pipeline.books.recommending.signals import LIKED, Signal, SignalKind
from ebook_pipeline.foundation.record import Record

WORK_HALF_KNOWN, READER_HALF_KNOWN = 5, 1
"""Signals of a work, and of a reader, at which half of a rank is the model's."""
LEAST_LIKENESS = 0.3
"""Cosine below which two books are about different things, and likeness is no reason."""
MOST_OF_AUTHOR = 2
"""Works of an author among those recommended at a time."""
_REPEATED = 0.85
"""What a work's score is worth each time that the same reason was given before it."""

_Parts = dict[int, float]
"""What each work that a reader took up adds to the score of one work."""


class Reason(Record):
    """`because` they did `kind` with that work; `popular`: nothing is known that says more."""

    work: int | None = None
    kind: SignalKind | None = None

    @property
    def popular(self) -> bool:
        """Whether it is recommended to everybody."""
        return self.work is None


class Ranked(Record):
    """A work that is recommended, how strongly (1 at most), and why."""

    work: int
    score: float
    reason: Reason


class Likeness(Record):
    """How alike in meaning `other` is to `work`: a cosine."""

    work: int
    other: int
    cosine: float


def ranked(
    signals: Sequence[Signal],
    links: Iterable[WorkLinks],
    alike: Iterable[Likeness],
    known: Mapping[int, int] | None = None,
    most: int = 200,
) -> list[Ranked]:
    """The `most` works that most speaks for, the best first.

    `links` are of the works in `signals`, `alike` begin at such works; `known` says how many
    signals there are of a work that may be recommended. A work that there is a signal of is none.
    """
    kinds = {signal.work: signal.kind for signal in signals}
    by_model, by_likeness = _by_model(kinds, links), _by_likeness(kinds, alike)
    reader = len(kinds) / (len(kinds) + READER_HALF_KNOWN)
    scored: dict[int, tuple[float, _Parts]] = {}
    for work in (by_model.keys() | by_likeness.keys()) - kinds.keys():
        count = (known or {}).get(work, 0)
        trust = reader * count / (count + WORK_HALF_KNOWN)
        parts = _blended(by_model.get(work, {}), by_likeness.get(work, {}), trust)
        scored[work] = sum(parts.values()), parts
    best = heapq.nsmallest(most, scored, key=lambda work: (-scored[work][0], work))
    return [
        Ranked(work=work, score=round(scored[work][0], 6), reason=_reason(scored[work][1], kinds))
        for work in best
    ]


def diverse(
    candidates: Iterable[Ranked], authors: Mapping[int, Sequence[str]], number: int
) -> list[Ranked]:
    """At most `number`, not all of one author and not all for one reason."""
    left, chosen = list(candidates), list[Ranked]()
    of_author: dict[str, int] = {}
    given: dict[int | None, int] = {}
    while left and len(chosen) < number:
        best = max(left, key=lambda one: one.score * _REPEATED ** given.get(one.reason.work, 0))
        left.remove(best)
        names = set(authors.get(best.work, ()))
        if any(of_author.get(name, 0) >= MOST_OF_AUTHOR for name in names):
            continue
        chosen.append(best)
        given[best.reason.work] = given.get(best.reason.work, 0) + 1
        for name in names:
            of_author[name] = of_author.get(name, 0) + 1
    return chosen


def _by_model(kinds: Mapping[int, SignalKind], links: Iterable[WorkLinks]) -> dict[int, _Parts]:
    """What each work taken up adds to another's score; 1 is the largest sum, those to 0 are out."""
    disliked = EaseSettings().disliked_says
    parts: dict[int, _Parts] = {}
    for link in links:
        says = 1 if kinds[link.work] in LIKED else disliked
        for other, weight in zip(link.others, link.weights, strict=True):
            parts.setdefault(other, {})[link.work] = says * weight
    sums = {work: sum(by.values()) for work, by in parts.items()}
    most = max(sums.values(), default=0)
    return {
        work: {taken: part / most for taken, part in by.items()}
        for work, by in parts.items()
        if sums[work] > 0
    }


def _by_likeness(kinds: Mapping[int, SignalKind], alike: Iterable[Likeness]) -> dict[int, _Parts]:
    """The likeness of the liked work that is most like it."""
    best: dict[int, Likeness] = {}
    for pair in alike:
        if pair.cosine >= LEAST_LIKENESS and kinds[pair.work] in LIKED:
            before = best.get(pair.other)
            if before is None or pair.cosine > before.cosine:
                best[pair.other] = pair
    return {other: {pair.work: pair.cosine} for other, pair in best.items()}


def _blended(by_model: _Parts, by_likeness: _Parts, trust: float) -> _Parts:
    parts = {taken: trust * part for taken, part in by_model.items()}
    for taken, part in by_likeness.items():
        parts[taken] = parts.get(taken, 0) + (1 - trust) * part
    return parts


def _reason(parts: _Parts, kinds: Mapping[int, SignalKind]) -> Reason:
    """The liked work that added most; one that was disliked is none."""
    liked = [taken for taken, part in parts.items() if part > 0 and kinds[taken] in LIKED]
    first = max(liked, key=lambda taken: (parts[taken], -taken), default=None)
    return Reason() if first is None else Reason(work=first, kind=kinds[first])
