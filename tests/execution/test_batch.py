"""The batch as properties: each item on its own, nothing twice, nothing half."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebook_pipeline.execution import Batch, Done, Ended, Stopped, stage
from ebook_pipeline.execution.progress import Event
from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.record import Record
from tests.support.demo_chain.stages import DEMO_CHAIN, Apple, Crate, Demo, GateAnswer


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path)


def finished(events: list[Event]) -> set[tuple[str, str]]:
    return {(event.key, event.stage.name) for event in events if isinstance(event, Done)}


def ends(events: list[Event]) -> dict[str, Outcome]:
    return {event.key: event.outcome for event in events if isinstance(event, Ended)}


def run(demo: Demo, *keys: str, **options: Any) -> list[Event]:
    return list(Batch(DEMO_CHAIN, demo.context, keys, **options))


def test_a_good_item_passes_every_stage_in_order(demo: Demo) -> None:
    events = run(demo, "a")
    assert [event.stage.name for event in events if isinstance(event, Done)] == [*DEMO_CHAIN.names]
    assert events[-1] == Ended("a", Outcome.DONE)


def test_an_item_whose_check_is_false_is_kept_reported_and_goes_no_further(demo: Demo) -> None:
    events = run(demo, "worm")
    assert finished(events) == {("worm", "picked_apple"), ("worm", "inspection")}
    assert [e.checks for e in events if isinstance(e, Done)][-1] == {"sound": False}
    assert ends(events) == {"worm": Outcome.REJECTED}


def test_a_book_error_is_a_finding_and_a_rejected_item(demo: Demo) -> None:
    [stopped] = [event for event in run(demo, "stone") if isinstance(event, Stopped)]
    assert (stopped.outcome, stopped.stage) == (Outcome.REJECTED, "inspection")
    assert stopped.finding is not None
    assert stopped.finding.rule == "demo.stone"


def test_a_rejected_item_is_rejected_again_when_a_later_stage_is_asked_for_alone(
    demo: Demo,
) -> None:
    run(demo, "worm")
    events = run(demo, "worm", selected=["crate"])
    assert ends(events) == {"worm": Outcome.REJECTED}
    assert finished(events) == set()


def test_a_stage_whose_upstream_was_never_made_fails_and_names_it(demo: Demo) -> None:
    [stopped, _] = run(demo, "a", selected=["label"])
    assert isinstance(stopped, Stopped)
    assert stopped.outcome is Outcome.FAILED
    assert "does not exist yet" in stopped.reason


def test_a_defect_fails_its_item_alone(demo: Demo) -> None:
    demo.service.actions["crate b"] = lambda: [][1]
    events = run(demo, "a", "b", "c")
    assert ends(events) == {"a": Outcome.DONE, "b": Outcome.FAILED, "c": Outcome.DONE}


def test_a_proof_that_does_not_hold_is_our_failure_and_keeps_nothing(demo: Demo) -> None:
    events = run(demo, "double")
    assert ends(events) == {"double": Outcome.FAILED}
    assert demo.context.records.read("crate", "double", 1, Crate) is None


def test_a_service_that_recovers_in_time_costs_nothing_but_time(demo: Demo) -> None:
    demo.service.outages["crate a"] = 2
    assert ends(run(demo, "a")) == {"a": Outcome.DONE}
    assert demo.service.calls["crate", "a"] == 3
    assert demo.service.calls["picked_apple", "a"] == 1


def test_a_service_that_stays_down_fails_the_item_after_the_time_for_retries(
    tmp_path: Path,
) -> None:
    demo = Demo(tmp_path, keep_trying_seconds=0.3)
    demo.service.outages["inspection a"] = 10_000
    assert ends(run(demo, "a", "b")) == {"a": Outcome.FAILED, "b": Outcome.DONE}


def test_a_fault_at_the_end_of_long_work_is_retried_all_the_same(tmp_path: Path) -> None:
    demo = Demo(tmp_path, keep_trying_seconds=0.3)

    def late_fault() -> None:
        if demo.service.calls["inspection", "a"] == 1:
            time.sleep(0.4)
            raise Unavailable("frost")

    demo.service.actions["inspection a"] = late_fault
    assert ends(run(demo, "a")) == {"a": Outcome.DONE}


def test_what_is_current_is_reported_as_reused_and_not_done_again(demo: Demo) -> None:
    run(demo, "a")
    events = run(demo, "a")
    assert all(event.reused for event in events if isinstance(event, Done))
    assert set(demo.service.calls.values()) == {1}


def test_a_forced_batch_does_everything_again(demo: Demo) -> None:
    run(demo, "a")
    run(demo, "a", force=True)
    assert set(demo.service.calls.values()) == {2}


def test_a_changed_fact_is_done_again_only_where_it_matters(demo: Demo) -> None:
    run(demo, "a")
    demo.colours["a"] = "red"
    run(demo, "a")
    calls = demo.service.calls
    assert {stage: n for (stage, _), n in calls.items()} == dict.fromkeys(DEMO_CHAIN.names, 2)
    red = demo.context.records.read("label", "a", 1, Apple)
    assert red == Apple(key="a", colour="red")


def test_a_gate_that_waits_holds_the_item_and_the_answer_lets_it_on(demo: Demo) -> None:
    demo.approvals["a"] = GateAnswer(outcome="wait", reason="ask Eve")
    waiting = run(demo, "a")
    assert ends(waiting) == {"a": Outcome.WAITING}
    demo.approvals["a"] = GateAnswer(outcome="open")
    assert ends(run(demo, "a")) == {"a": Outcome.DONE}
    assert set(demo.service.calls.values()) == {1}


def test_a_closed_gate_rejects(demo: Demo) -> None:
    demo.approvals["a"] = GateAnswer(outcome="closed", reason="no")
    assert ends(run(demo, "a")) == {"a": Outcome.REJECTED}


def test_the_journal_holds_every_outcome(demo: Demo) -> None:
    run(demo, "worm", "stone")
    assert set(demo.journal.lines) == {
        ("worm", "picked_apple", "done"),
        ("worm", "inspection", "done"),
        ("worm", "inspection", "rejected"),
        ("stone", "picked_apple", "done"),
        ("stone", "inspection", "rejected"),
    }


def test_several_items_are_in_flight(tmp_path: Path) -> None:
    demo = Demo(tmp_path, in_flight=2)
    meeting = threading.Barrier(2, timeout=200)
    demo.service.actions = {"crate a": meeting.wait, "crate b": meeting.wait}
    assert set(ends(run(demo, "a", "b")).values()) == {Outcome.DONE}


def test_a_closed_batch_ends_its_tools_starts_nothing_new_and_tells_no_lies(tmp_path: Path) -> None:
    tool = threading.Event()
    demo = Demo(tmp_path, in_flight=1, kill_tools=tool.set)
    demo.service.actions["crate a"] = lambda: (tool.wait(3600), [][1])
    batch = iter(Batch(DEMO_CHAIN, demo.context, ["a", "b"]))
    next(batch), next(batch)
    batch.close()
    assert not any(key == "b" for _, key in demo.service.calls)
    assert not any(outcome == "failed" for _, _, outcome in demo.journal.lines)
    assert demo.held == set()


def test_a_batch_that_one_of_its_own_threads_closes_does_not_wait_for_itself(
    tmp_path: Path,
) -> None:
    demo = Demo(tmp_path, in_flight=1)
    batch = iter(Batch(DEMO_CHAIN, demo.context, ["a", "b"]))
    dropped, closed = threading.Event(), threading.Event()

    def close() -> None:
        dropped.wait(200)
        batch.close()
        closed.set()

    demo.service.actions["inspection a"] = close
    next(batch)
    dropped.set()
    assert closed.wait(200)
    assert not any(key == "b" for _, key in demo.service.calls)


KEYS = st.lists(
    st.builds(
        "{}-{}".format, st.sampled_from(["fine", "worm", "stone", "broken"]), st.integers(0, 9)
    ),
    min_size=1,
    max_size=12,
)


@given(KEYS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_item_ends_by_its_own_nature_whatever_is_beside_it(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str]
) -> None:
    demo = Demo(tmp_path_factory.mktemp("demo"), in_flight=3)
    demo.service.actions = {f"crate {key}": lambda: [][1] for key in keys if "broken" in key}
    nature = {"fine": "done", "worm": "rejected", "stone": "rejected", "broken": "failed"}
    events = run(demo, *keys)
    assert ends(events) == {key: nature[key.split("-")[0]] for key in keys}
    again = run(demo, *keys)
    assert ends(again) == ends(events)
    done_twice = {call: n for call, n in demo.service.calls.items() if n > 1}
    assert all("broken" in key or "stone" in key for _, key in done_twice)


def test_a_stage_says_which_record_it_returns() -> None:
    with pytest.raises(TypeError, match="which Record"):
        stage(group="g", version="1")(lambda: Record())
