"""Files sent to a desk by tus 1.0, and what then lies where."""

import base64
import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from tests.support.desk import Desk, open_desk

BODY = random.Random(3).randbytes(300_000)
TUS = {"Tus-Resumable": "1.0.0"}
Answer = Any


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
