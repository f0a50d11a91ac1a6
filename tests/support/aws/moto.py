"""Amazon for tests: moto's server over HTTP, and credentials that open nothing else.

A folder's `conftest.py` offers the fixtures by importing them.
"""

import functools
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from moto.server import ThreadedMotoServer

REGION: Final = "eu-central-1"


@pytest.fixture(scope="session", autouse=True)
def aws_credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.delenv("AWS_PROFILE", raising=False)
        yield


@pytest.fixture(scope="session")
def moto_url() -> str:
    """Of the one server of this process: each folder that offers it has a fixture of its own."""
    host, port = _started_server().get_host_and_port()
    return f"http://{host}:{port}"


@functools.cache
def _started_server() -> "ThreadedMotoServer":
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    return server


def end_server() -> None:
    """Stop the server of this process, if it has one."""
    if _started_server.cache_info().currsize:
        _started_server().stop()
