"""What a reviewer judges can be taken out before release, by those who may, and is noted."""

from pathlib import Path

import pytest

from ebook_pipeline.books.owning.accounts import Membership, Role
from ebook_pipeline.books.records import BlobRef, QualityReport, ValidationReport, Verdict
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import LocalObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import UnknownActor
from ebook_pipeline.services.owning import accounts, people
from ebook_pipeline.services.reporting.taken_files import quality_page, take_files
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

PAGE = BlobRef(sha256="0" * 64, length=1, media_type="text/html")


@pytest.fixture
def records(tmp_path: Path, database: Database) -> RecordStore:
    """Emma, of the press, of which more was found than a question to a person shows."""
    accounts.add(database, "press", actor="eve")
    arrive(database, "bytes", "press/emma.epub", account="press")
    kept = RecordStore(LocalObjectStore(tmp_path / "objects"))
    found = tuple(
        Finding(rule=f"r{number}", severity=Severity.INFO, message="m" * 900)
        for number in range(30)
    )
    required = {
        name: "epub" for name, field in ValidationReport.model_fields.items() if field.is_required()
    }
    validated = ValidationReport.model_validate(required | {"findings": found})
    kept.keep("validated_book", "press-emma", 1, validated, "mark")
    report = QualityReport(verdict=Verdict.PASS, policy="p", page=PAGE)
    kept.keep("qa_report", "press-emma", 1, report, "mark")
    return kept


def test_an_operator_gets_the_files_and_all_findings_whole(
    database: Database, records: RecordStore
) -> None:
    taken = take_files(database, records, "press-emma", actor="cli:eve")
    assert [file.name for file in taken.files] == ["original.epub", "report.html"]
    assert taken.findings.count(b"\n") == 30
    assert taken.findings.count(b"m" * 900) == 30
    ((actor, detail),) = rows(database, "SELECT actor, detail FROM audit WHERE action = 'files'")
    assert (actor, detail["files"]) == ("cli:eve", ["original.epub", "report.html"])


def test_the_people_of_its_account_may_and_no_others(
    database: Database, records: RecordStore
) -> None:
    accounts.add(database, "other", actor="eve")
    for login, account, role in (
        ("amy", "press", Role.EDITOR),
        ("ben", "other", Role.PUBLISHER),
        ("cy", "press", Role.READER),
    ):
        people.add(database, login, Membership(account=account, role=role), actor="eve")
    assert take_files(database, records, "press-emma", actor="desk:amy").edition == 1
    for stranger in ("desk:ben", "desk:cy"):
        with pytest.raises(Denied):
            take_files(database, records, "press-emma", actor=stranger)
    assert len(rows(database, "SELECT FROM audit WHERE action = 'files'")) == 1


def test_nobody_whom_we_do_not_know_gets_them(database: Database, records: RecordStore) -> None:
    with pytest.raises((Denied, UnknownActor)):
        take_files(database, records, "press-emma", actor="cli:zoe")


def test_the_page_is_the_newest_editions(database: Database, records: RecordStore) -> None:
    assert quality_page(database, records, "press-emma") == PAGE
    arrive(database, "new bytes", "press/emma.epub", account="press")
    with pytest.raises(NotFound):
        quality_page(database, records, "press-emma")


def test_an_original_that_nobody_has_looked_at_is_any_bytes(
    database: Database, records: RecordStore
) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE edition SET media_type = 'application/octet-stream'")
    taken = take_files(database, records, "press-emma", actor="cli:eve")
    assert taken.files[0].name == "original.bin"
