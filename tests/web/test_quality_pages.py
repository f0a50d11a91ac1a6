"""The editors' pages beside Dagster's."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.web.quality_pages import QualityPages


def page_of(book: str) -> bytes:
    if book != "emma":
        raise NotFound(f"nothing was judged of {book} yet")
    return b"<!DOCTYPE html><title>Quality of Emma</title>"


@pytest.fixture
def browser() -> TestClient:
    return TestClient(QualityPages(PlainTextResponse("Dagster"), page_of))


def test_a_books_page_is_shown(browser: TestClient) -> None:
    answer = browser.get("/quality/emma")
    assert (answer.status_code, "Quality of Emma" in answer.text) == (200, True)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"


def test_a_book_that_was_not_judged_is_not_found(browser: TestClient) -> None:
    assert browser.get("/quality/persuasion").status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/quality", "/quality/", "/quality/../emma", "/quality/A%2e"]
)
def test_everything_else_is_dagsters(browser: TestClient, path: str) -> None:
    assert browser.get(path).text == "Dagster"


def test_a_page_takes_nothing(browser: TestClient) -> None:
    assert browser.post("/quality/emma", json={}).status_code == 405
