"""A child that does its worst: with Landlock nothing of it succeeds."""

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import ebook_pipeline
from ebook_pipeline.foundation.errors import BookError, LimitExceeded
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Isolation, Limits
from tests.support import hostile_child
from tests.support.hostile_child import Targets

SECRET = ctypes.create_string_buffer(b"a secret of this process")


@pytest.fixture
def targets(tmp_path: Path) -> Iterator[Targets]:
    vault = tmp_path / "vault"
    vault.mkdir(mode=0o700)
    secret = vault / "edge.secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        local = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        name = f"\0ebooks-{os.getpid()}"
        local.bind(str(tmp_path / "s"))
        abstract.bind(name)
        local.listen()
        abstract.listen()
        yield Targets(
            secret=str(secret),
            code=str(ebook_pipeline.__file__),
            outside=str(tmp_path),
            parent=os.getpid(),
            address=ctypes.addressof(SECRET),
            tcp=tcp.getsockname()[1],
            udp=udp.getsockname()[1],
            local=str(tmp_path / "s"),
            abstract=name,
        )


def test_nothing_that_a_hostile_child_tries_succeeds(targets: Targets) -> None:
    layers = sandbox.layers()
    if not (layers.landlock >= 6 and layers.filter and layers.network is Isolation.NAMESPACE):
        pytest.skip("this machine lacks a layer: see SECURITY.md for what that opens")
    tried = sandbox.call(hostile_child.attempts, targets)
    assert len(tried) > 40
    assert [name for name, succeeded in tried.items() if succeeded] == []


def test_a_place_that_it_was_not_given_is_no_answer(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    for place in (tmp_path / "vault", given / ".." / "vault", Path("vault")):
        with pytest.raises(BookError) as caught:
            sandbox.call(hostile_child.place, given, str(place))
        assert caught.value.finding.rule == "sandbox.crash"
    assert sandbox.call(hostile_child.place, given, str(given / "x")) == given / "x"


def test_many_files_that_fill_the_disk_are_a_limit() -> None:
    with pytest.raises(LimitExceeded) as caught:
        sandbox.call(hostile_child.fill, limits=Limits(seconds=60, disk=20))
    assert caught.value.finding.rule == "sandbox.disk"
