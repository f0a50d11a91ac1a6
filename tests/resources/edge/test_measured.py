"""What the edge tells Prometheus of its answers, to whom, and what it keeps to itself."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from ebook_pipeline.resources.edge.measured import Measured
from ebook_pipeline.resources.edge.origin import OriginFolder, signer
from ebook_pipeline.resources.edge.server import application

TOKEN = "t" * 40
BODY = b"a cover" * 1000


@pytest.fixture
def edge(tmp_path: Path) -> TestClient:
    origin, urls = OriginFolder(tmp_path / "edge"), signer(tmp_path / "secret")
    (tmp_path / "source").write_bytes(BODY)
    for path in ("public/books/emma/cover.jpg", "books/emma/1/emma.epub"):
        origin.put(path, tmp_path / "source", "image/jpeg")
    client = TestClient(Measured(application(origin, urls), TOKEN))
    signed = f"/books/emma/1/emma.epub?{urls.query('books/emma/1/emma.epub', 60)}"
    for path in ("/public/books/emma/cover.jpg", signed, "/books/emma/1/emma.epub", "/p/nothing"):
        client.get(path, follow_redirects=False)
    return client


def test_answers_seconds_and_bytes_are_counted_by_kind(edge: TestClient) -> None:
    told = edge.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(told.text)
        for sample in family.samples
    }
    answered = {kind: value for kind, value in samples.items() if "answers_total" in kind[0]}
    assert answered == {
        ("ebooks_edge_answers_total", "200", "public"): 1,
        ("ebooks_edge_answers_total", "200", "signed"): 1,
        ("ebooks_edge_answers_total", "403", "signed"): 1,
        ("ebooks_edge_answers_total", "404", "short"): 1,
    }
    assert samples["ebooks_edge_sent_bytes_total", "public"] == len(BODY)
    assert samples["ebooks_edge_first_byte_seconds_count", "signed"] == 2
    assert told.headers["cache-control"] == "no-store"
    for word in ("emma", "Signature", "nothing"):
        assert word not in told.text


@pytest.mark.parametrize(
    "given", [None, "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer"]
)
def test_without_the_token_nothing_is_told(edge: TestClient, given: str | None) -> None:
    answer = edge.get("/metrics", headers={"Authorization": given} if given else {})
    assert (answer.status_code, "ebooks_edge" in answer.text) == (401, False)
