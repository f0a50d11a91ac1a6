"""An item that a run would find as it is, and each reason why it would not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.execution import Batch
from ebook_pipeline.execution.settled import is_settled
from tests.support.demo_chain.stages import DEMO_CHAIN, Demo, GateAnswer


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


def settled(demo: Demo, key: str) -> bool:
    return is_settled(DEMO_CHAIN, demo.context, key)


def run(demo: Demo, key: str) -> None:
    list(Batch(DEMO_CHAIN, demo.context, [key]))


def test_what_was_never_run_is_not_settled(demo: Demo) -> None:
    assert not settled(demo, "a")


def test_what_has_passed_every_stage_is_settled_and_asking_does_nothing(demo: Demo) -> None:
    run(demo, "a")
    rows = list(demo.journal.lines)
    assert settled(demo, "a")
    assert set(demo.service.calls.values()) == {1}
    assert demo.journal.lines == rows


@pytest.mark.parametrize("key", ["worm", "waiting"])
def test_what_a_check_or_a_gate_has_stopped_is_settled(demo: Demo, key: str) -> None:
    demo.approvals["waiting"] = GateAnswer(outcome="wait", reason="ask Eve")
    run(demo, key)
    assert settled(demo, key)


def approve(demo: Demo) -> None:
    demo.approvals["a"] = GateAnswer(outcome="open")


def repaint(demo: Demo) -> None:
    demo.colours["a"] = "red"


@pytest.mark.parametrize("change", [approve, repaint])
def test_what_a_run_would_take_further_is_not_settled(
    demo: Demo, change: Callable[[Demo], None]
) -> None:
    demo.approvals["a"] = GateAnswer(outcome="wait", reason="ask Eve")
    run(demo, "a")
    change(demo)
    assert not settled(demo, "a")


def test_an_item_that_a_fault_keeps_from_being_looked_at_is_left_to_a_run(demo: Demo) -> None:
    run(demo, "stone")
    assert not settled(demo, "stone")
