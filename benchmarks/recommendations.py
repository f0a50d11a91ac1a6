"""How good recommendations are, on ratings that somebody has, and how fast, among made-up books.

`--ratings` is a folder with `train.tsv` and `validation.tsv` of DBbook's ratings (reader, book,
1 or 0), which no copy of comes with the project, for it has no licence. The settings were chosen
on a part of `train.tsv` held back from itself (`--choose` shows that again); `validation.tsv` is
looked at once. Each reader is shown the ten best of all books that they have not rated in
`train.tsv`; right is what they rated 1 in `validation.tsv`, out of reach or not.

    python -m benchmarks.recommendations --ratings FOLDER --books 100000
"""

import argparse
import math
import random
import statistics
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import text

from benchmarks.catalog import filled
from benchmarks.catalog_books import mean, settle
from benchmarks.frame import Cell, Table, print_table
from ebook_pipeline.books.recommending.ease import EaseSettings, blocks, counted, solved, train
from ebook_pipeline.books.recommending.measuring import AT, ndcg
from ebook_pipeline.books.recommending.ranking import ranked
from ebook_pipeline.books.recommending.signals import LIKED, Signal, SignalKind
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.recommending.recommend import recommend
from ebook_pipeline.services.recommending.training import train_model

GOALS = {"nDCG@10": 0.095, "Hit@10": 0.39}
GOAL_MS = 30
"""95 of 100 answers."""
READERS, OF_EACH = 20_000, 12
_PEOPLE = (
    "INSERT INTO person (login, actor)"
    " SELECT 'reader-' || n, 'setup' FROM generate_series(0, :last) AS n"
)
_SHELVES = (
    "INSERT INTO shelf_entry (work, person, shelf) SELECT work, person, 'read'"
    " FROM unnest(CAST(:works AS bigint[]), CAST(:people AS text[])) AS taken (work, person)"
)
Recommender = Callable[[str], Sequence[int]]


def main() -> None:
    """One table for quality, one for what an answer takes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ratings", type=Path, help="the folder of DBbook's ratings")
    parser.add_argument("--choose", action="store_true", help="a part of the training data instead")
    parser.add_argument("--books", type=int, default=0, help="made-up books on sale")
    asked = parser.parse_args()
    if asked.ratings:
        print_table(quality(asked.ratings, choose=asked.choose))
    if asked.books:
        print_table(latency(asked.books))


def quality(folder: Path, *, choose: bool) -> Table:
    """Our model beside popularity, item-kNN and EASE as it was published."""
    known, wanted = _ratings(folder / "train.tsv"), _liked(_ratings(folder / "validation.tsv"))
    if choose:
        known, wanted = _held_back(known)
    rows = [
        (name, *_figures(made(known), wanted))
        for name, made in {
            "popularity": _popularity,
            "item-kNN, cosine": _knn,
            "EASE, positives alone": _plain,
            "ours": _ours,
        }.items()
    ]
    goals = ", ".join(f"{name} {goal}" for name, goal in GOALS.items())
    shown: list[Sequence[Cell]] = [
        (name, *(f"{figure:.4f}" for figure in figures)) for name, *figures in rows
    ]
    return Table(
        f"Recommendations on {'a part of the training data' if choose else 'validation.tsv'}",
        ("what", "nDCG@10", "Recall@10", "Hit@10"),
        shown,
        f"{len(wanted):,} readers, all works ranked. Goals: {goals}. Part of what is gained by "
        "disliked works is telling which works a reader rates at all.",
    )


def latency(books: int) -> Table:
    """What a reader waits for in the service, database included, of 12 works taken up."""
    with filled(books) as database:
        mean(database, books)
        _readers(database, books)
        start = time.perf_counter()
        figures = train_model(database, "2026-11-29")
        trained = time.perf_counter() - start
        rows: list[Sequence[Cell]] = []
        for what in ("ranked when they ask", "ranked before"):
            marks = statistics.quantiles(_asked(database), n=20)
            rows.append((what, books, figures.works, round(trained, 1), marks[9], marks[18]))
    columns = ("readers are", "books", "works in the model", "training s", "p50 ms", "p95 ms")
    note = f"200 readers, one at a time; goal {GOAL_MS} ms for those whose works are kept."
    return Table("Recommendations from Postgres", columns, rows, note)


def _asked(database: Database) -> list[float]:
    """Milliseconds that each of 200 readers waits."""
    taken = []
    for number in range(200):
        start = time.perf_counter()
        recommend(database, f"reader-{number * (READERS // 200)}")
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def _ratings(path: Path) -> list[Signal]:
    high, low = SignalKind.RATED_HIGH, SignalKind.RATED_LOW
    lines = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return [
        Signal(reader=reader, work=int(work), kind=high if rating == "1" else low)
        for reader, work, rating in lines
    ]


def _liked(signals: Sequence[Signal]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for signal in signals:
        if signal.kind in LIKED:
            wanted.setdefault(signal.reader, set()).add(signal.work)
    return wanted


def _held_back(signals: Sequence[Signal]) -> tuple[list[Signal], dict[str, set[int]]]:
    """Three of ten."""
    chance = random.Random(18)
    parts: tuple[list[Signal], list[Signal]] = [], []
    for signal in signals:
        parts[chance.random() < 0.3].append(signal)
    return parts[0], _liked(parts[1])


def _figures(
    recommender: Recommender, wanted: Mapping[str, Collection[int]]
) -> tuple[float, float, float]:
    shown = {reader: recommender(reader)[:AT] for reader in wanted}
    hits = [len(set(shown[reader]) & set(right)) for reader, right in wanted.items()]
    return (
        statistics.mean(ndcg(shown[reader], right) for reader, right in wanted.items()),
        statistics.mean(
            found / len(right) for found, right in zip(hits, wanted.values(), strict=True)
        ),
        statistics.mean(found > 0 for found in hits),
    )


def _by_reader(known: Sequence[Signal]) -> dict[str, list[Signal]]:
    own: dict[str, list[Signal]] = {}
    for signal in known:
        own.setdefault(signal.reader, []).append(signal)
    return own


def _popularity(known: Sequence[Signal]) -> Recommender:
    counts = counted([signal for signal in known if signal.kind in LIKED])
    order = sorted(counts, key=lambda work: (-counts[work], work))
    own = _by_reader(known)

    def best(reader: str) -> list[int]:
        done = {signal.work for signal in own[reader]}
        return [work for work in order[: AT + len(done)] if work not in done]

    return best


def _knn(known: Sequence[Signal]) -> Recommender:
    """Cosine between the works' columns of positives."""
    own = _by_reader(known)
    readers_of: dict[int, set[str]] = {}
    for signal in known:
        if signal.kind in LIKED:
            readers_of.setdefault(signal.work, set()).add(signal.reader)

    def best(reader: str) -> list[int]:
        done = {signal.work for signal in own[reader]}
        scores: dict[int, float] = {}
        for work in (one.work for one in own[reader] if one.kind in LIKED):
            shared: dict[int, int] = {}
            for other in readers_of[work]:
                for signal in own[other]:
                    if signal.kind in LIKED and signal.work not in done:
                        shared[signal.work] = shared.get(signal.work, 0) + 1
            for near, times in shared.items():
                size = math.sqrt(len(readers_of[work]) * len(readers_of[near]))
                scores[near] = scores.get(near, 0) + times / size
        return sorted(scores, key=lambda near: (-scores[near], near))

    return best


