"""Downloads that the edge counted become events of their hour, each file once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ebook_pipeline.books.measuring.downloads import DownloadCount, DownloadTally, What
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.edge.downloads import DownloadFolder
from ebook_pipeline.services.measuring.downloads import take_downloads
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

HOUR = datetime(2026, 11, 29, 23, tzinfo=UTC)
TOLD = "SELECT book, payload, at FROM outbox WHERE event = 'book.downloaded' ORDER BY id"


def count(book: str, what: What, times: int) -> DownloadCount:
    return DownloadCount(hour=HOUR, book=book, what=what, form="epub", times=times, bytes=9)


def test_counts_become_events_of_their_hour_once(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(database, "emma", "emma.epub")
    log = DownloadFolder(tmp_path / "counts")
    assert take_downloads(database, log) == 0
    log.add([count("emma", "book", 3), count("gone", "book", 1), count("emma", "excerpt", 2)])
    with monkeypatch.context() as patch:
        patch.setattr(DownloadFolder, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            take_downloads(database, log)
    log.add([])
    (tmp_path / "counts" / "damaged.json").write_text("{")
    assert take_downloads(database, log) == 0
    facts = {"form": "epub", "length": 9}
    assert rows(database, TOLD) == [
        ("emma", facts | {"what": "book", "times": 3}, HOUR),
        ("emma", facts | {"what": "excerpt", "times": 2}, HOUR),
    ]
    assert log.names() == []


def test_many_files_are_taken_until_the_time_is_up(database: Database, tmp_path: Path) -> None:
    arrive(database, "emma", "emma.epub")
    log = DownloadFolder(tmp_path / "counts")
    for _ in range(40):
        log.add([count("emma", "book", 1)])
    assert take_downloads(database, log, seconds=0) == 0
    assert take_downloads(database, log) == 40
    assert log.names() == []


def test_a_tally_holds_so_many_files_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebook_pipeline.books.measuring.downloads._MOST", 1)
    tally, at = DownloadTally(), datetime(2026, 11, 29, 23, 59, tzinfo=UTC)
    paths = [f"books/{name}/{'0' * 64}.epub" for name in ("emma", "emma", "persuasion")]
    assert [tally.add(path, at, 5, begun=True) for path in paths] == [True, True, False]
    assert not tally.add("books/emma/0.epub", at, 5, begun=True)
    assert tally.take() == (
        DownloadCount(hour=HOUR, book="emma", what="book", form="epub", times=2, bytes=10),
    )
    assert tally.take() == ()


def killed(*_: object) -> None:
    raise KeyboardInterrupt
