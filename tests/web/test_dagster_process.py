"""Dagster's processes look less often for what seldom happens."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from dagster._daemon import controller
from dagster._grpc import server, server_watcher
from dagster._grpc.client import DagsterGrpcClient
from grpc import _common as waiting

from ebook_pipeline.web.dagster_process import keep_channels, watch_seldom

INTERNALS = [
    (waiting, "MAXIMUM_WAIT_TIMEOUT"),
    (server, "CLEANUP_TICK"),
    (server_watcher, "WATCH_INTERVAL"),
    (controller, "RELOAD_WORKSPACE_INTERVAL"),
    (controller, "DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE"),
]


def test_every_interval_that_is_made_longer_is_one_that_its_library_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = {(module, name): getattr(module, name) for module, name in INTERNALS}
    for module, name in INTERNALS:
        monkeypatch.setattr(module, name, own[module, name])  # put back when the test ends
    monkeypatch.setattr(DagsterGrpcClient, "_channel", DagsterGrpcClient._channel)
    watch_seldom()
    assert all(getattr(module, name) > own[module, name] for module, name in INTERNALS)


def test_a_client_that_is_answered_asks_again_over_the_same_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    @contextmanager
    def opening(client: DagsterGrpcClient) -> Iterator[str]:
        opened.append(f"open {len(opened)}")
        try:
            yield opened[0]
        finally:
            opened.append("closed")

    monkeypatch.setattr(DagsterGrpcClient, "_channel", opening)
    keep_channels()
    client, other = DagsterGrpcClient(socket="code"), DagsterGrpcClient(socket="code")
    for _ in range(2):
        with client._channel():
            pass
    assert opened == ["open 0"]
    with client._channel(), client._channel():  # two at once: one more, which is not kept
        pass
    assert opened == ["open 0", "open 1", "closed"]
    with pytest.raises(ConnectionError), client._channel():
        raise ConnectionError
    assert opened[3:] == ["closed"]
    with other._channel(), client._channel():
        pass
    assert opened[4:] == ["open 4", "open 5"]
