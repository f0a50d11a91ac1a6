"""What becomes of files that are sent: submissions of their jobs, within quotas, once."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from tests.support.desk_uploads import BODY, TUS, Sender, encoded, sender, sending
from tests.support.servers.postgres import rows

__all__ = ["sender"]


def test_a_file_that_was_sent_whole_is_submitted_as_its_job_says(sender: Sender) -> None:
    job = sender.job(title="Emma", authors=["Jane Austen"], price="9.99 EUR")
    answer = sender.sent(job)
    assert answer.status_code == 204
    assert answer.headers["Upload-Offset"] == str(len(BODY))
    assert sender.landed() == {f"press/uploads/{job}/emma.epub": BODY}
    found = rows(
        sender.desk.database, "SELECT book, origin, actor, claims ->> 'title' FROM submission"
    )
    assert found == [("press-emma", "http", "desk:una", "Emma")]
    state = sender.state(job)
    assert (state["state"], state["book"], state["queue_place"]) == ("received", "press-emma", 1)
    assert state["file"]["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert sender.hidden() == []


def test_whom_a_job_names_is_named_beside_the_file_and_in_its_submission(sender: Sender) -> None:
    said: dict[str, Any] = {
        "subtitle": "A New Translation",
        "contributors": [{"name": "Edith Grossman", "roles": ["trl", "A15"]}],
    }
    job = sender.job(**said)
    assert sender.state(job)["metadata"] == said
    sender.sent(job)
    folder = sender.desk.context.settings.root / "landing" / "press" / "uploads" / job
    assert json.loads((folder / "emma.epub.json").read_text()) == said
    [(claims,)] = rows(sender.desk.database, "SELECT claims FROM submission")
    assert claims["subtitle"] == said["subtitle"]
    assert claims["contributors"] == [{**said["contributors"][0], "file_as": None}]


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "../emma.epub", "a/b.epub", "a\\b.epub", ".hidden.epub", "emma.json",
        "emma.epub.part", "e\x00.epub", "e\n.epub", "cod\u202eepub.exe", "x" * 300, "Thumbs.db",
    ],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(sender: Sender, name: str) -> None:
    answer = sender.begin(sender.job(), name=name)
    assert (answer.status_code, answer.json()["code"]) == (422, "upload.name")
    assert sender.hidden() == []


def test_a_name_in_any_script_is_kept(sender: Sender) -> None:
    job = sender.job()
    assert sender.sent(job, name="Эмма 1 (новая).epub").status_code == 204
    assert list(sender.landed()) == [f"press/uploads/{job}/Эмма 1 (новая).epub"]


def test_a_file_that_says_to_be_no_manuscript_is_refused(sender: Sender) -> None:
    about = encoded(job=sender.job(), filename="emma.epub", filetype="video/mp4")
    answer = sender.begin("", **{"Upload-Metadata": about})
    assert answer.json()["code"] == "upload.media-type"


def test_another_sha256_than_was_promised_refuses_the_file(sender: Sender) -> None:
    job = sender.job()
    about = encoded(job=job, filename="emma.epub", sha256=hashlib.sha256(b"other").hexdigest())
    url = sender.begin(job, **{"Upload-Metadata": about}).headers["Location"]
    answer = sender.patch(url, 0, BODY)
    assert (answer.status_code, answer.json()["code"]) == (422, "upload.other-bytes")
    state = sender.state(job)
    assert (state["state"], state["findings"][0]["rule"]) == ("refused", "upload.other-bytes")
    assert (sender.landed(), sender.hidden()) == ({}, [])


def test_whoever_begins_anew_ends_what_was_unfinished(sender: Sender) -> None:
    job = sender.job()
    first, second = sender.begun(job), sender.begun(job)
    assert sender.patch(first, 0, BODY).status_code == 410
    assert sender.patch(second, 0, BODY).status_code == 204
    assert sender.begin(job).status_code == 409
    assert sender.client.delete(second, headers=TUS).status_code == 409


def test_an_unfinished_upload_expires(sender: Sender) -> None:
    job = sender.job()
    url = sender.begun(job)
    assert "GMT" in sender.patch(url, 0, BODY[:1000]).headers["Upload-Expires"]
    with sender.desk.database.begin() as connection:
        connection.exec_driver_sql("UPDATE upload SET expires_at = now() - interval '1 second'")
    assert sender.patch(url, 1000, BODY[1000:]).status_code == 410
    sender.desk.app.state.ingestion.turn()
    assert sender.hidden() == []
    assert sender.state(job)["reason"] == "The upload was not finished in time."


def test_bytes_that_nobody_knows_of_are_discarded(sender: Sender) -> None:
    job = sender.job()
    sender.begun(job)
    folder = sender.desk.context.settings.root / "landing" / ".uploads"
    (folder / "a").write_bytes(b"left")
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    sender.desk.app.state.ingestion.turn()
    assert len(sender.hidden()) == 1


def test_the_same_file_twice_is_one_book(sender: Sender) -> None:
    first, second = sender.job(title="Emma"), sender.job(title="Emma again")
    assert sender.sent(first, name="emma.epub").status_code == 204
    assert sender.sent(second, name="copy of emma.epub").status_code == 204
    assert rows(sender.desk.database, "SELECT book FROM submission") == [("press-emma",)]
    assert sender.state(second)["book"] == "press-emma"
    assert len(sender.landed()) == 1


def test_two_files_of_one_name_are_two_books(sender: Sender) -> None:
    for number in range(4):
        body = BODY[number:]
        assert sender.sent(sender.job(), body, "manuscript.docx").status_code == 204
    books = {book for (book,) in rows(sender.desk.database, "SELECT id FROM book")}
    assert len(books) == 4
    assert all(book.startswith("press-manuscript") and len(book) < 40 for book in books)


def test_another_accounts_upload_is_not_there(sender: Sender) -> None:
    url = sender.begun(sender.job())
    other = Sender(sender.desk.person("ola", Role.AUTHOR, "other"), sender.desk)
    reader = Sender(sender.desk.person("rea", Role.READER, "press"), sender.desk)
    for stranger in (other, reader, Sender(sender.desk.nobody(), sender.desk)):
        assert stranger.patch(url, 0, BODY).status_code in (401, 403, 404)
        assert stranger.client.head(url, headers=TUS).status_code in (401, 403, 404)
        assert stranger.client.delete(url, headers=TUS).status_code in (401, 403, 404)
    for unknown in ("a" * 26, "A" * 26, "x", "%2e%2e%2f", "'--"):
        assert sender.patch(f"/api/v1/uploads/{unknown}", 0, BODY).status_code == 404
    assert sender.offset(url) == 0


def test_a_file_for_another_accounts_job_is_refused(sender: Sender) -> None:
    job = sender.job()
    other = Sender(sender.desk.person("ola", Role.AUTHOR, "other"), sender.desk)
    assert other.begin(job).status_code == 404
    assert sender.begin("a" * 26).status_code == 404


def test_a_day_has_so_many_files_and_bytes(database: Database, tmp_path: Path) -> None:
    with sending(database, tmp_path, upload_files_per_day=2) as sender:
        for _ in range(2):
            sender.begun(sender.job())
        answer = sender.begin(sender.job())
        assert (answer.status_code, answer.json()["code"]) == (429, "quota-used-up")
        assert 0 < int(answer.headers["Retry-After"]) <= 86_401
    with sending(database, tmp_path, upload_gigabytes_per_day=0.001) as sender:
        assert sender.begin(sender.job(), 1 << 19).status_code == 429


def test_a_full_disk_is_said_and_nothing_is_lost(sender: Sender) -> None:
    url = sender.begun(sender.job())
    sender.patch(url, 0, BODY[:1000])
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch("os.pwrite", side_effect=full):
        answer = sender.patch(url, 1000, BODY[1000:])
    assert (answer.status_code, answer.json()["code"]) == (507, "store-full")
    assert sender.offset(url) == 1000
    assert sender.patch(url, 1000, BODY[1000:]).status_code == 204
    assert list(sender.landed().values()) == [BODY]


def test_a_job_that_was_cancelled_takes_no_file(sender: Sender) -> None:
    job = sender.job()
    url = sender.begun(job)
    etag = sender.client.get(f"/api/v1/jobs/{job}").headers["ETag"]
    answer = sender.client.delete(f"/api/v1/jobs/{job}", headers={"If-Match": etag})
    assert answer.status_code == 204, answer.text
    assert sender.patch(url, 0, BODY).status_code == 410
    assert sender.begin(job).status_code == 409
    assert sender.state(job)["state"] == "cancelled"
    assert sender.hidden() == []


def test_a_file_goes_directly_nowhere_on_one_machine(sender: Sender) -> None:
    job = sender.job()
    asked = {"filename": "emma.epub", "length": 10}
    answer = sender.client.post(f"/api/v1/jobs/{job}/direct-uploads", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "no-direct-upload")


@pytest.mark.prove
@pytest.mark.parametrize(
    "step", ["complete", "land", "submit", "mark"], ids=lambda step: f"before {step}"
)
def test_what_was_whole_is_landed_once_whatever_was_killed(sender: Sender, step: str) -> None:
    """A kill before each step of landing: the next turn goes on."""
    ingestion = sender.desk.app.state.ingestion
    places = {
        "complete": (ingestion.store, "complete"),
        "land": (ingestion.store, "land"),
        "submit": (ingestion.landing, "_submit"),
        "mark": (ingestion.landing, "_landed"),
    }
    job = sender.job(title="Emma")
    with mock.patch.object(*places[step], side_effect=KeyboardInterrupt):
        url = sender.begun(job)
        with pytest.raises(BaseException):  # noqa: B017 - as a kill is
            ingestion.landing.land(_whole(sender, url))
    with sender.desk.database.begin() as connection:
        connection.exec_driver_sql("UPDATE upload SET moved_at = now() - interval '1 hour'")
    ingestion.turn()
    ingestion.turn()
    found = rows(sender.desk.database, "SELECT book, claims ->> 'title' FROM submission")
    assert found == [("press-emma", "Emma")]
    assert list(sender.landed().values()) == [BODY]
    assert sender.state(job)["state"] == "received"


def _whole(sender: Sender, url: str) -> str:
    """An upload with all its bytes, that nobody has landed."""
    ingestion = sender.desk.app.state.ingestion
    with mock.patch.object(ingestion.receiver, "land", side_effect=_as_it_is):
        assert sender.patch(url, 0, BODY).status_code == 204
    return url.rpartition("/")[2]


async def _as_it_is(upload: Any) -> Any:
    return upload
