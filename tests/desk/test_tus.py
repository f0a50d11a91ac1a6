"""The protocol by which files come, tus 1.0: https://tus.io/protocols/resumable-upload"""

import hashlib
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from tests.support.desk_uploads import BODY, TUS, Sender, checksum, encoded, sender
from tests.support.servers.desk_server import desk_server

__all__ = ["sender"]

AUTHOR = Role.AUTHOR


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
