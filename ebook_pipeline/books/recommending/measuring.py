"""How good recommendations are: what a reader took up later, and where it stood in the list."""

import math
from collections.abc import Collection, Sequence

from ebook_pipeline.books.recommending.ease import EaseSettings, counted, train
from ebook_pipeline.books.recommending.ranking import ranked
from ebook_pipeline.books.recommending.signals import LIKED, Signal
from ebook_pipeline.foundation.record import Record

AT = 10
MOST_READERS = 2000
"""Of whom something is held back: of more the mean would be the same."""
FEWEST_READERS = 20
"""Readers with something to hold back, below which a figure would be chance."""


class Quality(Record):
    """Means over `readers` of whom something that they liked was held back; 1 is the best."""

    readers: int
    ndcg: float
    hit: float
    popular_ndcg: float


def ndcg(shown: Sequence[int], wanted: Collection[int], at: int = AT) -> float:
    """Gains of 1, discounted by log2 of the place; 1 where the wanted ones come first."""
    gains = sum(1 / math.log2(place + 2) for place, work in enumerate(shown[:at]) if work in wanted)
    best = sum(1 / math.log2(place + 2) for place in range(min(at, len(wanted))))
    return gains / best if best else 0.0


def measure(signals: Sequence[Signal], settings: EaseSettings | None = None) -> Quality | None:
    """Every fifth signal of a reader held back, and looked for with the others.

    None where too few readers have so many. The last signals of a reader come first in `signals`.
    """
    kept, held = _split(signals)
    if len(held) < FEWEST_READERS:
        return None
    links = {link.work: link for link in train(kept, settings)}
    known = counted(kept)
    popular = sorted(known, key=lambda work: (-known[work], work))
    by_reader: dict[str, list[Signal]] = {}
    for signal in kept:
        by_reader.setdefault(signal.reader, []).append(signal)
    gains, hits, plain = [], [], []
    for reader, wanted in held.items():
        own = by_reader.get(reader, [])
        mine = [links[signal.work] for signal in own if signal.work in links]
        shown = [one.work for one in ranked(own, mine, (), known)[:AT]]
        gains.append(ndcg(shown, wanted))
        hits.append(any(work in wanted for work in shown))
        done = {signal.work for signal in own}
        plain.append(ndcg([work for work in popular[: AT + len(done)] if work not in done], wanted))
    number = len(held)
    return Quality(
        readers=number,
        ndcg=round(sum(gains) / number, 4),
        hit=round(sum(hits) / number, 4),
        popular_ndcg=round(sum(plain) / number, 4),
    )


def _split(signals: Sequence[Signal]) -> tuple[list[Signal], dict[str, set[int]]]:
    kept: list[Signal] = []
    held: dict[str, set[int]] = {}
    seen: dict[str, int] = {}
    for signal in signals:
        place = seen[signal.reader] = seen.get(signal.reader, -1) + 1
        is_asked = signal.reader in held or len(held) < MOST_READERS
        if place % 5 == 0 and signal.kind in LIKED and is_asked:
            held.setdefault(signal.reader, set()).add(signal.work)
        else:
            kept.append(signal)
    return kept, held
