"""What a backup holds, file by file with its digest, and who vouches for the list.

Nothing in it is believed before its code is checked: paths lead below the home, into folders that
backups hold, and the list is authenticated by a key that lies in the vault.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field, ValidationError, field_validator, model_validator

from ebook_pipeline.books.records import Record, canonical_json
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.foundation.secrets import Secret

FOLDERS = ("objects", "released", "landing", "events")
"""Of a home, what a backup holds. Mail that went out, logs and scratch space stay behind."""
DATABASES = ("ebooks", "dagster")
DUMPS = "postgres"
_LARGEST = 1 << 30
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}Z-[0-9a-f]{6}")


class BackedUpFile(Record):
    """One file: its place below the home, and its bytes in the backup's pool."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    length: int = Field(ge=0)

    @field_validator("path")
    @classmethod
    def _stays_below_the_home(cls, path: str) -> str:
        parts = PurePosixPath(path).parts
        plain = "/".join(parts) == path and "\0" not in path and not path.startswith("/")
        if not plain or ".." in parts or len(parts) < 2 or parts[0] not in (*FOLDERS, DUMPS):
            raise ValueError(f"{path[:200]!r} is no place of a home")
        return path


class BackupManifest(Record):
    """`revision`: of the tables. `left_out`: what could not be read whole, and why."""

    format: Literal[1] = 1
    made_at: AwareDatetime
    revision: str
    files: tuple[BackedUpFile, ...]
    left_out: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _each_place_once(self) -> Self:
        places = {file.path for file in self.files}
        above = {str(parent) for place in places for parent in PurePosixPath(place).parents}
        if len(places) != len(self.files) or places & above:
            raise ValueError("two files have one place")
        missing = {dump_path(name) for name in DATABASES} - places
        if missing:
            raise ValueError(f"there is no {min(missing)}")
        return self

    @property
    def length(self) -> int:
        """Bytes of all files."""
        return sum(file.length for file in self.files)


def dump_path(database: str) -> str:
    """Where a manifest lists the dump of a database."""
    return f"{DUMPS}/{database}.dump"


def set_name(made_at: datetime, salt: str) -> str:
    """What a set is called, to the microsecond: names sort by time, however quick the next is."""
    return f"{made_at:%Y%m%dT%H%M%S%fZ}-{salt}"


def is_set_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def signed(document: Any, key: Secret) -> bytes:
    """`document` with the code that only who has `key` can make."""
    return canonical_json({"document": document, "code": _code(document, key)})


def authenticated(body: bytes, key: Secret, place: str) -> Any:
    """The document of `signed`. `Damaged` where it was changed, or made with another key."""
    try:
        whole: Any = json.loads(body) if len(body) <= _LARGEST else None
        document, code = whole["document"], whole["code"]
        same = hmac.compare_digest(code, _code(document, key))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(f"{place} is no part of a backup") from error
    if not same:
        raise Damaged(f"{place} was changed, or was made with other keys than these")
    return document


def read_manifest(body: bytes, key: Secret, place: str) -> BackupManifest:
    """The manifest in `body`; `Damaged` says what is wrong with it, and where."""
    document = authenticated(body, key, place)
    try:
        return BackupManifest.model_validate(document)
    except ValidationError as error:
        faults: Iterable[str] = (str(fault["msg"]) for fault in error.errors()[:3])
        raise Damaged(f"{place}: {'; '.join(faults)}") from error


def _code(document: Any, key: Secret) -> str:
    return hmac.digest(key.reveal(), canonical_json(document), hashlib.sha256).hex()
