"""Files by tus 1.0: https://tus.io/protocols/resumable-upload"""

import base64
import errno
import hashlib
import json
import os
import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from tests.support.desk import Desk, open_desk
from tests.support.servers.desk_server import desk_server
from tests.support.servers.postgres import rows

BODY = random.Random(3).randbytes(300_000)
TUS = {"Tus-Resumable": "1.0.0"}
Answer = Any
AUTHOR = Role.AUTHOR


def encoded(**pairs: str) -> str:
    """Upload-Metadata."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items()
    )


def checksum(algorithm: str, body: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, body).digest()).decode()}"


@dataclass
class Sender:
    """Somebody who sends files."""

    client: TestClient | httpx.Client
    desk: Desk

    def job(self, **metadata: Any) -> str:
        answer = self.client.post("/api/v1/jobs", json={"metadata": metadata})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def begin(
        self, job: str, length: int | str = len(BODY), name: str = "emma.epub", **headers: str
    ) -> Answer:
        about = encoded(job=job, filename=name)
        known = TUS | {"Upload-Length": str(length), "Upload-Metadata": about}
        return self.client.post("/api/v1/uploads", headers=known | headers)

    def begun(self, job: str, length: int = len(BODY), name: str = "emma.epub") -> str:
        answer = self.begin(job, length, name)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    def patch(self, url: str, offset: int, body: Any, **headers: str) -> Answer:
        own = TUS | {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        return self.client.patch(url, content=body, headers=own | headers)

    def offset(self, url: str) -> int:
        return int(self.client.head(url, headers=TUS).headers["Upload-Offset"])

    def sent(self, job: str, body: bytes = BODY, name: str = "emma.epub") -> Answer:
        return self.patch(self.begun(job, len(body), name), 0, body)

    def state(self, job: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/jobs/{job}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def landed(self) -> dict[str, bytes]:
        """What lies in the landing store, by key; sidecars apart."""
        landing = self.desk.context.settings.root / "landing"
        found = (path for path in landing.rglob("*") if path.is_file())
        return {
            str(path.relative_to(landing)): path.read_bytes()
            for path in found
            if ".uploads" not in path.parts and path.suffix != ".json"
        }

    def hidden(self) -> list[str]:
        folder = self.desk.context.settings.root / "landing" / ".uploads"
        return [path.name for path in folder.iterdir()] if folder.exists() else []


@contextmanager
def sending(database: Database, folder: Path, **settings: Any) -> Iterator[Sender]:
    with open_desk(database, home=folder, **settings) as desk:
        yield Sender(desk.person("una", Role.AUTHOR, "press"), desk)


@pytest.fixture
def sender(database: Database, tmp_path: Path) -> Iterator[Sender]:
    with sending(database, tmp_path) as made:
        yield made


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


def test_a_file_in_many_pieces_is_the_same_file(sender: Sender) -> None:
    job = sender.job()
    url = sender.begun(job)
    offset = 0
    for step in (1, 70_000, 99_999, 130_000):
        answer = sender.patch(url, offset, BODY[offset : offset + step])
        assert answer.status_code == 204
        offset += step
        assert sender.offset(url) == offset
    assert sender.landed() == {f"press/uploads/{job}/emma.epub": BODY}


def test_first_bytes_may_come_with_the_beginning(sender: Sender) -> None:
    job = sender.job()
    about = encoded(job=job, filename="emma.epub")
    headers = TUS | {
        "Upload-Length": str(len(BODY)),
        "Upload-Metadata": about,
        "Content-Type": "application/offset+octet-stream",
    }
    answer = sender.client.post("/api/v1/uploads", content=BODY[:1000], headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "1000")
    url = answer.headers["Location"]
    assert sender.patch(url, 1000, BODY[1000:]).status_code == 204
    assert list(sender.landed().values()) == [BODY]


def test_what_the_server_can_is_told_to_anybody(sender: Sender) -> None:
    answer = sender.desk.nobody().options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert "checksum" in answer.headers["Tus-Extension"]
    assert answer.headers["Tus-Max-Size"] == str(1 << 30)


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("-1", 400), ("1e3", 400), ("", 400), ("٣", 400), ("0x10", 400), (" 5 5", 400),
        ("99999999999999999999999", 400), (str((1 << 63) - 1), 400),
        (str(10**17), 422), (str((1 << 30) + 1), 422), ("0", 422),
    ],
)  # fmt: skip
def test_a_length_that_no_book_has_is_refused(sender: Sender, length: str, status: int) -> None:
    job = sender.job()
    headers = [(k.encode(), v.encode()) for k, v in TUS.items()]
    headers += [(b"Upload-Length", length.encode())]
    headers += [(b"Upload-Metadata", encoded(job=job, filename="emma.epub").encode())]
    answer = sender.client.post("/api/v1/uploads", headers=headers)
    assert answer.status_code == status
    assert sender.hidden() == []


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


@pytest.mark.parametrize(
    "metadata",
    ["filename", "filename !!!", "filename /w==", "a YQ==,a YQ==", "job", "x" * 9000],
)
def test_metadata_that_are_none_are_refused(sender: Sender, metadata: str) -> None:
    answer = sender.begin(sender.job(), **{"Upload-Metadata": metadata})
    assert answer.status_code in (400, 404, 422)
    assert answer.status_code != 500


def test_only_this_version_of_the_protocol_is_spoken(sender: Sender) -> None:
    url = sender.begun(sender.job())
    for version in ("0.9.0", "2.0.0", ""):
        answer = sender.patch(url, 0, b"x", **{"Tus-Resumable": version})
        assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    ("offset", "status"),
    [("1", 409), ("300000", 409), ("300001", 409), ("-1", 400), ("", 400), ("9" * 30, 400)],
)
def test_an_offset_that_is_another_one_is_refused(sender: Sender, offset: str, status: int) -> None:
    url = sender.begun(sender.job())
    assert sender.patch(url, 0, b"x", **{"Upload-Offset": offset}).status_code == status
    assert sender.offset(url) == 0


def test_another_body_type_is_refused(sender: Sender) -> None:
    url = sender.begun(sender.job())
    assert sender.patch(url, 0, b"x", **{"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_checksum_that_is_right_lets_bytes_pass(sender: Sender, algorithm: str) -> None:
    url = sender.begun(sender.job())
    told = {"Upload-Checksum": checksum(algorithm, BODY)}
    assert sender.patch(url, 0, BODY, **told).status_code == 204
    assert list(sender.landed().values()) == [BODY]


def test_bytes_of_another_checksum_are_not_kept(sender: Sender) -> None:
    url = sender.begun(sender.job())
    assert sender.patch(url, 0, BODY[:1000]).status_code == 204
    wrong = {"Upload-Checksum": checksum("sha256", b"other")}
    answer = sender.patch(url, 1000, bytes(5000), **wrong)
    assert (answer.status_code, answer.json()["code"]) == (460, "upload-checksum")
    assert sender.offset(url) == 1000
    assert sender.patch(url, 1000, BODY[1000:]).status_code == 204
    assert list(sender.landed().values()) == [BODY]


@pytest.mark.parametrize("told", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha256 !!", "sha1 AAAA"])
def test_a_checksum_that_is_none_is_refused(sender: Sender, told: str) -> None:
    url = sender.begun(sender.job())
    assert sender.patch(url, 0, BODY, **{"Upload-Checksum": told}).status_code == 400
    assert sender.offset(url) == 0


def test_more_bytes_than_were_said_are_not_taken(sender: Sender) -> None:
    url = sender.begun(sender.job(), 10)
    assert sender.patch(url, 0, b"12345678901").status_code == 413
    assert sender.offset(url) <= 10


def test_another_sha256_than_was_promised_refuses_the_file(sender: Sender) -> None:
    job = sender.job()
    about = encoded(job=job, filename="emma.epub", sha256=hashlib.sha256(b"other").hexdigest())
    url = sender.begin(job, **{"Upload-Metadata": about}).headers["Location"]
    answer = sender.patch(url, 0, BODY)
    assert (answer.status_code, answer.json()["code"]) == (422, "upload.other-bytes")
    state = sender.state(job)
    assert (state["state"], state["findings"][0]["rule"]) == ("refused", "upload.other-bytes")
    assert (sender.landed(), sender.hidden()) == ({}, [])


def test_an_upload_that_was_given_up_is_gone(sender: Sender) -> None:
    job = sender.job()
    url = sender.begun(job)
    sender.patch(url, 0, BODY[:1000])
    assert sender.client.delete(url, headers=TUS).status_code == 204
    assert sender.client.head(url, headers=TUS).status_code == 410
    assert sender.patch(url, 1000, BODY[1000:]).status_code == 410
    assert sender.hidden() == []
    assert sender.state(job)["state"] == "waiting_for_file"
    assert sender.sent(job).status_code == 204


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


def test_of_two_at_once_one_wins(database: Database, tmp_path: Path) -> None:
    with desk_server(database, tmp_path) as server, server.client("una", AUTHOR, "press") as una:
        sender = Sender(una, server)  # type: ignore[arg-type]
        job = sender.job()
        url = sender.begun(job)
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: sender.patch(url, 0, BODY).status_code, range(4)))
        assert sorted(answers)[0] == 204
        assert answers.count(204) == 1
        assert set(answers) <= {204, 409, 423}
        state = sender.state(job)
        assert state["file"]["sha256"] == hashlib.sha256(BODY).hexdigest()


@pytest.mark.prove
@pytest.mark.parametrize("cut", [0, 1, 65_535, 65_536, 262_144, 299_999])
def test_what_came_before_a_cut_is_kept(database: Database, tmp_path: Path, cut: int) -> None:
    with desk_server(database, tmp_path) as server, server.client("una", AUTHOR, "press") as una:
        sender = Sender(una, server)  # type: ignore[arg-type]
        url = sender.begun(sender.job())
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as raw:
            head = f"PATCH {url.removeprefix(server.url)} HTTP/1.1\r\nHost: {server.url[7:]}\r\n"
            own = {name: una.headers[name] for name in ("Cookie", "Origin", "X-CSRF-Token")}
            own |= TUS | {
                "Upload-Offset": "0",
                "Content-Type": "application/offset+octet-stream",
                "Content-Length": str(len(BODY)),
            }
            lines = "".join(f"{name}: {value}\r\n" for name, value in own.items())
            raw.sendall(f"{head}{lines}\r\n".encode() + BODY[:cut])
        status = 409
        while status == 409:  # the broken request may begin after the first question
            kept = sender.offset(url)
            assert kept <= cut
            status = sender.patch(url, kept, BODY[kept:]).status_code
        assert status == 204
        landing = tmp_path / "landing" / "press" / "uploads"
        assert [path.read_bytes() for path in landing.rglob("*.epub")] == [BODY]
