"""``ebooks reprocess``: planned, worked through, left to the services, paused, and refused."""

import pytest

from tests.support.homes import Home
from tests.support.in_process import CommandResult
from tests.support.servers.postgres import rows

pytestmark = [pytest.mark.browser, pytest.mark.prove]

RELEASED = "state = released"
RECORD = "records/book_metadata/flatland/1/current.json"


def test_a_stage_is_planned_and_done_again_for_the_books_that_are_meant(
    home: Home, ingested: CommandResult
) -> None:
    asked = ("reprocess", "--stage", "drm_package", "--where", RELEASED)
    planned = home.ebooks(*asked, "--plan", "--json").objects[0]
    assert (planned["stage"], planned["books"]) == ("drm_package", 3)
    assert home.ebooks("reprocess", "list", "--json").out == ""
    done = home.ebooks(*asked, "--yes", "--json")
    assert done.code == 0, done.err
    assert done.objects[0]["counts"] == {"reused": 3}
    assert (done.objects[0]["state"], done.objects[0]["reasons"]) == ("ended", [])
    assert "3 books" in home.ebooks(*asked, "--plan").err


def test_a_book_that_can_t_be_done_fails_alone_and_is_tried_again_alone(
    home: Home, ingested: CommandResult
) -> None:
    store = home.resources.object_store
    record = store.read(RECORD)
    store.remove(RECORD)
    asked = ("reprocess", "--stage", "qa_report", "--where", RELEASED)
    failed = home.ebooks(*asked, "--yes", "--json")
    (told,) = failed.objects
    assert (failed.code, told["counts"]) == (1, {"reused": 2, "failed": 1})
    assert told["reasons"][0]["example"] == "flatland"
    shown = home.ebooks("reprocess", "show", told["id"])
    assert ("flatland" in shown.out, "Traceback" in failed.err) == (True, False)
    store.write(RECORD, record)
    again = home.ebooks("reprocess", "retry", told["id"], "--json")
    assert (again.code, again.objects[0]["counts"]) == (0, {"reused": 1})
    assert home.ebooks("reprocess", "retry", again.objects[0]["id"]).code == 1


def test_a_stage_that_is_done_alone_leaves_its_books_on_sale(
    home: Home, ingested: CommandResult
) -> None:
    asked = ("reprocess", "--stage", "qa_report", "--where", "book = flatland", "--alone")
    done = home.ebooks(*asked, "--yes", "--json")
    assert (done.code, done.objects[0]["counts"]) == (0, {"reused": 1})
    for listed in (("status",), ("status", "flatland"), ("status", "--where", RELEASED)):
        book = home.ebooks(*listed, "--json").books["flatland"]
        assert (book["state"], book["stage"]) == ("released", "qa_report")


def test_one_for_the_services_is_paused_resumed_here_and_cancelled(
    home: Home, ingested: CommandResult
) -> None:
    asked = ("reprocess", "--stage", "catalog_row", "--where", RELEASED, "--queue", "--yes")
    number = home.ebooks(*asked, "--json").objects[0]["id"]
    assert home.ebooks("reprocess", "pause", number).out == f"reprocessing {number} is paused\n"
    listed = {one["id"]: one for one in home.ebooks("reprocess", "list", "--json").objects}
    assert (listed[number]["state"], listed[number]["left"]) == ("paused", 3)
    assert str(number) in home.ebooks("reprocess", "list").out
    assert home.ebooks("reprocess", "resume", number, "--json").objects[0]["state"] == "ended"
    assert home.ebooks("reprocess", "cancel", number).code == 1
    other = home.ebooks(*asked, "--json").objects[0]["id"]
    assert home.ebooks("reprocess", "cancel", other).code == 0
    assert home.ebooks("reprocess", "show", other, "--json").objects[0]["counts"] == {
        "cancelled": 3
    }


def test_schedules_are_kept_listed_and_removed_and_wrong_ones_refused(
    home: Home, ingested: CommandResult
) -> None:
    weekly = ("reprocess", "schedule", "weekly", "--stage", "qa_report")
    assert home.ebooks(*weekly, "--cron", "0 1 * * 6").code == 0
    (kept,) = home.ebooks("reprocess", "schedules", "--json").objects
    assert (kept["name"], kept["stage"], kept["cron"]) == ("weekly", "qa_report", "0 1 * * 6")
    assert home.ebooks(*weekly, "--cron", "at noon").code == 2
    assert home.ebooks("reprocess", "schedule", "weekly", "--remove").code == 0
    assert home.ebooks("reprocess", "schedules", "--json").out == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("--stage", "printing"), 2),
        (("--stage", "qa_report", "--where", "colour = red"), 2),
        (("show", "999999"), 1),
        (("pause", "999999"), 1),
        (("offers", "--accept", "qa_report"), 1),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(
    home: Home, ingested: CommandResult, words: tuple[str, ...], code: int
) -> None:
    before = rows(home.resources.database, "SELECT count(*) FROM reprocessing")
    answer = home.ebooks("reprocess", *words)
    assert (answer.code, "Traceback" in answer.err) == (code, False), answer.err
    assert rows(home.resources.database, "SELECT count(*) FROM reprocessing") == before
