"""What the worker's tests let run: importable by name in the child."""

import os
import socket
import struct
import sys

from ebook_pipeline.foundation.errors import ServiceError
from tests.support.sandbox_functions import number_outside

SHARED_BY_CALLS = ("ebook_pipeline.books.ingestion_metrics",)
SHARED_BY_STEPS = ("ebook_pipeline.books.boilerplate",)


def loaded() -> tuple[bool, bool]:
    """Whether this process has what its module's calls share, and what its steps do."""
    return SHARED_BY_CALLS[0] in sys.modules, SHARED_BY_STEPS[0] in sys.modules


def pid() -> int:
    """As it is outside of its namespace."""
    return number_outside()


_KEPT: list[bytes] = []


def keep(megabytes: int) -> int:
    """As a library that remembers what it was asked; this process' number."""
    _KEPT.append(b"x" * (megabytes << 20))
    return number_outside()


def echo(text: str) -> str:
    return text


def lie() -> int:
    return "no number"  # type: ignore[return-value]


def not_installed() -> int:
    raise ServiceError("it is not installed")


def answer_ahead() -> int:
    """An answer that nobody asked for, and then its own."""
    answer = f"anybody!fv{-number_outside()}".encode()
    os.write(3, struct.pack("!I", len(answer)) + answer)
    return number_outside()


def has_network() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(("127.0.0.1", 9))
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True
