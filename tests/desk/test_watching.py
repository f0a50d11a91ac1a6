"""Jobs watched over Server-Sent Events and WebSockets, from a real server."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import pytest
from sqlalchemy import text
from websockets.sync.client import connect
from websockets.typing import Origin

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.desk.progress.hub import CUT, Message, Watcher
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering.job_events import Watched
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.recording.journal import Journal
from tests.support.desk_uploads import BODY, TUS, encoded
from tests.support.servers.desk_server import DeskServer, desk_server
from tests.support.services.submissions import fetched

Told = tuple[str, str | None, dict[str, Any]]


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[DeskServer]:
    with desk_server(database, tmp_path) as started:
        yield started


@pytest.fixture
def author(server: DeskServer) -> Iterator[httpx.Client]:
    with server.client("una", Role.AUTHOR, "press") as client:
        yield client


def job_of(author: httpx.Client) -> str:
    return str(author.post("/api/v1/jobs", json={}).json()["id"])


def sent(author: httpx.Client, name: str = "emma.epub", body: bytes = BODY) -> str:
    """A job whose file has come."""
    job = job_of(author)
    headers = TUS | {
        "Upload-Length": str(len(body)),
        "Upload-Metadata": encoded(job=job, filename=name),
        "Content-Type": "application/offset+octet-stream",
    }
    answer = author.post("/api/v1/uploads", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return job


@contextmanager
def watching(client: httpx.Client, path: str, **headers: str) -> Iterator[Iterator[Told]]:
    with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        yield events(answer.iter_lines())


def events(lines: Iterator[str]) -> Iterator[Told]:
    """Name, id and data, as the standard has a browser read them."""
    fields: dict[str, str] = {}
    for line in lines:
        if line == "":
            if "data" in fields:
                yield fields["event"], fields.get("id"), json.loads(fields["data"])
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def work(server: DeskServer, book: str = "press-emma") -> None:
    """The book's first stage, as a run would tell of it."""
    journal = Journal(server.database)
    journal.started("run", book, 1, "raw_file")
    finding = {"rule": "r", "severity": "warning", "message": "m"}
    journal.record("run", book, 1, "raw_file", Outcome.DONE, 1.0, detail={"findings": [finding]})


def test_a_job_is_told_of_from_its_first_byte_to_its_stages(
    server: DeskServer, author: httpx.Client
) -> None:
    job = sent(author)
    with watching(author, f"/api/v1/jobs/{job}/events") as told:
        name, identity, standing = next(told)
        assert (name, standing["state"], standing["queue_place"]) == ("job", "received", 1)
        assert identity is not None
        submissions.take_edition(server.database, "press-emma", fetched("A"))
        work(server)
        happened = (one for one in told if one[0] != "job")
        heard = [next(happened) for _ in range(3)]
    assert [name for name, _, _ in heard[:3]] == [
        "edition.taken", "stage.started", "stage.finished",
    ]  # fmt: skip
    assert heard[1][2]["progress"] == {"stage": "raw_file", "number": 1, "of": 9, "percent": 0}
    assert heard[2][2]["data"]["findings"][0]["rule"] == "r"
    assert heard[2][2]["job"] == job


