"""The pictures of the web UI."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from ebook_pipeline.assets.charts import report_png
from ebook_pipeline.assets.score_chart import scores_png
from ebook_pipeline.books.records import QualityReport, Score, Verdict

ENDED = {"released": 200, "rejected": 3, "needs_review": 2, "failed": 1}
SECONDS = {f"stage_{number}": 0.1 * number for number in range(9)}


def report(**values: float) -> QualityReport:
    scores = tuple(Score(dimension=name, value=value) for name, value in values.items())
    return QualityReport(verdict=Verdict.PASS, scores=scores, policy="policy-1")


GOOD = report(spelling=0.99, images=0.5, typography=0.0, plausibility=1.0)


@pytest.mark.parametrize("one", [GOOD, report()])
def test_scores_are_a_small_picture(one: QualityReport) -> None:
    assert shape(scores_png(one)) == 480


@pytest.mark.parametrize(("ended", "seconds"), [(ENDED, SECONDS), ({}, {})])
def test_a_report_is_a_small_picture(ended: dict[str, int], seconds: dict[str, float]) -> None:
    assert shape(report_png(ended, seconds)) == 960


def shape(png: bytes) -> int:
    assert len(png) < 15_000
    with Image.open(io.BytesIO(png)) as picture:
        picture.load()
        return picture.width


def test_threads_draw_the_same_picture() -> None:
    with ThreadPoolExecutor(4) as pool:
        pictures = set(pool.map(scores_png, [GOOD] * 8))
    assert pictures == {scores_png(GOOD)}


def test_a_better_score_is_a_longer_bar() -> None:
    def coloured(value: float) -> int:
        with Image.open(io.BytesIO(scores_png(report(spelling=value)))) as picture:
            pixels = np.asarray(picture.convert("RGB"), int)
        return int(np.count_nonzero(np.ptp(pixels, axis=2) > 60))

    assert coloured(0.95) > coloured(0.85) > coloured(0.0)
