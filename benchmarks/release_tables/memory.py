"""A book of one gigabyte through the selling half on the AWS path: seconds, and the memory taken.

What the stages `drm_package` and `cdn_release` do with its bytes, each step in a process of its
own: out of the objects bucket, encrypted, back into it, to the edge's origin, and read back whole.
S3 is moto's server in another process, which is why no rate is told: its own is what one would see.
"""

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.frame import Options, Table, measured
from benchmarks.release_tables.protect import LARGE, _pictures
from ebook_pipeline.books.protecting.lcp import encryption, profiles
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import CloudFrontCdn
from ebook_pipeline.resources.object_store import S3ObjectStore

_REGION: Final = "eu-central-1"
_EPUB = "application/epub+zip"
_COLUMNS = ("step", "MB", "wall s", "CPU s", "at rest MB", "peak MB", "taken MB")


def table(options: Options) -> Table:
    """One row a step; `at rest` is what our process holds before, with its libraries."""
    folder = options.folder("memory")
    book, sold = folder / "book.epub", folder / "sold.epub"
    _pictures(book)
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with _s3() as url:
        name = f"memory-{uuid.uuid4().hex[:8]}"
        Aws(_REGION, url).s3().create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": _REGION}
        )
        rows = [
            _row("manuscript kept", _kept, url, name, book),
            _row("taken out and protected", _protected, url, name, book, sold),
            _row("protected book kept", _kept, url, name, sold),
            _row("released", _released, url, name, sold),
            _row("read back whole", _read_back, url, name, sold),
        ]
    for path in folder.iterdir():
        path.unlink()
    return Table(
        "A gigabyte on the AWS path",
        _COLUMNS,
        rows,
        "Memory is our process' own; no step takes it in proportion to the book.",
    )


def _row(step: str, work: Callable[..., None], *args: Any) -> tuple[str | float | int, ...]:
    done = measured(watched, work, *args)
    at_rest, peak = done.result
    return step, LARGE, done.wall, done.cpu, at_rest, peak, peak - at_rest


def watched(work: Callable[..., None], url: str, bucket: str, *args: Any) -> tuple[int, int]:
    """Do the work; megabytes at rest, with every client made, and at the peak."""
    store, cdn = S3ObjectStore(Aws(_REGION, url).s3(), bucket), _cdn(url, bucket)
    at_rest = _peak()
    work(store, cdn, *args)
    cdn.close()
    return at_rest, _peak()


def _kept(store: S3ObjectStore, _: CloudFrontCdn, book: Path) -> None:
    store.put(book, _EPUB)


def _protected(store: S3ObjectStore, _: CloudFrontCdn, book: Path, sold: Path) -> None:
    copy = store.fetch(_ref(book), sold.with_name("copy.epub"))
    encryption.protect(copy, sold, Secret(bytes(32)), profiles.BASIC)


def _released(_: S3ObjectStore, cdn: CloudFrontCdn, sold: Path) -> None:
    cdn.publish("public/sold.epub", sold, _EPUB)


def _read_back(store: S3ObjectStore, _: CloudFrontCdn, sold: Path) -> None:
    store.fetch(_ref(sold), sold.with_name("back.epub"))


def _ref(path: Path) -> BlobRef:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return BlobRef(sha256=digest, length=path.stat().st_size, media_type=_EPUB)


def _cdn(url: str, bucket: str) -> CloudFrontCdn:
    aws = Aws(_REGION, url)
    return CloudFrontCdn(
        s3=aws.s3(),
        cloudfront=aws.cloudfront(),
        bucket=bucket,
        distribution_id="E1",
        domain="edge.example",
        key_pair_id="K1",
        private_key=Secret(bytes(32)),
        base_url=f"{url}/{bucket}",
    )


def _peak() -> int:
    """Megabytes. `getrusage` would tell the peak of the process that started ours, where larger."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) >> 10


@contextlib.contextmanager
def _s3() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
