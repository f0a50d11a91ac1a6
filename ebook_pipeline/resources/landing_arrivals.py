"""Files that have arrived, as a landing store tells them: each with its sidecar, or refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ebook_pipeline.books.owning.landing_keys import SIDECAR, is_sidecar
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.resources.landing_names import unusable


class Arrival(Record):
    """A whole file: `version` is another one when its bytes or its sidecar may have changed.

    `refusal` says why a file, or a folder, can't be taken; it has no bytes then.
    """

    key: str
    version: str
    length: int
    sidecar: str | None = None
    refusal: Finding | None = None


@dataclass(frozen=True)
class FoundFile:
    version: str
    length: int
    rests: bool = True


def unusable_arrival(key: str) -> Arrival | None:
    """The refusal of a key that can be no book's address; None of one that can."""
    refusal = unusable(key)
    return None if refusal is None else refused_arrival(key, refusal)


def arrivals_of(files: Mapping[str, FoundFile]) -> Iterator[Arrival]:
    for key, file in sorted(files.items(), key=lambda item: item[0].encode()):
        if is_sidecar(key):
            continue
        sidecar = files.get(key + SIDECAR)
        if file.rests and (sidecar is None or sidecar.rests):
            yield arrival_of(key, file, sidecar.version if sidecar else None)


def arrival_of(key: str, file: FoundFile, sidecar: str | None) -> Arrival:
    return Arrival(
        key=key,
        version=joined_version(file.version, sidecar),
        length=file.length,
        sidecar=key + SIDECAR if sidecar else None,
    )


def joined_version(book: str, sidecar: str | None) -> str:
    return f"{book}+{sidecar}" if sidecar else book


def refused_arrival(key: str, refusal: Finding) -> Arrival:
    """An arrival without bytes; its version is the same as long as the reason is.

    What is wrong with a folder is told once, however much lies in it.
    """
    where = refusal.place if refusal.rule == "landing.unpacked" else key
    return Arrival(key=where, version=refusal.rule, length=0, refusal=refusal)
