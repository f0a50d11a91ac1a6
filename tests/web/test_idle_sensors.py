"""Which sensors the daemon asks, and how soon, while nothing happens and once something does."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from dagster._daemon import sensor

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingFolder
from ebook_pipeline.services.intake.submissions import submit
from ebook_pipeline.settings import Settings
from ebook_pipeline.web import idle_sensors
from ebook_pipeline.web.idle_sensors import Changes, QuietSensors
from tests.support.services.submissions import offer


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the home is like, as its last member; every question sees what is so by then."""
    monkeypatch.setattr(idle_sensors, "_KEPT_SECONDS", 0.0)
    return ["before"]


def test_a_sensor_is_asked_once_until_something_changes(state: list[Any]) -> None:
    quiet = QuietSensors(lambda: state[-1])
    assert not quiet.is_unchanged("decisions", 100)
    assert quiet.is_unchanged("decisions", 20)  # it looked 20 s ago
    assert not quiet.is_unchanged("notices", 20)  # which has not looked yet
    state.append("decided")
    assert not quiet.is_unchanged("decisions", 40)
    assert not quiet.is_unchanged("decisions", 40)  # asked again before it looks
    assert quiet.is_unchanged("decisions", 5)


def test_what_changes_while_a_sensor_looks_is_looked_for_once_more(state: list[Any]) -> None:
    quiet = QuietSensors(lambda: state[-1])
    assert not quiet.is_unchanged("decisions", 100)
    state.append("decided meanwhile")
    assert not quiet.is_unchanged("decisions", 5)


def test_where_nobody_knows_what_has_changed_sensors_look(state: list[Any]) -> None:
    state.append(None)
    quiet = QuietSensors(lambda: state[-1])
    for elapsed in (100, 20, 5):
        assert not quiet.is_unchanged("decisions", elapsed)


def test_a_row_and_a_file_that_has_come_to_rest_change_a_home(
    database: Database, tmp_path: Any
) -> None:
    landing = LandingFolder(tmp_path, 0.0)
    changes = Changes(SimpleNamespace(database=database, landing_store=landing))  # type: ignore[arg-type]
    before = changes.state()
    (tmp_path / "emma.epub").write_bytes(b"Emma")
    landed = changes.state()
    assert landed != before
    submit(database, offer(), actor="ann")
    deadline = time.monotonic() + 15  # the server counts rows by and by
    while changes.state() == landed:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_daemon_s_own_question_comes_first_and_time_ends_every_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elapsed = [3.0]
    monkeypatch.setattr(sensor, "is_under_min_interval", sensor.is_under_min_interval)
    monkeypatch.setattr(sensor, "get_elapsed", lambda _: elapsed[-1])
    monkeypatch.setattr(idle_sensors.Changes, "state", lambda _: "as ever")
    idle_sensors.look_seldom_while_idle(Settings())
    remote: Any = SimpleNamespace(name="decisions", min_interval_seconds=15)

    def rests_after(seconds: float) -> bool:
        elapsed.append(seconds)
        return sensor.is_under_min_interval(remote, remote)

    assert [rests_after(seconds) for seconds in (3, 100)] == [True, False]
    assert [rests_after(seconds) for seconds in (3, 20, 59, 61)] == [True, True, True, False]


def test_elsewhere_than_on_one_machine_the_daemon_is_as_it_is() -> None:
    before = sensor.is_under_min_interval
    idle_sensors.look_seldom_while_idle(SimpleNamespace(env="server"))  # type: ignore[arg-type]
    assert sensor.is_under_min_interval is before
