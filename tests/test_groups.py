"""Tests that share a fixture of their module are run by one worker, which makes it once."""

import pytest


@pytest.fixture(scope="module")
def shared() -> object:
    return object()


@pytest.mark.usefixtures("shared")
def test_xdist_sees_the_group_that_the_suite_gives(request: pytest.FixtureRequest) -> None:
    marks = [mark.args for mark in request.node.iter_markers("xdist_group")]
    assert marks == [("tests/test_groups.py",)]
    dealt = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@tests/test_groups.py") is dealt
