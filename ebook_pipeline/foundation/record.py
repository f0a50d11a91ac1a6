"""What every record is: frozen, closed, read back when old; and bytes by reference."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Facts as JSON; `schema_version` grows when a field changes, `upgrade` reads old documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: ClassVar[int] = 1
    volatile: ClassVar[frozenset[str]] = frozenset()
    """Fields that may differ between two equal runs: no part of the data version."""

    @property
    def data_version(self) -> str:
        """SHA-256 of the record's canonical JSON without its volatile fields."""
        facts = self.model_dump(mode="json", exclude=set(self.volatile))
        return hashlib.sha256(canonical_json(facts)).hexdigest()

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> Self:
        """Read a document that was written as schema `version`."""
        if version != cls.schema_version:
            raise ValueError(f"{cls.__name__} version {version} is unknown to this release")
        return cls.model_validate(document)

    def blobs(self) -> Iterator["BlobRef"]:
        """Every blob that the record points to, at any depth."""
        return _blobs_in(self)


def canonical_json(document: object) -> bytes:
    """One byte string per document: sorted keys, no white space, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def text_digest(text: str) -> str:
    """What stands for `text` when it is gone: SHA-256 in hex, of unpaired surrogates too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _blobs_in(value: object) -> Iterator["BlobRef"]:
    if isinstance(value, BlobRef):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _blobs_in(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _blobs_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _blobs_in(item)


class BlobRef(Record):
    """Bytes by reference: SHA-256 in hex, length in bytes, media type (IANA)."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    length: int = Field(ge=0)
    media_type: str