def test_what_comes_while_the_first_watcher_s_hub_begins_is_told(
    server: DeskServer, author: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen, may_listen = Database.listen, threading.Event()

    def slowly(*given: Any) -> Any:
        assert may_listen.wait(30)
        return listen(*given)

    monkeypatch.setattr(Database, "listen", slowly)
    job = sent(author)
    with watching(author, f"/api/v1/jobs/{job}/events") as told:
        next(told)
        submissions.take_edition(server.database, "press-emma", fetched("A"))
        may_listen.set()
        assert next(name for name, _, _ in told if name != "job") == "edition.taken"


def test_who_comes_again_misses_nothing_and_hears_nothing_twice(
    server: DeskServer, author: httpx.Client
) -> None:
    job = sent(author)
    path = f"/api/v1/jobs/{job}/events"
    with watching(author, path) as told:
        _, last, _ = next(told)
    submissions.take_edition(server.database, "press-emma", fetched("A"))
    for _ in range(20):
        work(server)
    heard: list[Told] = []
    while len(heard) < 41:
        with watching(author, path, **{"Last-Event-ID": str(last)}) as told:
            for one in told:
                if one[0] == "job":
                    break
                heard.append(one)
                last = one[1]
                if len(heard) % 7 == 0:
                    break
    ids = [int(str(identity)) for _, identity, _ in heard]
    assert ids == sorted(set(ids))
    assert [name for name, _, _ in heard].count("stage.finished") == 20


def test_bytes_that_come_are_told_of(server: DeskServer, author: httpx.Client) -> None:
    job = job_of(author)
    with watching(author, f"/api/v1/jobs/{job}/events") as told:
        assert next(told)[2]["state"] == "waiting_for_file"
        about = {"Upload-Length": "400", "Upload-Metadata": encoded(job=job, filename="a.epub")}
        url = author.post("/api/v1/uploads", headers=TUS | about).headers["Location"]
        headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        author.patch(url, content=bytes(100), headers=TUS | headers)
        percents = []
        while 25 not in percents:
            percents.append(next(told)[2]["percent"])


def test_whoever_waits_is_told_the_place_in_the_queue(
    server: DeskServer, author: httpx.Client
) -> None:
    sent(author)
    second = sent(author, "second.epub", BODY[1:])
    with watching(author, f"/api/v1/jobs/{second}/events") as told:
        assert next(told)[2]["queue_place"] == 2
        submissions.take_edition(server.database, "press-emma", fetched("A"))
        assert next(told)[2]["queue_place"] == 1


def test_all_jobs_of_an_account_are_watched_and_no_others(
    server: DeskServer, author: httpx.Client
) -> None:
    with (
        server.client("ola", Role.AUTHOR, "other") as other,
        watching(other, "/api/v1/events") as strange,
        watching(author, "/api/v1/events") as told,
    ):
        job = sent(author)
        heard: list[Told] = []
        while not any(name == "submission.received" for name, _, _ in heard):
            heard.append(next(told))
        assert {data.get("job", data.get("id")) for _, _, data in heard} == {job}
        theirs = sent(other, "other.epub")
        _, _, data = next(strange)
        assert data.get("job", data.get("id")) == theirs


@pytest.mark.parametrize("last", ["x", "-1", "9" * 30, "1.5"])
def test_an_id_that_is_none_is_refused(server: DeskServer, author: httpx.Client, last: str) -> None:
    path = f"/api/v1/jobs/{job_of(author)}/events"
    answer = author.get(path, headers={"Last-Event-ID": last})
    assert answer.status_code in (400, 422)


def test_an_id_of_the_future_begins_now(server: DeskServer, author: httpx.Client) -> None:
    path = f"/api/v1/jobs/{sent(author)}/events"
    with watching(author, path, **{"Last-Event-ID": "999999999"}) as told:
        assert next(told)[0] == "job"


def test_strangers_watch_nothing(server: DeskServer, author: httpx.Client) -> None:
    path = f"/api/v1/jobs/{job_of(author)}/events"
    assert httpx.get(server.url + path).status_code == 401
    with server.client("ola", Role.AUTHOR, "other") as other:
        assert other.get(path).status_code == 404
        assert other.get("/api/v1/jobs/" + "a" * 26 + "/events").status_code == 404


def test_a_session_that_ends_ends_what_it_watches(database: Database, tmp_path: Path) -> None:
    with (
        desk_server(database, tmp_path) as server,
        server.client("una", Role.AUTHOR, "press") as author,
        mock.patch("ebook_pipeline.desk.routes.watching.HEARTBEAT_SECONDS", 0.05),
        watching(author, f"/api/v1/jobs/{job_of(author)}/events") as told,
    ):
        next(told)
        with database.begin() as connection:
            connection.execute(text("DELETE FROM session"))
        assert next(told)[0] == "end"
        assert list(told) == []


def test_a_person_has_so_many_streams(database: Database, tmp_path: Path) -> None:
    with (
        desk_server(database, tmp_path, watchers_per_person=1) as server,
        server.client("una", Role.AUTHOR, "press") as author,
    ):
        with watching(author, "/api/v1/events"):
            answer = author.get("/api/v1/events")
            assert (answer.status_code, answer.json()["code"]) == (429, "too-many-watchers")
        while server.ingestion.hub.watchers:
            pass
        with watching(author, "/api/v1/events"):
            pass


def test_a_watcher_that_takes_too_little_is_cut() -> None:
    async def slow() -> list[Message]:
        watcher = Watcher(Watched(job="a"), "una", asyncio.get_running_loop())
        for number in range(1000):
            watcher.offer([Message("x", "{}", number)])
        return [watcher.messages.get_nowait() for _ in range(watcher.messages.qsize())]

    queued = asyncio.run(slow())
    assert len(queued) == 257
    assert queued[-1] is CUT


def test_a_lost_connection_to_the_database_loses_no_event(
    server: DeskServer, author: httpx.Client
) -> None:
    job = sent(author)
    with watching(author, f"/api/v1/jobs/{job}/events") as told:
        next(told)
        with server.database.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            )
        submissions.take_edition(server.database, "press-emma", fetched("A"))
        assert next(one for one in told if one[0] != "job")[0] == "edition.taken"


def test_a_websocket_says_the_same(server: DeskServer, author: httpx.Client) -> None:
    job = sent(author)
    address = server.url.replace("http", "ws") + f"/api/v1/jobs/{job}/ws"
    cookie = {"Cookie": author.headers["Cookie"]}
    with connect(address, origin=Origin(server.url), additional_headers=cookie) as socket:
        standing = json.loads(socket.recv())
        assert (standing["name"], standing["data"]["state"]) == ("job", "received")
        submissions.take_edition(server.database, "press-emma", fetched("A"))
        names = [json.loads(socket.recv())["name"]]
        while "edition.taken" not in names:
            names.append(json.loads(socket.recv())["name"])
    while server.ingestion.hub.watchers:
        pass


def test_a_websocket_of_a_foreign_page_is_refused(server: DeskServer, author: httpx.Client) -> None:
    address = server.url.replace("http", "ws") + f"/api/v1/jobs/{sent(author)}/ws"
    cookie = {"Cookie": author.headers["Cookie"]}
    attempts: list[tuple[str, dict[str, str]]]
    attempts = [("http://evil.example", cookie), (server.url, {})]
    for origin, headers in attempts:
        with pytest.raises(Exception, match=r"HTTP 40[13]"):
            connect(address, origin=Origin(origin), additional_headers=headers)
