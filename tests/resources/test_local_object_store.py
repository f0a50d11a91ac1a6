"""What only an object store of files has: leftovers, rights, sidecars, a full disk."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import ServiceError, Unavailable
from ebook_pipeline.resources.object_store import LocalObjectStore
from tests.support.object_stores import BODY, LocalCase

_KILLED = """
import os, pathlib, sys
from ebook_pipeline.resources.object_store import LocalObjectStore
root, kill_at = pathlib.Path(sys.argv[1]), int(sys.argv[2])
calls, replace = [], pathlib.Path.replace
def dying(self, target):
    calls.append(target)
    if len(calls) == kill_at:
        os._exit(9)
    return replace(self, target)
pathlib.Path.replace = dying
if kill_at < 3:
    LocalObjectStore(root).put(b"never seen", "text/plain")
calls[:] = [1, 2]
LocalObjectStore(root).write("never-seen.json", b"1")
"""


class TestOnDisk:
    """What only files have: leftovers, rights, sidecars."""

    def test_a_blob_is_read_only_and_has_a_sidecar(self, tmp_path: Path) -> None:
        case = LocalCase(tmp_path)
        ref = case.store.put(BODY, "text/plain")
        assert case.blob(ref).stat().st_mode & 0o777 == 0o400
        sidecar = case.blob(ref).with_name(f"{ref.sha256}.json")
        assert BlobRef.model_validate_json(sidecar.read_bytes()) == ref

    def test_what_a_killed_writer_leaves_is_no_object(self, tmp_path: Path) -> None:
        case = LocalCase(tmp_path)
        for kill_at in (1, 2, 3):
            killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), str(kill_at)])
            assert killed.returncode == 9
        assert all(name.startswith(("tmp/", "blobs/")) for name in case.names())
        assert [name for name in case.names() if name.startswith("tmp/")] != []
        fresh = LocalObjectStore(tmp_path)
        assert list(fresh.keys("")) == []
        assert fresh.open(fresh.put(b"never seen", "text/plain")).read() == b"never seen"

    def test_leftovers_of_yesterday_are_swept(self, tmp_path: Path) -> None:
        (tmp_path / "tmp").mkdir()
        for name, age in (("old.tmp", 2 * 86400), ("new.tmp", 60)):
            (tmp_path / "tmp" / name).touch()
            os.utime(tmp_path / "tmp" / name, (time.time() - age,) * 2)
        LocalObjectStore(tmp_path).put(BODY, "text/plain")
        assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["new.tmp"]

    def test_nothing_stays_in_the_scratch_folder(self, tmp_path: Path) -> None:
        store = LocalObjectStore(tmp_path)
        store.put(BODY, "text/plain")
        store.put(BODY, "text/plain")
        store.write("a.json", b"1")
        assert list((tmp_path / "tmp").iterdir()) == []

    def test_a_key_over_other_keys_is_refused(self, tmp_path: Path) -> None:
        store = LocalObjectStore(tmp_path)
        store.write("a/b.json", b"1")
        with pytest.raises(ServiceError, match="other documents"):
            store.write("a", b"1")

    def test_a_full_disk_is_worth_a_retry(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "fsync", _no_space)
        with pytest.raises(Unavailable):
            LocalObjectStore(tmp_path).put(BODY, "text/plain")


def _no_space(_handle: int) -> None:
    raise OSError(28, "No space left on device")
