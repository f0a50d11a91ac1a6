"""The model of what is read together: its closed form, its limits, its reasons, its quality."""

import random

import numpy as np
import pytest

from ebook_pipeline.books.recommending.ease import EaseSettings, blocks, solved, train
from ebook_pipeline.books.recommending.measuring import measure, ndcg
from ebook_pipeline.books.recommending.ranking import (
    MOST_OF_AUTHOR,
    Likeness,
    Ranked,
    Reason,
    diverse,
    ranked,
)
from ebook_pipeline.books.recommending.signals import Signal, SignalKind

WORKS, READERS = 60, 300


def generated(seed: int = 18) -> list[Signal]:
    """Three tastes of twenty works each; who has one reads in it, and now and then elsewhere."""
    chance = random.Random(seed)
    signals = []
    for reader in range(READERS):
        taste = reader % 3
        own = chance.sample(range(taste * 20, taste * 20 + 20), 8)
        other = chance.sample(range(WORKS), 1)
        for work in dict.fromkeys([*own, *other]):
            kind = SignalKind.RATED_LOW if chance.random() < 0.2 else SignalKind.FINISHED
            signals.append(Signal(reader=f"r{reader}", work=work, kind=kind))
    return signals


def test_the_weights_are_those_that_the_equation_asks_for() -> None:
    """The diagonal is 0, and elsewhere the gradient of the ridge regression vanishes."""
    signals = generated()
    parts = list(blocks(signals, range(WORKS), EaseSettings()))
    says, counts = (np.concatenate(each) for each in zip(*parts, strict=True))
    weights = solved(iter(parts), WORKS, 50)
    gradient = says.T @ (says @ weights - counts) + 50 * weights
    np.fill_diagonal(gradient, 0)
    assert np.abs(np.diag(weights)).max() == 0
    assert np.abs(gradient).max() < 1e-3 * np.abs(says.T @ counts).max()


def test_works_of_too_few_signals_are_not_in_the_model_and_the_most_known_are() -> None:
    signals = generated()
    rare = Signal(reader="r0", work=999, kind=SignalKind.FINISHED)
    links = train([*signals, rare], EaseSettings(neighbours=7))
    assert 999 not in {link.work for link in links}
    assert {len(link.others) for link in links} == {7}
    assert all(link.work not in link.others for link in links)
    few = train(signals, EaseSettings(most=10, neighbours=5))
    assert len(few) == 10
    assert train([]) == () == train([rare])


def test_a_model_is_better_than_what_is_popular_and_says_by_how_much() -> None:
    quality = measure(generated())
    assert quality is not None
    assert quality.readers > 200
    assert quality.ndcg > 2 * quality.popular_ndcg > 0
    assert quality.hit > quality.ndcg
    assert measure(generated()[:50]) is None


def test_gains_are_discounted_by_place() -> None:
    assert ndcg([1, 2, 3], {1}) == 1
    assert ndcg([2, 1], {1}) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg([2, 3], {1}) == 0 == ndcg([1], set())


LIKED = Signal(reader="a", work=1, kind=SignalKind.FINISHED)
DISLIKED = Signal(reader="a", work=2, kind=SignalKind.RATED_LOW)


def test_a_reason_is_a_liked_work_that_speaks_for_it_or_there_is_none() -> None:
    signals = generated()
    links = {link.work: link for link in train(signals)}
    own = [Signal(reader="x", work=1, kind=SignalKind.FINISHED), DISLIKED]
    found = ranked(own, [links[1], links[2]], (), {work: 50 for work in range(WORKS)})
    assert {1, 2}.isdisjoint(one.work for one in found)
    assert {one.reason.work for one in found} <= {1, None}
    assert found[0].work < 20, "it is of the taste of both"
    only = ranked([DISLIKED], [links[2]], (), {work: 50 for work in range(WORKS)})
    assert only
    assert all(one.reason.popular for one in only)


def test_a_new_book_is_found_by_its_likeness_alone() -> None:
    alike = [Likeness(work=1, other=7, cosine=0.8), Likeness(work=1, other=8, cosine=0.1)]
    [found] = ranked([LIKED], (), alike)
    assert (found.work, found.reason) == (7, Reason(work=1, kind=SignalKind.FINISHED))
    assert ranked([DISLIKED], (), [Likeness(work=2, other=7, cosine=0.9)]) == []


def test_not_all_are_of_one_author_nor_for_one_reason() -> None:
    by_one = [Ranked(work=n, score=1 - n / 100, reason=Reason(work=1)) for n in range(8)]
    other = Ranked(work=50, score=0.7, reason=Reason(work=2))
    authors = {n: ("Ann",) for n in range(5)} | {n: (f"B{n}",) for n in range(5, 8)}
    chosen = diverse([*by_one, other], authors, 6)
    names = [authors.get(one.work, ("",))[0] for one in chosen]
    assert names.count("Ann") == MOST_OF_AUTHOR
    assert [one.work for one in chosen].index(50) < 4
