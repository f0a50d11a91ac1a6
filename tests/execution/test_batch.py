"""The batch as properties: each item on its own, nothing twice, nothing half."""

import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.records import Record
from ebook_pipeline.execution import Batch, Chain, Done, Ended, Stopped, stage
from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.foundation.outcome import Outcome
from tests.support.demo_chain.stages import ORCHARD, Answer, Apple, Crate, Orchard, Weather


@pytest.fixture
def orchard(tmp_path: Path) -> Orchard:
    return Orchard(tmp_path)


def finished(events: list[object]) -> set[tuple[str, str]]:
    return {(event.key, event.stage.name) for event in events if isinstance(event, Done)}


def ends(events: list[object]) -> dict[str, Outcome]:
    return {event.key: event.outcome for event in events if isinstance(event, Ended)}


def run(orchard: Orchard, *keys: str, **options: object) -> list[object]:
    return list(Batch(ORCHARD, orchard.workshop, keys, **options))  # type: ignore[arg-type]


def test_a_good_item_passes_every_stage_in_order(orchard):
    events = run(orchard, "a")
    assert [event.stage.name for event in events[:-1]] == list(ORCHARD.names)
    assert events[-1] == Ended("a", Outcome.DONE)


def test_an_item_whose_check_is_false_is_kept_reported_and_goes_no_further(orchard):
    events = run(orchard, "worm")
    assert finished(events) == {("worm", "picked_apple"), ("worm", "inspection")}
    assert [e.checks for e in events if isinstance(e, Done)][-1] == {"sound": False}
    assert ends(events) == {"worm": Outcome.REJECTED}


def test_a_book_error_is_a_finding_and_a_rejected_item(orchard):
    [stopped] = [event for event in run(orchard, "stone") if isinstance(event, Stopped)]
    assert (stopped.outcome, stopped.stage) == (Outcome.REJECTED, "inspection")
    assert stopped.finding is not None
    assert stopped.finding.rule == "orchard.stone"


def test_a_rejected_item_is_rejected_again_when_a_later_stage_is_asked_for_alone(orchard):
    run(orchard, "worm")
    events = run(orchard, "worm", selected=["crate"])
    assert ends(events) == {"worm": Outcome.REJECTED}
    assert finished(events) == set()


def test_a_stage_whose_upstream_was_never_made_fails_and_names_it(orchard):
    [stopped, _] = run(orchard, "a", selected=["label"])
    assert stopped.outcome is Outcome.FAILED
    assert "does not exist yet" in stopped.reason


def test_a_defect_fails_its_item_alone(orchard):
    orchard.weather.actions["crate b"] = lambda: [][1]
    events = run(orchard, "a", "b", "c")
    assert ends(events) == {"a": Outcome.DONE, "b": Outcome.FAILED, "c": Outcome.DONE}


def test_a_proof_that_does_not_hold_is_our_failure_and_keeps_nothing(orchard):
    events = run(orchard, "double")
    assert ends(events) == {"double": Outcome.FAILED}
    assert orchard.workshop.records.read("crate", "double", 1, Crate) is None


def test_a_service_that_recovers_in_time_costs_nothing_but_time(orchard):
    orchard.weather.outages["crate a"] = 2
    assert ends(run(orchard, "a")) == {"a": Outcome.DONE}
    assert orchard.weather.calls["crate", "a"] == 3
    assert orchard.weather.calls["picked_apple", "a"] == 1


def test_a_service_that_stays_down_fails_the_item_after_the_time_for_retries(tmp_path):
    orchard = Orchard(tmp_path, keep_trying_seconds=0.3)
    orchard.weather.outages["inspection a"] = 10_000
    assert ends(run(orchard, "a", "b")) == {"a": Outcome.FAILED, "b": Outcome.DONE}


def test_a_fault_at_the_end_of_long_work_is_retried_all_the_same(tmp_path):
    orchard = Orchard(tmp_path, keep_trying_seconds=0.3)

    def late_fault() -> None:
        if orchard.weather.calls["inspection", "a"] == 1:
            time.sleep(0.4)
            raise Unavailable("frost")

    orchard.weather.actions["inspection a"] = late_fault
    assert ends(run(orchard, "a")) == {"a": Outcome.DONE}


def test_what_is_current_is_reported_as_reused_and_not_done_again(orchard):
    run(orchard, "a")
    events = run(orchard, "a")
    assert all(event.reused for event in events if isinstance(event, Done))
    assert set(orchard.weather.calls.values()) == {1}


def test_a_forced_batch_does_everything_again(orchard):
    run(orchard, "a")
    run(orchard, "a", force=True)
    assert set(orchard.weather.calls.values()) == {2}


