"""Files from a shell as submissions: their bytes are stored first, then they are submitted."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ebook_pipeline.books.claims import parse_claims
from ebook_pipeline.books.errors import BookError, NotFound
from ebook_pipeline.books.records import BlobRef, Claims, canonical_json
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services import submissions
from ebook_pipeline.services.submissions import Offer, Submitted

BOOK_SUFFIXES = frozenset(
    {".epub", ".pdf", ".mobi", ".azw", ".azw3", ".prc", ".docx", ".doc", ".odt", ".rtf"}
    | {".html", ".htm", ".md", ".markdown", ".txt"}
)


def manuscripts(paths: Iterable[Path]) -> dict[str, Path]:
    """The files to submit by the key that names their book.

    A file counts whatever it is called; of a folder, at any depth, those whose names end as books'
    names do. The key is the path inside the folder, with as much of what stands before it as
    makes it unique.
    """
    found = [(path, relative) for given in paths for path, relative in _files(given)]
    alike = Counter(relative for _, relative in found)
    return {
        relative if alike[relative] == 1 else path.as_posix().lstrip("/"): path
        for path, relative in found
    }


def offer(database: Database, store: ObjectStore, key: str, path: Path, *, actor: str) -> Submitted:
    """Submit the file at `path` as `key`; the bytes of the current edition are no news."""
    blob = store.put(path, "application/octet-stream")
    claims = _claims(path)
    return submissions.submit(
        database,
        Offer(
            landing_key=key,
            version=_version(database, key, blob, claims),
            source=str(path),
            length=blob.length,
            claims=claims,
            blob=blob,
            origin="cli",
        ),
        actor=actor,
    )


def _files(given: Path) -> Iterator[tuple[Path, str]]:
    if given.is_file():
        yield given, given.name
        return
    for path in sorted(given.rglob("*")):
        relative = path.relative_to(given)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and path.suffix.lower() in BOOK_SUFFIXES:
            yield path, relative.as_posix()


def _claims(path: Path) -> Claims:
    sidecar = path.with_name(f"{path.name}.json")
    if not sidecar.exists():
        return Claims()
    try:
        return parse_claims(sidecar.read_bytes(), sidecar.name)
    except BookError as error:
        return Claims(defects=(error.finding,))


def _version(database: Database, key: str, blob: BlobRef, claims: Claims) -> str:
    """The bytes and what was claimed of them; bytes that come back after others are news again."""
    said = hashlib.sha256(canonical_json(claims.model_dump(mode="json"))).hexdigest()[:12]
    version = f"{blob.sha256}+{said}"
    try:
        current = submissions.current_edition(database, submissions.book_of(database, key))
    except NotFound:
        return version
    same = current.blob.sha256 == blob.sha256 and current.claims == claims
    return version if same else f"{version}+after-{current.number}"
