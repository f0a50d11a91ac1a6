"""Reviews and notices from a shell, on the services of one machine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.services.intake.submissions import current_edition
from ebook_pipeline.services.recording.journal import Journal
from tests.support.homes import Home, open_home
from tests.support.services.submissions import arrive

AUTHOR = "jane@example.org"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home where Emma waits for a review, and Persuasion has passed quality."""
    with open_home(tmp_path_factory.mktemp("home")) as one:
        database = one.resources.database
        assert one.ebooks("contacts", "confirm", AUTHOR, "--known").code == 0
        journal = Journal(database)
        for book in ("emma", "persuasion"):
            arrive(database, book, f"{book}.epub", Claims(title=book.title(), contact=AUTHOR))
        waits = {"reason": "it needs a review: [bold]typos[/]"}
        for book, stage, outcome, detail in (
            ("emma", "drm_package", Outcome.WAITING, waits),
            ("persuasion", "qa_report", Outcome.DONE, {}),
        ):
            journal.record("run", book, 1, stage, outcome, 0, data_version="r", detail=detail)
        yield one


def test_a_review_goes_from_hand_to_hand_and_is_answered(home: Home) -> None:
    [flagged] = home.ebooks("review", "flag", "persuasion", "--reason", "odd", "--json").objects
    assert (flagged["book"], flagged["edition"]) == ("persuasion", 1)
    assigned = home.ebooks("review", "assign", "emma", "eve", "--priority", "urgent", "--days", 2)
    assert assigned.code == 0
    assert "[bold]typos[/]" in assigned.out
    [mine] = home.ebooks("review", "list", "--mine", "--json").objects
    assert (mine["book"], mine["priority"]) == ("emma", "urgent")
    pressing = home.ebooks("review", "list").out.splitlines()[1:]
    assert [line.split()[0] for line in pressing] == ["emma", "persuasion"]
    [said] = home.ebooks("review", "reject", "emma", "--note", "too short", "--json").objects
    assert (said["approved"], said["actor"]) == (False, "cli:eve")
    told = home.ebooks("review", "history", "emma", "--json").objects
    assert [one["action"] for one in told] == ["ask", "assign", "decide"]


def test_notices_go_out_as_people_prefer_and_are_listed_without_addresses(home: Home) -> None:
    wish = ("--language", "de", "--zone", "Europe/Berlin", "--unsubscribe", "book_waiting")
    assert home.ebooks("notices", "prefer", AUTHOR, *wish).code == 0
    detail = {"reason": "not publishable", "findings": [], "more": 0}
    journal = Journal(home.resources.database)
    journal.record("run", "emma", 1, "validated_book", Outcome.REJECTED, 0, detail=detail)
    assert home.ebooks("notices", "send").code == 0
    listed = home.ebooks("notices", "list", "--book", "emma", "--json")
    assert AUTHOR not in listed.out
    [rejected] = [one for one in listed.objects if one["kind"] == "book_rejected"]
    assert (rejected["state"], rejected["address"]) == ("sent", "j…@example.org")
    shown = home.ebooks("notices", "show", rejected["id"][:10])
    assert f"book_rejected to {AUTHOR} by mail" in shown.out
    assert "„Emma“ muss vor dem Verkauf geändert werden" in shown.out
    folder = home.settings.root / "outbox"
    found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    assert "„Emma“ muss vor dem Verkauf geändert werden" in {one["subject"] for one in found}
    [kept] = home.ebooks("notices", "prefer", AUTHOR, "--json").objects
    assert (kept["language"], kept["unsubscribed"]) == ("de", ["book_waiting"])


def test_what_cannot_be_is_one_clear_line(home: Home) -> None:
    answer = home.ebooks("notices", "prefer", "eva", "--by", "pigeon")
    assert answer.code == 1
    assert answer.err == "ebooks: channels are mail, sms, slack, topic, not 'pigeon'\n"


def test_a_reviewer_takes_out_what_is_judged(home: Home, tmp_path: Path) -> None:
    store, database = home.resources.object_store, home.resources.database
    edition = current_edition(database, "persuasion")
    assert store.put(b"persuasion", edition.blob.media_type) == edition.blob
    folder = tmp_path / "out"
    (told,) = home.ebooks("files", "persuasion", "--out", folder, "--json").objects
    assert told["files"] == [str(folder / "original.epub"), str(folder / "findings.jsonl")]
    assert (folder / "original.epub").read_bytes() == b"persuasion"
    assert (folder / "original.epub").stat().st_mode & 0o777 == 0o600


def test_an_operator_makes_a_new_master_key(home: Home) -> None:
    (done,) = home.ebooks("rotate", "--json").objects
    assert len(done["master_key"]) == 16
    (again,) = home.ebooks("rotate", "--json").objects
    assert again["master_key"] != done["master_key"]
