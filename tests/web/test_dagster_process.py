"""Dagster's processes look less often for what seldom happens."""

import pytest
from dagster._daemon import controller
from dagster._grpc import server_watcher
from grpc import _common as waiting

from ebook_pipeline.web.dagster_process import watch_seldom

INTERNALS = [
    (waiting, "MAXIMUM_WAIT_TIMEOUT"),
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
    watch_seldom()
    assert all(getattr(module, name) > own[module, name] for module, name in INTERNALS)
