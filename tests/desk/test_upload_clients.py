"""Other people's tus clients send to a desk that really listens, and is killed meanwhile."""

import json
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from resumable_upload import TusClient

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.resources.database import Database
from tests.support.paths import PROJECT
from tests.support.servers.desk_server import DeskServer, desk_server

pytestmark = pytest.mark.prove

JUDGES = PROJECT / "tests" / "judges"
BODY = random.Random(5).randbytes(1_500_000)
needs_tus_js = pytest.mark.skipif(
    not (JUDGES / "node_modules" / "tus-js-client").exists() or shutil.which("node") is None,
    reason="tus-js-client is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
)


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[DeskServer]:
    with desk_server(database, tmp_path / "home") as started:
        yield started


@pytest.fixture
def manuscript(tmp_path: Path) -> Path:
    path = tmp_path / "emma.epub"
    path.write_bytes(BODY)
    return path


def asked(server: DeskServer) -> tuple[str, dict[str, str]]:
    """A job, and what its author's browser sends with every request."""
    with server.client("una", Role.AUTHOR, "press") as author:
        job = author.post("/api/v1/jobs", json={"metadata": {"title": "Emma"}}).json()["id"]
        return job, {name: author.headers[name] for name in ("Cookie", "Origin", "X-CSRF-Token")}


def landed(server: DeskServer, job: str) -> bytes:
    landing = server.ingestion.context.settings.root / "landing"
    return (landing / "press" / "uploads" / job / "emma.epub").read_bytes()


@needs_tus_js
@pytest.mark.parametrize("cuts", [[], [1, 200_000, 700_001]], ids=["whole", "cut three times"])
def test_tus_js_client_sends_and_resumes(
    server: DeskServer, manuscript: Path, cuts: list[int]
) -> None:
    job, headers = asked(server)
    order: dict[str, Any] = {
        "endpoint": f"{server.url}/api/v1/uploads",
        "path": str(manuscript),
        "headers": headers,
        "metadata": {"job": job, "filename": "emma.epub"},
        "cuts": cuts,
    }
    answer = subprocess.run(
        ["node", "upload_file.js", json.dumps(order)],
        cwd=JUDGES,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["resumed"] == len(cuts)
    assert landed(server, job) == BODY


@pytest.mark.parametrize("checksum", ["sha1", "sha256", False])
def test_resumable_upload_sends_and_resumes(
    server: DeskServer, manuscript: Path, checksum: str | bool
) -> None:
    job, headers = asked(server)
    client = TusClient(
        f"{server.url}/api/v1/uploads", chunk_size=100_000, checksum=checksum, headers=headers
    )
    about = {"job": job, "filename": "emma.epub"}
    url = client.upload_file(str(manuscript), metadata=about, stop_at=650_000)
    assert client.get_upload_info(url)["offset"] >= 600_000
    client.resume_upload(str(manuscript), url)
    assert landed(server, job) == BODY