def _plain(known: Sequence[Signal]) -> Recommender:
    """As published, of positives; λ 100, every work with one."""
    positive, own = [signal for signal in known if signal.kind in LIKED], _by_reader(known)
    works = sorted(counted(positive))
    place = {work: number for number, work in enumerate(works)}
    weights = solved(blocks(positive, works, EaseSettings()), len(works), 100)

    def best(reader: str) -> list[int]:
        liked = [place[signal.work] for signal in own[reader] if signal.kind in LIKED]
        done = {signal.work for signal in own[reader]}
        order = np.argsort(-weights[liked].sum(axis=0), kind="stable")[: AT + len(done)]
        return [work for work in (works[number] for number in order) if work not in done]

    return best


def _ours(known: Sequence[Signal]) -> Recommender:
    """As the shop does it, the cut to neighbours, the blend and the reasons included."""
    links = {link.work: link for link in train(known)}
    counts, own = counted(known), _by_reader(known)

    def best(reader: str) -> list[int]:
        there = [links[signal.work] for signal in own[reader] if signal.work in links]
        return [one.work for one in ranked(own[reader], there, (), counts)[:AT]]

    return best


def _readers(database: Database, books: int) -> None:
    """Each has read twelve works that lie near each other."""
    draw = np.random.default_rng(18)
    taken: list[tuple[int, str]] = []
    for number in range(READERS):
        near = int(draw.integers(books)) + draw.exponential(0.002 * books, 2 * OF_EACH).astype(int)
        works = list(dict.fromkeys(int(work) % books + 1 for work in near))[:OF_EACH]
        taken += [(work, f"reader-{number}") for work in works]
    with database.begin() as connection:
        connection.execute(text(_PEOPLE), {"last": READERS - 1})
        works_, people_ = zip(*taken, strict=True)
        connection.execute(text(_SHELVES), {"works": list(works_), "people": list(people_)})
    settle(database)


if __name__ == "__main__":
    main()
