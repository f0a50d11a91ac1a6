"""A home for a measurement: in a temporary folder, on free ports, gone afterwards."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.settings import Settings


@contextmanager
def temporary_home() -> Iterator[Stack]:
    """The services of a home that is empty and not started yet; they are stopped with the block.

    Commands that this process starts meanwhile find the home in their environment.
    """
    for name in [name for name in os.environ if name.startswith(("EBOOK_", "DAGSTER_"))]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="ebooks-benchmark-") as folder:
        ports = {f"EBOOK_{name}_PORT": str(free_port()) for name in ("WEB", "EDGE", "DESK")}
        os.environ.update({"EBOOK_HOME": folder, **ports})
        stack = Stack(Settings())
        try:
            yield stack
        finally:
            stack.down()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
