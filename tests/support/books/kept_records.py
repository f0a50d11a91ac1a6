"""What an older version of the pipeline kept of one small book, the sample `flatland.pdf`.

`kept_records.json` holds each stage's record with its data version and fingerprint as that version
computed them, and the versions of the tools and models that counted. A change that makes tests over
it fail does every book of every home again, or can't read what homes have: where that is meant (a
stage's `version` or a record's schema was raised), these figures are taken anew with it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.books.protecting.policy import ProtectionPolicy
from ebook_pipeline.books.records import Edition, EditionRecords, EncryptionProfile
from ebook_pipeline.foundation.record import Record

_DOCUMENT: dict[str, Any] = json.loads(
    Path(__file__).with_name("kept_records.json").read_text(encoding="utf-8")
)
KEPT: dict[str, dict[str, Any]] = _DOCUMENT["stages"]
VERSIONS: dict[str, str] = _DOCUMENT["versions"]
"""By the name under which fingerprints know the tool, model or policy."""


@dataclass(frozen=True)
class Versioned:
    """A tool or model as fingerprints see it."""

    version: str


def record_of(stage: str) -> Any:
    """The stage's record, read as a home's records are."""
    kept = KEPT[stage]
    return BOOK_CHAIN[stage].record.upgrade(kept["record"], kept["schema_version"])


def context_records() -> dict[str, Record]:
    """The records that came from the book's context, by name."""
    kinds: dict[str, type[Record]] = {
        "edition": Edition,
        "encryption_profile": EncryptionProfile,
        "protection_policy": ProtectionPolicy,
    }
    read: dict[str, Record] = {
        name: kind.model_validate(_DOCUMENT["context"][name]) for name, kind in kinds.items()
    }
    return read | {"dossier": edition_records()}


def edition_records() -> EditionRecords:
    """All records of the edition that its figures are counted from."""
    by_type = {BOOK_CHAIN[stage].record: record_of(stage) for stage in KEPT}
    fields = get_type_hints(EditionRecords)
    return EditionRecords(**{name: by_type[fields[name]] for name in EditionRecords.model_fields})
