"""Jobs: described before there is a file, and how far they are."""

from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.owning.accounts import Role
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting.job_states import STAGES
from tests.services.owning.test_takeover import ATTACKS, World
from tests.support.desk_uploads import Sender, sender
from tests.support.services.submissions import fetched

__all__ = ["sender"]


def asked(sender: Sender, metadata: Any, account: str | None = None) -> Any:
    body = {"metadata": metadata} | ({"account": account} if account else {})
    return sender.client.post("/api/v1/jobs", json=body)


def test_a_job_says_what_is_to_be_done_next(sender: Sender) -> None:
    answer = asked(sender, {"title": "Emma", "price": {"amount": 9.99, "currency": "EUR"}})
    job = answer.json()
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert job["metadata"] == {"title": "Emma", "price": {"amount": "9.99", "currency": "EUR"}}
    assert (job["state"], job["next_action"]) == ("waiting_for_file", "Upload the file.")
    assert (job["account"], job["created_by"]) == ("press", "desk:una")


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({"isbn": "978-3-16-148410-1"}, "isbn"),
        ({"language": "1234"}, "language"),
        ({"title": "  "}, "title"),
        ({"authors": [""]}, "authors"),
        ({"audience": "zzz"}, "audience"),
        ({"subtitle": " "}, "subtitle"),
        ({"contributors": [{"name": " ", "roles": ["trl"]}]}, "contributors"),
        ({"contributors": [{"name": "Edith Grossman"}]}, "contributors"),
        ({"contributors": [{"name": "Edith Grossman", "roles": ["translater"]}]}, "contributors"),
    ],
)
def test_what_can_not_be_so_is_named_by_field(
    sender: Sender, metadata: dict[str, Any], field: str
) -> None:
    answer = asked(sender, metadata)
    assert (answer.status_code, answer.json()["code"]) == (422, "metadata")
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/metadata/{field}"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"titel": "Emma"}, {"title": 3}, {"title": "a\x00b"}, {"price": "cheap"},
        {"contributors": "Edith Grossman"}, {"contributors": [{"role": "trl"}]},
        {"contributors": [{"name": "a\x00b"}]}, {"book": "../x"}, {"authors": "Jane"},
        {"defects": []}, [], "x", {"price": {"a": 1}},
    ],
)  # fmt: skip
def test_metadata_of_another_form_are_refused(sender: Sender, metadata: Any) -> None:
    assert asked(sender, metadata).status_code == 422


def test_a_job_takes_nothing_of_another_accounts(
    sender: Sender, database: Database, tmp_path: Path
) -> None:
    world = World(database, tmp_path / "landing")
    before = world.hers
    for claims, rule in ATTACKS.values():
        refused = asked(sender, claims)
        assert (refused.status_code, refused.json()["code"]) == (422, rule), claims
    assert world.hers == before
    assert asked(sender, {}, account="house").status_code == 404
    assert asked(sender, {}, account="nobody").status_code == 404


def test_who_may_not_submit_makes_no_job(sender: Sender) -> None:
    for role in (Role.READER, Role.EDITOR):
        person = sender.desk.person(f"p-{role.value}", role, "press")
        assert person.post("/api/v1/jobs", json={}).status_code == 403
    assert sender.desk.nobody().post("/api/v1/jobs", json={}).status_code == 401


def test_another_accounts_job_is_not_there(sender: Sender) -> None:
    job = sender.job()
    other = sender.desk.person("ola", Role.AUTHOR, "other")
    assert other.get(f"/api/v1/jobs/{job}").status_code == 404
    assert other.delete(f"/api/v1/jobs/{job}", headers={"If-Match": "*"}).status_code == 404
    assert other.get("/api/v1/jobs").json()["items"] == []


def test_jobs_are_listed_in_pages_the_newest_first(sender: Sender) -> None:
    made = [sender.job(title=str(number)) for number in range(5)]
    found, after = [], ""
    while True:
        page = sender.client.get("/api/v1/jobs", params={"limit": 2, "after": after}).json()
        found += [job["id"] for job in page["items"]]
        after = page.get("next")
        if not after:
            break
    assert found == list(reversed(made))


def test_jobs_are_listed_by_state_and_account(sender: Sender) -> None:
    waiting, sent = sender.job(), sender.job()
    sender.sent(sent)
    listed = {
        state: [
            job["id"]
            for job in sender.client.get("/api/v1/jobs", params={"state": state}).json()["items"]
        ]
        for state in ("received", "waiting_for_file", "on_sale")
    }
    assert listed == {"received": [sent], "waiting_for_file": [waiting], "on_sale": []}
    other = sender.client.get("/api/v1/jobs", params={"account": "house"})
    assert other.json()["items"] == []
    for wrong in ({"state": "zzz"}, {"limit": 0}, {"after": "!"}, {"after": "WyJ4IiwieSJd"}):
        assert sender.client.get("/api/v1/jobs", params=wrong).status_code in (400, 422)


def test_a_job_is_cancelled_by_who_has_seen_it(sender: Sender) -> None:
    job = f"/api/v1/jobs/{sender.job()}"
    assert sender.client.delete(job).status_code == 428
    assert sender.client.delete(job, headers={"If-Match": '"x"'}).status_code == 412
    etag = sender.client.get(job).headers["ETag"]
    assert sender.client.get(job, headers={"If-None-Match": etag}).status_code == 304
    assert sender.client.delete(job, headers={"If-Match": etag}).status_code == 204


def test_a_job_whose_file_was_taken_is_not_cancelled(sender: Sender) -> None:
    job = sender.job()
    sender.sent(job)
    answer = sender.client.delete(f"/api/v1/jobs/{job}", headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert sender.state(job)["state"] == "received"


def test_a_job_goes_through_the_stages_of_its_book(sender: Sender, database: Database) -> None:
    job = sender.job()
    sender.sent(job)
    journal = Journal(database)
    submissions.take_edition(database, "press-emma", fetched("A"))
    with database.lock("book press-emma"):
        assert sender.state(job)["progress"] == {"stage": "raw_file", "number": 1, "of": 9}
        for number, stage in enumerate(STAGES[:3], 2):
            journal.record("run", "press-emma", 1, stage, Outcome.DONE, 1.0)
            assert sender.state(job)["progress"]["number"] == number
    finding = {"rule": "x", "severity": "error", "message": "m"}
    detail = {"reason": "qa_report is not good", "findings": [finding]}
    journal.record("run", "press-emma", 1, "qa_report", Outcome.REJECTED, 0, detail=detail)
    state = sender.state(job)
    assert (state["state"], state["reason"]) == ("refused", "qa_report is not good")
    assert state["findings"][0]["rule"] == "x"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.WAITING, "needs_review"), (Outcome.FAILED, "failed"), (Outcome.DONE, "failed")],
)
def test_no_job_ends_without_state_reason_and_next_action(
    sender: Sender, database: Database, outcome: Outcome, state: str
) -> None:
    job = sender.job()
    sender.sent(job)
    submissions.take_edition(database, "press-emma", fetched("A"))
    journal = Journal(database)
    journal.record("run", "press-emma", 1, "drm_package", outcome, 0, data_version="v")
    found = sender.state(job)
    assert found["state"] == state
    assert found["reason"]
    assert found["next_action"]
