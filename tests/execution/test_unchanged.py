"""Items that nothing has happened to are passed over, and each reason why one is looked at."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ebook_pipeline.execution import Batch, Done, Ended
from ebook_pipeline.execution.unchanged import Blobs
from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.foundation.record import BlobRef
from tests.support.demo_chain.stages import DEMO_CHAIN, Demo, GateAnswer

MISSING = BlobRef(sha256="0" * 64, length=1, media_type="text/plain")


class DemoFingerprints:
    """Made of an item's colour and of the chain's code; kept here, by all batches of a test."""

    demo: Demo

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, Blobs]] = {}
        self.heard: set[str] = set()
        self.down = False
        self.code = ""

    def __call__(self, code: str) -> "DemoFingerprints":
        self.code = self.code or code
        return self

    def unchanged(self, keys: Sequence[str]) -> dict[str, Blobs]:
        if self.down:
            raise Unavailable("down")
        kept = {key: self.kept[key] for key in keys if key in self.kept and key in self.heard}
        return {key: blobs for key, (made, blobs) in kept.items() if made == self.now(key)}

    def begin(self, key: str) -> str:
        self.kept.pop(key, None)
        self.heard.discard(key)
        return self.now(key)

    def now(self, key: str) -> str:
        return f"{self.code} {self.demo.colours.get(key, 'green')} {self.demo.approvals.get(key)}"

    def keep(self, key: str, fingerprint: str, blobs: Blobs) -> None:
        self.kept[key] = fingerprint, blobs

    def told(self, keys: Sequence[str]) -> None:
        self.heard |= set(keys)


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    fingerprints = DemoFingerprints()
    fingerprints.demo = Demo(tmp_path, keep_trying_seconds=0.0, fingerprints=fingerprints)
    return fingerprints.demo


def fingerprints(demo: Demo) -> DemoFingerprints:
    found = demo.context.fingerprints
    assert isinstance(found, DemoFingerprints)
    return found


def run(demo: Demo, *keys: str, force: bool = False) -> tuple[set[str], set[str]]:
    """The items that were passed over, and those that were looked at, by a batch of `keys`."""
    batch = Batch(DEMO_CHAIN, demo.context, keys or ("a", "b"), force=force)
    events = list(batch.passing_over())
    over = {event.key for event in events if isinstance(event, Ended) and event.unchanged}
    return over, {event.key for event in events if isinstance(event, Done)}


def test_what_is_unchanged_since_every_stage_was_made_is_passed_over(demo: Demo) -> None:
    assert run(demo) == (set(), {"a", "b"})
    lines = list(demo.journal.lines)
    assert run(demo, "a", "b", "c") == ({"a", "b"}, {"c"})
    assert demo.journal.lines[: len(lines)] == lines
    assert {key for key, _, _ in demo.journal.lines[len(lines) :]} == {"c"}


def repaint(demo: Demo) -> None:
    demo.colours["a"] = "red"


def new_code(demo: Demo) -> None:
    fingerprints(demo).code = "another"


def take_a_blob(demo: Demo) -> None:
    made, _ = fingerprints(demo).kept["a"]
    fingerprints(demo).kept["a"] = made, (MISSING,)


def kill_before_it_was_told(demo: Demo) -> None:
    fingerprints(demo).heard.discard("a")


@pytest.mark.parametrize("change", [repaint, new_code, take_a_blob, kill_before_it_was_told])
def test_what_may_have_changed_is_looked_at_and_passed_over_next_time(
    demo: Demo, change: Callable[[Demo], None]
) -> None:
    run(demo, "a")
    change(demo)
    assert run(demo, "a") == (set(), {"a"})
    assert run(demo, "a") == ({"a"}, set())


@pytest.mark.parametrize(
    "key", ["worm", "stone", "waiting"], ids=["rejected", "refused", "waiting"]
)
def test_what_did_not_pass_every_stage_is_looked_at_again(demo: Demo, key: str) -> None:
    demo.approvals["waiting"] = GateAnswer(outcome="wait", reason="ask Eve")
    run(demo, key)
    assert fingerprints(demo).kept == {}


def test_what_changes_while_it_is_worked_on_is_looked_at_again(demo: Demo) -> None:
    """The stages that had read it by then made something of what is no longer so."""
    demo.service.actions["label a"] = lambda: repaint(demo)
    run(demo, "a")
    demo.service.actions.clear()
    assert run(demo, "a") == (set(), {"a"})


def test_a_run_of_some_stages_forgets_and_keeps_nothing(demo: Demo) -> None:
    run(demo, "a")
    list(Batch(DEMO_CHAIN, demo.context, ["a"], selected=["picked_apple"]).passing_over())
    assert fingerprints(demo).kept == {}


def test_a_run_that_does_all_again_passes_over_nothing(demo: Demo) -> None:
    run(demo, "a")
    assert run(demo, "a", force=True) == (set(), {"a"})


def test_where_nobody_can_tell_items_are_looked_at(demo: Demo) -> None:
    run(demo, "a")
    fingerprints(demo).down = True
    assert run(demo, "a") == (set(), {"a"})


def test_what_was_not_told_to_its_end_is_not_known_as_told(demo: Demo) -> None:
    batch = iter(Batch(DEMO_CHAIN, demo.context, ["a"]).passing_over())
    for event in batch:
        if isinstance(event, Ended):
            break
    batch.close()
    assert run(demo, "a") == (set(), {"a"})
