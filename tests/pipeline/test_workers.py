"""Workers that share Postgres and an S3 server: what a kill and restarts leave on sale, once."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.corpus import THOROUGH
from tests.support.paths import PROJECT

FAULTS = ("kill", "database", "s3")
WEED = shutil.which("weed", path=Path(sys.executable).parent)

pytestmark = [
    pytest.mark.prove,
    pytest.mark.browser,
    pytest.mark.skipif(not THOROUGH, reason="set THOROUGH: three minutes of CPU"),
    pytest.mark.skipif(WEED is None, reason="needs the group `servers`: servers.lock"),
]


@pytest.mark.timeout(2400)
def test_every_book_is_on_sale_once_though_a_worker_the_database_and_s3_fail() -> None:
    faults = [word for fault in FAULTS for word in ("--fault", fault)]
    asked = ("--workers", "2", "--books", "8", "--per-run", "2", *faults)
    argv = [sys.executable, "-m", "benchmarks.workers", *asked]
    done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "0 books too many, 0 doubled" in done.stdout