def test_a_changed_fact_is_done_again_only_where_it_matters(orchard):
    run(orchard, "a")
    orchard.colours["a"] = "red"
    run(orchard, "a")
    calls = orchard.weather.calls
    assert {place: n for (place, _), n in calls.items()} == dict.fromkeys(ORCHARD.names, 2)
    red = orchard.workshop.records.read("label", "a", 1, Apple)
    assert red == Apple(key="a", colour="red")


def test_a_gate_that_waits_holds_the_item_and_the_answer_lets_it_on(orchard):
    orchard.approvals["a"] = Answer(outcome="wait", reason="ask Eve")
    waiting = run(orchard, "a")
    assert ends(waiting) == {"a": Outcome.WAITING}
    orchard.approvals["a"] = Answer(outcome="open")
    assert ends(run(orchard, "a")) == {"a": Outcome.DONE}
    assert set(orchard.weather.calls.values()) == {1}


def test_a_closed_gate_rejects(orchard):
    orchard.approvals["a"] = Answer(outcome="closed", reason="no")
    assert ends(run(orchard, "a")) == {"a": Outcome.REJECTED}


def test_the_journal_holds_every_outcome(orchard):
    run(orchard, "worm", "stone")
    assert set(orchard.notebook.lines) == {
        ("worm", "picked_apple", "done"),
        ("worm", "inspection", "done"),
        ("worm", "inspection", "rejected"),
        ("stone", "picked_apple", "done"),
        ("stone", "inspection", "rejected"),
    }


def test_several_items_are_in_flight(tmp_path):
    orchard = Orchard(tmp_path, in_flight=2)
    meeting = threading.Barrier(2, timeout=10)
    orchard.weather.actions = {"crate a": meeting.wait, "crate b": meeting.wait}
    assert set(ends(run(orchard, "a", "b")).values()) == {Outcome.DONE}


def test_a_closed_batch_ends_its_tools_starts_nothing_new_and_tells_no_lies(tmp_path):
    tool = threading.Event()
    orchard = Orchard(tmp_path, in_flight=1, kill_tools=tool.set)
    orchard.weather.actions["crate a"] = lambda: (tool.wait(60), [][1])
    batch = iter(Batch(ORCHARD, orchard.workshop, ["a", "b"]))
    next(batch), next(batch)
    started = time.monotonic()
    batch.close()
    assert time.monotonic() - started < 5
    assert not any(key == "b" for _, key in orchard.weather.calls)
    assert not any(outcome == "failed" for _, _, outcome in orchard.notebook.lines)
    assert orchard.held == set()


def test_a_batch_that_one_of_its_own_threads_closes_does_not_wait_for_itself(tmp_path):
    orchard = Orchard(tmp_path, in_flight=1)
    batch = iter(Batch(ORCHARD, orchard.workshop, ["a", "b"]))
    dropped, closed = threading.Event(), threading.Event()
    close = lambda: (dropped.wait(10), batch.close(), closed.set())  # noqa: E731
    orchard.weather.actions["inspection a"] = close
    next(batch)
    dropped.set()
    assert closed.wait(10)
    assert not any(key == "b" for _, key in orchard.weather.calls)


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
def test_each_item_ends_by_its_own_nature_whatever_is_beside_it(tmp_path_factory, keys):
    orchard = Orchard(tmp_path_factory.mktemp("orchard"), in_flight=3)
    orchard.weather.actions = {f"crate {key}": lambda: [][1] for key in keys if "broken" in key}
    nature = {"fine": "done", "worm": "rejected", "stone": "rejected", "broken": "failed"}
    events = run(orchard, *keys)
    assert ends(events) == {key: nature[key.split("-")[0]] for key in keys}
    again = run(orchard, *keys)
    assert ends(again) == ends(events)
    done_twice = {place: n for place, n in orchard.weather.calls.items() if n > 1}
    assert all("broken" in key or "stone" in key for _, key in done_twice)


def test_a_chain_refuses_a_stage_that_reads_a_later_one():
    @stage(group="g", version="1")
    def early(late: Crate) -> Apple:
        return Apple(key="x")

    @stage(group="g", version="1")
    def late(apple: Apple) -> Crate:
        return Crate()

    with pytest.raises(TypeError, match="comes later"):
        Chain("c", [early, late])


def test_a_chain_refuses_a_parameter_of_another_type():
    @stage(group="g", version="1")
    def first(weather: Weather) -> Apple:
        return Apple(key="x")

    @stage(group="g", version="1")
    def second(first: Crate) -> Crate:
        return first

    with pytest.raises(TypeError, match="must be typed Apple"):
        Chain("c", [first, second])


def test_a_stage_says_which_record_it_returns():
    with pytest.raises(TypeError, match="which Record"):
        stage(group="g", version="1")(lambda: Record())
