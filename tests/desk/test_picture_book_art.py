"""Pictures of others: uploaded, painted by an endpoint, moderated; judged alike, named in the book.

The endpoint is a stand-in that takes nothing but what OpenAI's reference says.
"""

import base64
import functools
import io
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from PIL import Image

from ebook_pipeline.assets import picture_book_files
from ebook_pipeline.assets.brief_context import brief_batch
from ebook_pipeline.assets.picture_books import BRIEF_CHAIN
from ebook_pipeline.books.picture_books.art import pixels
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.picture_books.stage_records import Illustrations, MadeBook
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize
from ebook_pipeline.books.printing.print_rules import Printer, rules_of
from ebook_pipeline.books.producing.interior import page_pdf
from ebook_pipeline.books.producing.native_pictures import cmyk_bytes
from ebook_pipeline.execution import Batch, Ended
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.picture_books import briefs
from ebook_pipeline.settings import Settings
from tests.support.desk_shop import DeskShop
from tests.support.servers.stand_in import StandIn, StandInHandler, serving

SIZE = pixels(TrimSize.LANDSCAPE_8_25_6)
BRIEF = {"seed": 3, "pages": 24, "trim": "8.25x6"}


def picture(width: int, height: int) -> bytes:
    """A gradient, which no two places have alike."""
    y, x = numpy.mgrid[0:height, 0:width]
    body = numpy.stack([x * 255 // width, y * 255 // height, (x + y) // 16 % 256], axis=2)
    out = io.BytesIO()
    Image.fromarray(body.astype("uint8")).save(out, "PNG", compress_level=1)
    return out.getvalue()


@functools.cache
def whole() -> bytes:
    """One that fits."""
    return picture(*SIZE)


def test_a_picture_that_does_not_fit_is_refused_with_what_to_do(shop: DeskShop) -> None:
    pat = shop.by("pat")
    key = pat.post("/api/v1/generate/books", json={"brief": BRIEF}).json()["key"]
    url, any_version = f"/api/v1/generate/art/{key}/7", {"If-Match": "*"}
    blank = io.BytesIO()
    Image.new("RGB", SIZE, "white").save(blank, "PNG")
    for body, words in (
        (picture(1024, 1024), "pixels"),
        (picture(SIZE[0] * 2, SIZE[1]), "another shape"),
        (blank.getvalue(), "nothing on"),
        (b"GIF89a", "can't be read"),
        (whole()[:5000], "can't be read"),
    ):
        answer = pat.put(url, content=body, headers=any_version)
        assert (answer.status_code, words in answer.text) == (422, True), answer.text
    too_long = pat.put(url, content=b"x" * (25 << 20), headers=any_version)
    assert too_long.status_code == 413
    given = pat.put(
        url, content=whole(), headers=any_version, params={"maker": "Lea", "ai": "none"}
    )
    assert (given.status_code, given.json()["art"]) == (200, [7])
    assert pat.put(url, content=whole(), headers={"If-Match": '"x"'}).status_code == 412
    assert shop.by("rob").put(url, content=whole(), headers=any_version).status_code == 404
    again = pat.post(f"/api/v1/generate/books/{key}/pages/7/again", headers=any_version)
    assert again.json()["art"] == []


def test_no_pixel_takes_more_ink_than_the_limit() -> None:
    inks = numpy.frombuffer(cmyk_bytes(Image.open(io.BytesIO(whole()))), dtype="uint8")
    assert inks.reshape(-1, 4).sum(axis=1, dtype="uint16").max() <= 2.4 * 255


class Endpoint(StandIn):
    """Paints one picture, whatever is asked; strict about how it is asked."""

    def __init__(self) -> None:
        super().__init__(_Endpoint)
        self.asked: list[dict[str, Any]] = []
        self.painted, self.status, self.flagged = whole(), 200, False

    @property
    def base(self) -> str:
        return f"{self.url}/v1"


class _Endpoint(StandInHandler):
    server: Endpoint

    def asked(self) -> None:
        question = json.loads(self.received())
        self.server.asked.append(question)
        if self.path == "/v1/images/generations":
            good = set(question) == {"model", "prompt", "n", "size", "response_format"}
            good &= question["n"] == 1 and question["response_format"] == "b64_json"
            made = {"b64_json": base64.b64encode(self.server.painted).decode()}
            answer: dict[str, Any] = {"created": 1, "data": [made]}
        else:
            good = self.path == "/v1/moderations" and set(question) == {"model", "input"}
            good &= [part["type"] for part in question["input"]] == ["text", "image_url"]
            answer = {"id": "m", "model": "m", "results": [{"flagged": self.server.flagged}]}
        self.answer(self.server.status if good else 400, json.dumps(answer).encode())


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as server:
        yield server


def run(resources: Resources, key: str) -> Outcome:
    context = brief_batch(resources, lambda _: None, str(uuid.uuid4()))
    left_out = {stage.name for stage in picture_book_files.STAGES} | {"book_submission"}
    selected = [name for name in BRIEF_CHAIN.names if name not in left_out]
    events = list(Batch(BRIEF_CHAIN, context, [key], selected=selected))
    return next(event.outcome for event in events if isinstance(event, Ended))


@pytest.mark.prove
def test_a_model_paints_by_the_same_prompts_and_is_named(
    tmp_path: Path, database: Database, endpoint: Endpoint
) -> None:
    settings = Settings(
        home=tmp_path, llm_url=endpoint.base, picture_model="brush", moderation_model="judge",
        keep_trying_seconds=0,
    )  # fmt: skip
    resources = Resources(settings, database=database)
    records = RecordStore(resources.object_store)
    key = f"painted-{uuid.uuid4().hex[:8]}"
    briefs.order(database, key, Brief.model_validate(BRIEF), actor="pipeline")
    endpoint.status = 503
    assert run(resources, key) is Outcome.FAILED
    endpoint.status, endpoint.flagged = 200, True
    assert run(resources, key) is Outcome.REJECTED
    endpoint.flagged, endpoint.painted = False, picture(512, 512)
    assert run(resources, key) is Outcome.REJECTED
    refused = records.read("illustrations", key, 1, Illustrations)
    assert refused is not None
    assert {one.rule for one in refused.findings} == {"art.low-resolution"}

    endpoint.painted = whole()
    briefs.draw_again(database, key, 3, actor="pipeline")
    other = Brief.model_validate(BRIEF | {"seed": 4})
    briefs.change(database, key, other, actor="pipeline")
    endpoint.asked.clear()
    assert run(resources, key) is Outcome.DONE
    painted = [one for one in endpoint.asked if "prompt" in one]
    assert len(painted) == 21
    assert {one["size"] for one in painted} == {f"{SIZE[0]}x{SIZE[1]}"}
    assert all("always wearing" in one["prompt"] for one in painted)
    endpoint.asked.clear()
    briefs.make_again(database, key, actor="pipeline")
    assert run(resources, key) is Outcome.DONE
    assert endpoint.asked == []

    made = records.read("picture_book", key, 1, MadeBook)
    assert made is not None
    with resources.object_store.open(made.book) as stream:
        book = PictureBook.model_validate_json(stream.read())
    credit = next(one for one in book.credits if one.part == "pictures")
    assert (credit.ai, credit.model.startswith("brush@")) == ("generated", True)
    assert "<image" in book.pages[4].colour
    assert "<image" not in book.pages[4].line_art
    pdf = page_pdf(book, book.pages[4], rules_of(Printer.KDP_PAPERBACK))
    assert b"DeviceCMYK" in pdf
    assert b"DeviceRGB" not in pdf
