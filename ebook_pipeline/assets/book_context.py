"""What the books' batches work with: the way into a book, its facts, its journal."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from ebook_pipeline.books.converting import Tools
from ebook_pipeline.books.describing.describer import Describer
from ebook_pipeline.books.judging import QualityAssessor
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.protecting import policy as protection
from ebook_pipeline.books.records import (
    BlobRef,
    Distribution,
    Edition,
    EditionRecords,
    EncryptionProfile,
    Manifestations,
    Product,
    Protection,
    QualityReport,
    Record,
    Submission,
    ValidationReport,
)
from ebook_pipeline.books.reviewing.gate import ReleasePolicy, ReviewDecision
from ebook_pipeline.books.reviewing.routing import load_routing
from ebook_pipeline.execution import Event, Scope, Workshop, scratch
from ebook_pipeline.execution.files import Files, files_of
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.resources.landing import Arrival, LandingStore
from ebook_pipeline.resources.models.copywriter import Copywriter
from ebook_pipeline.resources.models.grammar_checker import GrammarChecker
from ebook_pipeline.resources.models.text_models import TextModels
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import OpenSubmission
from ebook_pipeline.services.journal import Journal
from ebook_pipeline.services.protecting.content_keys import ContentKeys
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.reviewing.evidence import gather_evidence
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.typesetter import Typesetter

FACTS = frozenset(
    {"edition", "files", "twins", "decision", "dossier", "policy", "librarian", "editor"}
    | {"shelf", "tools", "content_key", "encryption_profile", "protection_policy"}
    | {"timings", "settings"}
)
BEHIND_FACTS = frozenset(
    {"database", "object_store", "landing_store", "key_vault", "epubcheck", "browser", "typesetter"}
    | {"text_models", "copywriter", "grammar_checker"}
)
"""The resources that facts and opening a book ask for."""

_DOSSIER: dict[str, tuple[str, type[Record]]] = {
    "submission": ("raw_file", Submission),
    "validation": ("validated_book", ValidationReport),
    "manifestations": ("converted_book", Manifestations),
    "product": ("book_metadata", Product),
    "quality": ("qa_report", QualityReport),
    "distribution": ("cdn_release", Distribution),
}


def outfitter(
    settings: Settings, observe: Callable[[Event], object]
) -> Callable[[Mapping[str, object], str], Workshop]:
    """Makes the workshop of a run from its resources and its id."""

    def outfit(resources: Mapping[str, object], run_id: str) -> Workshop:
        database = cast(Database, resources["database"])
        store = cast(ObjectStore, resources["object_store"])
        epubcheck = cast(EpubCheck, resources["epubcheck"])
        scratch.claim_temporary(run_id)
        return Workshop(
            records=RecordStore(store),
            resources=resources,
            open=_Books(settings, resources, scratch.claim(settings.scratch, run_id)).open,
            journal=_RunJournal(
                Journal(database, load_routing(settings.review_routing)),
                RecordStore(store),
                run_id,
            ),
            cause=run_id,
            in_flight=settings.books_in_flight,
            keep_trying_seconds=settings.keep_trying_seconds,
            observe=observe,
            kill_tools=lambda: _kill(epubcheck),
        )

    return outfit


def _kill(epubcheck: EpubCheck) -> None:
    """Every child process that a stage may wait for."""
    sandbox.kill_all()
    epubcheck.close()


class _Books:
    """Opens books: one run at a time may hold a book, and its newest submission is taken first."""

    def __init__(
        self, settings: Settings, resources: Mapping[str, object], scratch_folder: Path
    ) -> None:
        self._settings, self._scratch = settings, scratch_folder
        self._database = cast(Database, resources["database"])
        self._store = cast(ObjectStore, resources["object_store"])
        self._landing = cast(LandingStore, resources["landing_store"])
        vault = cast(KeyVault, resources["key_vault"])
        self._keys = ContentKeys(self._database, vault, keep=settings.keep_content_key)
        self._protection = protection.load_protection_policy(
            Protection(settings.protection), settings.protection_file
        )
        self._records = RecordStore(self._store)
        models = cast(TextModels, resources["text_models"])
        copywriter = cast(Copywriter, resources["copywriter"])
        self._librarian = Describer(models, copywriter, settings.bisac_mapping)
        policy = load_quality_policy(settings.quality_policy)
        grammar = cast(GrammarChecker, resources["grammar_checker"])
        self._editor = QualityAssessor(policy, models, settings.models, grammar)
        self._tools = Tools(
            cast(Browser, resources["browser"]),
            cast(Typesetter, resources["typesetter"]),
            sandbox.Limits(settings.tool_seconds, settings.tool_megabytes),
        )

    @contextmanager
    def open(self, key: str, stop: threading.Event) -> Iterator[Scope]:
        with (
            self._database.lock(f"book {key}", stop=stop),
            files_of(self._store, self._scratch) as files,
        ):
            edition = submissions.take_edition(
                self._database, key, lambda submission: self._receive(submission, files.folder())
            )
            yield Scope(key, edition.number, self._facts(edition, files))

    def _facts(self, edition: Edition, files: Files) -> dict[str, Callable[[], object]]:
        book, number, database = edition.book, edition.number, self._database
        return {
            "edition": lambda: edition,
            "files": lambda: files,
            "twins": lambda: submissions.same_bytes_elsewhere(database, edition),
            "decision": lambda: self._decision(book, number),
            "dossier": lambda: self._dossier(book, number),
            "policy": lambda: self._policy(book, number),
            "librarian": lambda: self._librarian,
            "shelf": lambda: Descriptions(database, edition),
            "editor": lambda: self._editor,
            "content_key": lambda: self._keys.for_edition(book, number),
            "encryption_profile": lambda: EncryptionProfile(uri=self._settings.lcp_profile),
            "protection_policy": lambda: self._protection,
            "tools": lambda: self._tools,
            "timings": lambda: Journal(database).timings(book, number),
            "settings": lambda: self._settings,
        }

    def _policy(self, book: str, edition: int) -> ReleasePolicy:
        flagged = "; ".join(reviews.flags(self._database, book, edition))
        return ReleasePolicy(hold=self._settings.hold_releases, flagged=flagged)

    def _decision(self, book: str, edition: int) -> ReviewDecision | None:
        """What a person said of the report that is current now; an older report's is void."""
        report = self._records.read("qa_report", book, edition, QualityReport)
        version = report.data_version if report else ""
        return reviews.decision_for(self._database, book, edition, version)

    def _dossier(self, book: str, edition: int) -> EditionRecords:
        """The records that the edition's figures are counted from; all of them exist by then."""
        return EditionRecords.model_validate(
            {
                part: self._records.read(stage, book, edition, kind)
                for part, (stage, kind) in _DOSSIER.items()
            }
        )

    def _receive(self, submission: OpenSubmission, folder: Path) -> BlobRef:
        """Bring a landed file into the object store, byte for byte."""
        arrival = Arrival(
            key=submission.landing_key,
            version=submission.version,
            length=submission.length,
            sidecar=None,
        )
        received = self._landing.fetch(arrival, folder / "manuscript")
        return self._store.put(received, "application/octet-stream")


class _RunJournal:
    """The journal of one run; a wait is noted with the data version of the report to review.

    Where people must judge the book or mend it, the evidence is what its records say by then.
    """

    def __init__(self, journal: Journal, records: RecordStore, run_id: str) -> None:
        self._journal, self._records, self._run_id = journal, records, run_id

    def record(
        self, scope: Scope, stage: str, outcome: Outcome, seconds: float, detail: Mapping[str, Any]
    ) -> None:
        version = detail.get("data_version") or detail.get("inputs", {}).get("qa_report", "")
        if outcome in (Outcome.WAITING, Outcome.REJECTED):
            detail = {**self._evidence(scope, stage, detail), **detail}
        self._journal.record(
            self._run_id,
            scope.key,
            scope.edition,
            stage,
            outcome,
            seconds,
            data_version=version,
            detail=detail,
        )

    def _evidence(self, scope: Scope, stage: str, detail: Mapping[str, Any]) -> dict[str, Any]:
        own = Finding.model_validate(detail["finding"]) if "finding" in detail else None
        found = gather_evidence(self._records, scope.key, scope.edition, until=stage, finding=own)
        return found.model_dump(mode="json")
