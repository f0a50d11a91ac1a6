"""One home with running services; the samples go through the whole chain once."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.cli.stack import Stack
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Answer:
    """What a command said: its exit code, its standard output, its standard error."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output, every line of it as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def books(self) -> dict[str, dict[str, Any]]:
        return {book["book"]: book for book in self.objects}


@dataclass
class House:
    """A home of the pipeline, and its command line."""

    settings: Settings
    environment: dict[str, str]

    @property
    def resources(self) -> Resources:
        return Resources(self.settings)

    def ebooks(self, *words: object, **environment: str) -> Answer:
        argv = [sys.executable, "-m", "ebook_pipeline.cli", *map(str, words)]
        done = subprocess.run(
            argv, capture_output=True, text=True, env=self.environment | environment, timeout=280
        )
        return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    own = {
        "EBOOK_HOME": str(tmp_path_factory.mktemp("home")),
        "EBOOK_EDGE_PORT": str(free_port()),
        "EBOOK_WEB_PORT": str(free_port()),
        "USER": "eve",
    }
    before = dict(os.environ)
    os.environ.update(own)
    stack = Stack(Settings())
    stack.prepare()
    stack.start(stack.edge())
    yield House(Settings(), dict(os.environ))
    stack.down()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def ingested(house: House) -> Answer:
    """The answer of ingesting the four samples for the first time."""
    return house.ebooks("ingest", *samples(), "--json")


def samples() -> Sequence[Path]:
    return [*sorted(SAMPLES.glob("*.epub")), *sorted(SAMPLES.glob("*.pdf"))]
