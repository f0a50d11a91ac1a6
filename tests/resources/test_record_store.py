"""Whether very many records are whole, on a disk and over a network."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore


class CountingStore(LocalObjectStore):
    """Counts the questions for blobs."""

    asked = 0

    def exists(self, ref: BlobRef) -> bool:
        self.asked += 1
        return super().exists(ref)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path)


@pytest.fixture
def items(store: CountingStore) -> dict[str, tuple[BlobRef, ...]]:
    kept = store.put(b"a cover", "image/png")
    return {f"book-{number}": (kept, kept) for number in range(100)}


@pytest.mark.parametrize(("far", "asked"), [(False, 200), (True, 32)])
def test_over_a_network_some_blobs_of_many_are_asked_for(
    store: CountingStore, items: dict[str, tuple[BlobRef, ...]], far: bool, asked: int
) -> None:
    store.far = far
    with ThreadPoolExecutor(1) as pool:
        assert RecordStore(store).whole(items, pool) == list(items)
    assert store.asked == asked


@pytest.mark.parametrize("far", [False, True])
def test_a_store_that_has_lost_many_is_asked_for_each(
    store: CountingStore, items: dict[str, tuple[BlobRef, ...]], far: bool
) -> None:
    store.far = far
    gone = BlobRef(sha256="0" * 64, length=1, media_type="text/plain")
    items |= {f"gone-{number}": (gone,) * 20 for number in range(100)}
    with ThreadPoolExecutor(1) as pool:
        found = RecordStore(store).whole(items, pool)
    assert found == [key for key in items if key.startswith("book-")]


def test_a_few_blobs_are_all_asked_for(
    store: CountingStore, items: dict[str, tuple[BlobRef, ...]]
) -> None:
    store.far = True
    few = {"book": items["book-1"], "gone": (BlobRef(sha256="0" * 64, length=1, media_type="x/y"),)}
    with ThreadPoolExecutor(1) as pool:
        assert RecordStore(store).whole(few, pool) == ["book"]
