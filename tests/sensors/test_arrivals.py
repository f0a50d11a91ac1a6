"""What lies in the landing folder is asked for: whole, once, in few runs, and never forgotten."""

import contextlib
import json
import os
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.books.records import BlobRef, Claims
from ebook_pipeline.execution import scratch
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.identifiers import book_id, is_book_id
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.jobs import dead_runs, reprocess
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingFolder
from ebook_pipeline.resources.landing_arrivals import Arrival
from ebook_pipeline.sensors.arrivals import new_submissions
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.refusals import refused_since
from ebook_pipeline.services.intake.submissions import SubmissionRequest
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reporting.status_lines import status_lines
from ebook_pipeline.settings import Settings
from tests.support.existing import existing
from tests.support.servers.postgres import rows

START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
RUN_KEY = "dagster/run_key"


class Landing:
    """A landing folder, and the sensor that watches it."""

    def __init__(
        self, database: Database, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        self.database, self.settings, self.instance = database, settings, instance
        self.folder = settings.root / "landing"
        self.folder.mkdir()
        job = reprocess.process_books(Resources(settings, database=database), lambda _: None)
        self.sensor = new_submissions(settings, job)

    def put(self, name: str, body: bytes = b"a book", age: float = 60) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        then = time.time() - age
        os.utime(path, (then, then))
        return path

    def tick(self) -> Sequence[dg.RunRequest]:
        """What the sensor asks for now."""
        context = dg.build_sensor_context(
            instance=self.instance,
            resources={
                "database": self.database,
                "landing_store": LandingFolder(self.folder, self.settings.quiet_seconds),
            },
        )
        return existing(self.sensor.evaluate_tick(context).run_requests)

    def take(self, book: str, letter: str = "a") -> None:
        """As a run does that takes the book's bytes."""
        blob = BlobRef(sha256=letter * 64, length=6, media_type="application/octet-stream")
        submissions.take_edition(self.database, book, lambda _: blob)

    def run_of(self, request: dg.RunRequest, status: dg.DagsterRunStatus) -> dg.DagsterRun:
        """The run that Dagster made of a request."""
        run = dg.DagsterRun(
            job_name=str(request.job_name),
            run_id=str(uuid.uuid4()),
            status=status,
            tags={RUN_KEY: str(request.run_key)},
        )
        return self.instance.add_run(run)


@pytest.fixture
def landing(database: Database, settings: Settings, instance: dg.DagsterInstance) -> Landing:
    return Landing(database, settings, instance)


def test_a_new_file_is_a_submission_a_partition_and_one_run_over_a_range(landing: Landing) -> None:
    landing.put("some/River Bank.epub")
    (request,) = landing.tick()
    book = submissions.book_of(landing.database, "some/River Bank.epub")
    assert request.job_name == "ingest"
    assert (request.tags[START], request.tags[END]) == (book, book)
    assert landing.instance.get_dynamic_partitions(PARTITION) == [book]
    assert rows(landing.database, "SELECT count(*) FROM submission") == [(1,)]


@pytest.mark.prove
def test_a_thousand_files_are_ten_runs_of_a_hundred(landing: Landing) -> None:
    for number in range(1000):
        landing.put(f"{number:04}.epub")
    requests = landing.tick()
    keys = landing.instance.get_dynamic_partitions(PARTITION)
    lengths = [keys.index(one.tags[END]) - keys.index(one.tags[START]) + 1 for one in requests]
    assert lengths == [100] * 10
    assert len({one.run_key for one in requests}) == 10


def test_the_same_file_is_no_news(landing: Landing) -> None:
    landing.put("a.epub")
    (request,) = landing.tick()
    landing.run_of(request, dg.DagsterRunStatus.STARTED)
    assert landing.tick() == []
    landing.take("a")
    assert landing.tick() == []


def test_a_changed_file_is_a_run_of_its_book_by_name(landing: Landing) -> None:
    landing.put("a.epub")
    landing.tick()
    landing.take("a")
    landing.put("a.epub", b"another book", age=30)
    (request,) = landing.tick()
    assert request.job_name == "process_books"
    assert request.run_config["ops"]["process_books_batch"]["config"]["keys"] == ["a"]


def test_a_file_that_is_still_being_written_is_left_alone(landing: Landing) -> None:
    path = landing.put("a.epub", age=0)
    assert landing.tick() == []
    os.utime(path, (time.time() - 60,) * 2)
    assert len(landing.tick()) == 1


def test_a_sidecars_claims_arrive(landing: Landing) -> None:
    landing.put("a.epub")
    landing.put("a.epub.json", json.dumps({"title": "The River Bank"}).encode())
    landing.tick()
    (submission,) = submissions.open_submissions(landing.database, "a")
    assert submission.claims.title == "The River Bank"


def test_a_broken_sidecar_is_a_finding_and_the_book_goes_on(landing: Landing) -> None:
    landing.put("a.epub")
    landing.put("a.epub.json", b"{")
    assert len(landing.tick()) == 1
    (submission,) = submissions.open_submissions(landing.database, "a")
    assert [finding.rule for finding in submission.claims.defects] == ["landing.sidecar"]


def test_a_request_that_was_never_launched_is_made_again_under_another_key(
    landing: Landing,
) -> None:
    landing.put("a.epub")
    (lost,) = landing.tick()
    (again,) = landing.tick()
    assert again.run_key != lost.run_key


def test_a_request_that_is_being_launched_is_not_made_again(landing: Landing) -> None:
    landing.put("a.epub")
    (request,) = landing.tick()
    landing.run_of(request, dg.DagsterRunStatus.STARTING)
    assert landing.tick() == []


def test_what_a_dead_run_was_to_take_is_asked_for_again_before_what_came_since(
    landing: Landing,
) -> None:
    landing.put("a.epub")
    (request,) = landing.tick()
    landing.run_of(request, dg.DagsterRunStatus.FAILURE)
    (again,) = landing.tick()
    assert "dagster/priority" not in request.tags
    assert again.tags["dagster/priority"] == "1"


def test_what_two_runs_left_untaken_is_left_to_a_person(landing: Landing) -> None:
    landing.put("a.epub")
    for _ in range(2):
        (request,) = landing.tick()
        landing.run_of(request, dg.DagsterRunStatus.FAILURE)
    assert landing.tick() == []
    failed = Journal(landing.database).last(["a"])["a"].stages["raw_file"]
    assert failed.outcome is Outcome.FAILED
    assert "two runs ended" in failed.detail["reason"]


def test_what_a_person_cancelled_is_not_started_again(landing: Landing) -> None:
    landing.put("a.epub")
    (request,) = landing.tick()
    landing.run_of(request, dg.DagsterRunStatus.CANCELED)
    assert landing.tick() == []
    failed = Journal(landing.database).last(["a"])["a"].stages["raw_file"]
    assert failed.detail["reason"] == "its run was cancelled"
    (line,) = status_lines(landing.database, BookFilter())
    assert line.reason == "its run was cancelled; ebooks retry a takes it up"


def test_a_book_whose_file_is_gone_has_failed_and_is_not_asked_for_for_ever(
    landing: Landing,
) -> None:
    landing.put("a.epub")
    (request,) = landing.tick()
    landing.run_of(request, dg.DagsterRunStatus.FAILURE)
    with pytest.raises(NotFound):
        submissions.take_edition(landing.database, "a", _gone)
    Journal(landing.database).record("run", "a", 0, "raw_file", Outcome.FAILED, 0.0)
    assert landing.tick() == []


def _gone(_: object) -> BlobRef:
    raise NotFound("gone")


def test_what_a_killed_shell_has_submitted_is_asked_for(landing: Landing) -> None:
    _submit(landing, "killed-run")
    assert [one.job_name for one in landing.tick()] == ["ingest"]


def test_what_a_living_shell_has_submitted_is_left_to_it(landing: Landing) -> None:
    run = str(uuid.uuid4())
    scratch.claim(landing.settings.scratch, run)
    _submit(landing, run)
    assert landing.tick() == []


def _submit(landing: Landing, run: str) -> None:
    blob = BlobRef(sha256="a" * 64, length=6, media_type="application/octet-stream")
    arrival = SubmissionRequest(
        landing_key="a.epub", version="1", source="a.epub", length=6, blob=blob, origin="cli"
    )
    submitted = submissions.submit(landing.database, arrival, actor="cli:eve")
    submissions.set_run(landing.database, [submitted.submission], run)


def test_a_run_whose_process_was_killed_is_told_as_failed(landing: Landing) -> None:
    run = dg.DagsterRun(
        job_name="process_books",
        run_id=str(uuid.uuid4()),
        status=dg.DagsterRunStatus.STARTED,
        tags={LAUNCHED_BY: "cli:eve"},
    )
    landing.instance.add_run(run)
    landing.tick()
    found = existing(landing.instance.get_run_by_id(run.run_id))
    assert found.status is dg.DagsterRunStatus.FAILURE


def test_a_run_that_lives_is_left_alone(landing: Landing) -> None:
    run = dg.DagsterRun(
        job_name="process_books",
        run_id=str(uuid.uuid4()),
        status=dg.DagsterRunStatus.STARTED,
        tags={LAUNCHED_BY: "cli:eve"},
    )
    scratch.claim(landing.settings.scratch, run.run_id)
    landing.instance.add_run(run)
    assert dead_runs.fail_dead_runs(landing.instance, landing.settings.scratch) == []


def test_other_jobs_and_runs_that_have_just_begun_are_left_alone(landing: Landing) -> None:
    for name in ("report", "ingest"):
        run = dg.DagsterRun(
            job_name=name, run_id=str(uuid.uuid4()), status=dg.DagsterRunStatus.STARTED
        )
        landing.instance.add_run(run)
    assert dead_runs.fail_dead_runs(landing.instance, landing.settings.scratch) == []


def test_what_can_not_be_taken_is_refused_once_and_is_nobody_elses_problem(
    landing: Landing,
) -> None:
    landing.put("a.epub")
    landing.put("/".join(["f" * 200] * 6) + "/b.epub")
    assert [request.job_name for request in landing.tick()] == ["ingest"]
    landing.tick()
    assert [one.finding.rule for one in refused_since(landing.database)] == [
        "landing.path-too-long"
    ]


def test_a_sidecar_that_may_not_be_read_is_a_finding_of_its_own_book(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.put("a.epub")
    landing.put("a.epub.json", b"{}")
    landing.put("b.epub")
    monkeypatch.setattr(LandingFolder, "claims", _denied)
    landing.tick()
    (submission,) = submissions.open_submissions(landing.database, "a")
    assert [finding.rule for finding in submission.claims.defects] == ["landing.sidecar"]
    assert submissions.open_submissions(landing.database, "b")


def _denied(self: LandingFolder, arrival: Arrival) -> Claims:
    if arrival.sidecar is None:
        return Claims()
    raise Denied(f"sidecar {arrival.sidecar}: Permission denied")


def test_what_the_database_can_not_hold_is_refused_and_the_others_go_on(landing: Landing) -> None:
    landing.put("a.epub")
    landing.put("a.epub.json", json.dumps({"title": "A"}).encode())
    landing.put("b.epub")
    with landing.database.begin() as connection:
        connection.exec_driver_sql(
            "ALTER TABLE submission ADD CONSTRAINT nasty CHECK (landing_key <> 'a.epub')"
        )
    landing.tick()
    assert [one.finding.rule for one in refused_since(landing.database)] == ["landing.unusable"]
    assert submissions.open_submissions(landing.database, "b")


NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40
).filter(lambda name: name not in (".", "..") and len(name.encode()) <= 200)


@settings_of_hypothesis(max_examples=40, deadline=None)
@given(paths=st.lists(st.lists(NAMES, min_size=1, max_size=5), min_size=1, max_size=6))
def test_whatever_lies_in_the_folder_a_book_beside_it_is_submitted(paths: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for parts in paths:
            with contextlib.suppress(OSError):  # a name that is a file already
                path = root.joinpath("odd", *parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"x")
                os.utime(path, (1, 1))
        (root / "good.epub").write_bytes(b"a book")
        os.utime(root / "good.epub", (1, 1))
        arrivals = list(LandingFolder(root, 3).arrivals())
        assert "good.epub" in {arrival.key for arrival in arrivals if arrival.refusal is None}
        for arrival in arrivals:
            assert is_book_id(book_id(arrival.key))
