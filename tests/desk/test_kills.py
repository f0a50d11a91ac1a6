"""The desk is killed (-9) in the middle of what it does: all goes on, nothing is there twice."""

import asyncio
import base64
import contextlib
import hashlib
import random
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from ebook_pipeline.books.owning.accounts import HOUSE, Membership, Role
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.authorizing import families
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import queue
from ebook_pipeline.services.signing_in import passwords
from tests.support.corpus import THOROUGH
from tests.support.servers.dagster_server import wait_for
from tests.support.servers.desk_process import DeskProcess, desk_process
from tests.support.servers.postgres import rows
from tests.support.services.programs import code_for, proof, web_client
from tests.support.services.submissions import arrive

pytestmark = [pytest.mark.prove, pytest.mark.timeout(300)]
PASSWORD = "a long enough password"
UPLOADS, PEOPLE, PIECES = 100 if THOROUGH else 40, 10, 3
TUS = {"Tus-Resumable": "1.0.0"}


@contextmanager
def held(database: Database, *tables: str) -> Iterator[None]:
    """Nobody writes to these tables meanwhile: whose transaction wants to waits in its middle."""
    with database.begin() as connection:
        for table in tables:
            connection.exec_driver_sql(f"LOCK TABLE {table} IN SHARE MODE")
        yield


def sign_in(url: str) -> int:
    """The status of the form's answer, sent as a browser does."""
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as browser:
        page = browser.get("/sign-in").text
        (token,) = re.findall(r'name="csrf_token" value="(\w+)"', page)[:1]
        form = {"csrf_token": token, "name": "eve", "password": PASSWORD}
        return browser.post("/sign-in", data=form).status_code


def waiting_review(database: Database) -> int:
    edition = arrive(database)
    Journal(database).record(
        "run", edition.book, 1, "drm_package", Outcome.WAITING, 0.0, detail={"reason": "typos"}
    )
    [review] = queue.list_reviews(database, queue.QueueFilter(book="emma"))
    return review.task.id


def test_sign_in_refresh_and_decision_go_on_after_a_kill(
    database: Database, tmp_path: Path
) -> None:
    with database.begin() as connection:
        passwords.set_password(connection, "eve", PASSWORD)
    client = web_client(database)
    identity = (client.client.id, str(client.secret))
    grant = families.redeem(database, code_for(database, identity[0]), proof(identity[0]))
    review = waiting_review(database)
    with desk_process(database, tmp_path) as desk, ThreadPoolExecutor(3) as threads:
        operator = desk.headers("ann")
        sessions = rows(database, "SELECT count(*) FROM session")

        def refresh() -> httpx.Response:
            form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token}
            return httpx.post(f"{desk.url}/oauth/token", data=form, auth=identity, timeout=60)

        path = f"{desk.url}/api/v1/reviews/{review}"
        seen = {"If-Match": httpx.get(path, headers=operator, timeout=60).headers["ETag"]}

        def decide() -> httpx.Response:
            answer = {"approved": True, "note": "fine"}
            headers = operator | seen
            return httpx.post(f"{path}/decision", json=answer, headers=headers, timeout=60)

        with held(database, "audit", "refresh_token"):
            asked: list[Future[Any]] = [
                threads.submit(sign_in, desk.url), threads.submit(refresh), threads.submit(decide)
            ]  # fmt: skip
            desk.wait_until_blocked(3)
            desk.kill()
        assert all(isinstance(one.exception(60), httpx.TransportError) for one in asked)
        assert rows(database, "SELECT count(*) FROM session") == sessions
        desk.start()
        assert sign_in(desk.url) == 303
        assert refresh().status_code == 200
        assert decide().status_code == 200
        assert decide().status_code == 412
    assert rows(database, "SELECT count(*) FROM session WHERE person = 'eve'") == [(1,)]
    audited = "SELECT count(*) FROM audit WHERE action = :action"
    assert rows(database, audited, action="decide") == [(1,)]
    assert rows(database, audited, action="session.begin") == [(2,)]  # the operator's, and eve's
    assert rows(database, "SELECT count(*), count(used_at) FROM refresh_token") == [(2, 1)]
    assert rows(database, "SELECT count(*) FROM token_family WHERE ended_at IS NULL") == [(1,)]


