"""Files from a shell as submissions: their bytes are stored first, then they are submitted."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.describing.sidecar import sidecar_claims
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.landing_keys import landing_key
from ebook_pipeline.books.records import BlobRef, Claims, canonical_json
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.actors import require_known
from ebook_pipeline.services.intake import submissions, submitted_files
from ebook_pipeline.services.intake.submissions import SubmissionReceipt, SubmissionRequest
from ebook_pipeline.services.owning import accounts, ownership
from ebook_pipeline.services.owning.ownership import SubmissionRefused

_BYTES = "application/octet-stream"
_NOTHING = ("", "", Claims())


def submit_file(
    database: Database,
    store: ObjectStore,
    name: str,
    path: Path,
    *,
    actor: str,
    account: str = HOUSE,
) -> SubmissionReceipt:
    """Submit the file at `path` as `name` of `account`; the current edition's bytes are no news.

    Raises `SubmissionRefused` where it touches what is another account's.
    """
    key = landing_key(account, name, accounts.ids(database))
    blob = store.put(path, _BYTES)
    claims = sidecar_claims(path)
    return submissions.submit(
        database,
        SubmissionRequest(
            landing_key=key,
            version=_version(database, key, blob, claims),
            source=str(path),
            length=blob.length,
            claims=claims,
            blob=blob,
            origin="cli",
            account=account,
        ),
        actor=actor,
    )


def known_files(
    database: Database,
    store: ObjectStore,
    files: Mapping[str, Path],
    *,
    actor: str,
    account: str = HOUSE,
) -> dict[str, str]:
    """Of files that need not be submitted, since they are what stands: the books, by name.

    Two questions for any number of files. What is not among them is submitted, and then told why
    it can't be.
    """
    known = accounts.ids(database)
    with database.begin() as connection:
        require_known(connection, actor)
    offers = [_offer(name, path, account, known) for name, path in files.items()]
    ours = [offer for offer in offers if offer is not None and store.exists(offer.blob)]
    standing = submitted_files.standing(database, [offer.key for offer in ours])
    same = [offer for offer in ours if standing.get(offer.key, _NOTHING)[1:] == offer.facts]
    told = submitted_files.known(database, [(offer.key, offer.version) for offer in same])
    return {
        offer.name: standing[offer.key][0] for offer in same if (offer.key, offer.version) in told
    }


@dataclass(frozen=True)
class _Offer:
    """A file as it would be submitted."""

    name: str
    key: str
    blob: BlobRef
    claims: Claims

    @property
    def version(self) -> str:
        return _version_of(self.blob, self.claims)

    @property
    def facts(self) -> tuple[str, Claims]:
        return self.blob.sha256, self.claims


def _offer(name: str, path: Path, account: str, known: Collection[str]) -> _Offer | None:
    """None where it may not be submitted so, or its file is none: its own submission tells why."""
    key = landing_key(account, name, known)
    try:
        ownership.require_own_folder(account, key, known)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            blob = BlobRef(sha256=digest, length=stream.tell(), media_type=_BYTES)
    except (SubmissionRefused, OSError):
        return None
    return _Offer(name, key, blob, sidecar_claims(path))


def _version_of(blob: BlobRef, claims: Claims) -> str:
    digest = hashlib.sha256(canonical_json(claims.model_dump(mode="json"))).hexdigest()[:12]
    return f"{blob.sha256}+{digest}"


def _version(database: Database, key: str, blob: BlobRef, claims: Claims) -> str:
    """The bytes and what was claimed of them; bytes that come back after others are news again."""
    version = _version_of(blob, claims)
    try:
        current = submissions.current_edition(database, submissions.book_of(database, key))
    except NotFound:
        return version
    same = current.blob.sha256 == blob.sha256 and current.claims == claims
    return version if same else f"{version}+after-{current.number}"
