"""A process' family: whom threads started too, without those that have ended."""

import contextlib
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ebook_pipeline.tools import process_family
from ebook_pipeline.tools.process_family import family

_TREE = """
import subprocess, threading, time
def start(): subprocess.Popen(["sleep", "60"]); time.sleep(60)
threading.Thread(target=start, daemon=True).start()
child = subprocess.Popen(["sh", "-c", "sleep 60 & wait"])
print(flush=True)
child.wait()
"""


def test_family_is_what_psutil_finds_among_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", _TREE], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        root = psutil.Process(process.pid)
        while len(root.children(recursive=True)) < 3:
            assert process.poll() is None
        listed = family(root)
        monkeypatch.setattr(process_family, "_OWN_CHILDREN", Path("/none"))
        looked_up = family(root)
        for member in reversed(listed):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
    assert listed[0] == root
    assert set(listed) == set(looked_up)
    assert len(listed) == len(looked_up)
    monkeypatch.undo()
    assert family(root) == [root]