@dataclass
class Uploader:
    """One of many who send a file each, and go on where it was after whatever ended it."""

    desk: DeskProcess
    client: httpx.AsyncClient
    headers: dict[str, str]
    body: bytes
    name: str
    acknowledged: "asyncio.Semaphore"

    async def send(self) -> str:
        """The job, once all bytes are acknowledged."""
        answer = await self._ask("POST", "/api/v1/jobs", json={"account": HOUSE})
        job = str(answer.json()["id"])
        about = f"job {encoded(job)},filename {encoded(self.name)}"
        begun = {"Upload-Length": str(len(self.body)), "Upload-Metadata": about}
        url = (await self._ask("POST", "/api/v1/uploads", headers=begun)).headers["Location"]
        offset = 0
        while offset < len(self.body):
            offset = await self._sent(url, offset)
            self.acknowledged.release()
        return job

    async def _sent(self, url: str, offset: int) -> int:
        """How far the upload is after one piece more, or as much of it as came."""
        headers = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
        }
        piece = self.body[offset : offset + len(self.body) // PIECES]
        try:
            answer = await self.client.patch(
                url, content=piece, headers=self.headers | TUS | headers
            )
            if answer.status_code == 204:
                return int(answer.headers["Upload-Offset"])
        except httpx.TransportError:
            pass
        return int((await self._ask("HEAD", url)).headers["Upload-Offset"])

    async def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        """The desk's answer, asked for again until there is one."""
        headers = self.headers | TUS | more.pop("headers", {})
        while True:
            with contextlib.suppress(httpx.TransportError):
                answer = await self.client.request(method, url, headers=headers, **more)
                if answer.is_success:
                    return answer
                assert answer.status_code in (423, 429, 503), answer.text
            await asyncio.sleep(0.2)


async def sent_by_all(desk: DeskProcess, bodies: dict[str, bytes]) -> list[str]:
    """The jobs of all `bodies`, sent at once; the desk is killed when a third has come."""
    acknowledged = asyncio.Semaphore(0)
    limits = httpx.Limits(max_connections=len(bodies))
    senders = [desk.headers(f"sender-{number}") for number in range(PEOPLE)]
    async with httpx.AsyncClient(base_url=desk.url, limits=limits, timeout=60) as client:
        uploaders = [
            Uploader(
                desk,
                client,
                senders[number % PEOPLE] | {"X-Forwarded-For": f"10.0.0.{number}"},
                body,
                name,
                acknowledged,
            )
            for number, (name, body) in enumerate(bodies.items())
        ]

        async def kill() -> None:
            for _ in range(len(bodies) * PIECES // 3):
                await acknowledged.acquire()
            await asyncio.to_thread(desk.kill)
            await asyncio.to_thread(desk.start)

        jobs = await asyncio.gather(*(one.send() for one in uploaders), kill())
    return [job for job in jobs if job is not None]


def test_of_many_uploads_at_once_a_kill_loses_none(database: Database, tmp_path: Path) -> None:
    chance = random.Random(1)
    bodies = {f"book-{number}.epub": chance.randbytes(200_001) for number in range(UPLOADS)}
    author = Membership(account=HOUSE, role=Role.AUTHOR)
    for number in range(PEOPLE):
        people.add(database, f"sender-{number}", author, actor="ann")
    with desk_process(database, tmp_path) as desk:
        jobs = asyncio.run(sent_by_all(desk, bodies))
        landed = "SELECT count(*) FROM submission"
        wait_for(lambda: rows(database, landed)[0][0], lambda count: count >= UPLOADS, 120)
    files = (tmp_path / "landing").rglob("uploads/*/*.epub")
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert digests == {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()}
    found = rows(database, "SELECT count(*), count(DISTINCT book) FROM submission")
    assert found == [(UPLOADS, UPLOADS)]
    states = rows(database, "SELECT job, state FROM upload WHERE state = 'landed'")
    assert {job for job, _ in states} == set(jobs)
    assert len(states) == UPLOADS


def test_of_several_processes_each_is_replaced_and_none_is_left(
    database: Database, tmp_path: Path
) -> None:
    with desk_process(database, tmp_path, processes=2) as desk:
        assert desk.process is not None
        keeper = psutil.Process(desk.process.pid)
        first = keeper.children()
        assert len(first) == 2
        first[0].kill()
        wait_for(keeper.children, lambda now: len(now) == 2 and first[0] not in now, 60)
        assert httpx.get(f"{desk.url}/readyz", timeout=60).status_code == 200
        left = keeper.children()
    _, alive = psutil.wait_procs(left, 30)
    assert alive == []


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
