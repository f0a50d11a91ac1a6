"""Files from a shell as submissions: their bytes are stored first, then they are submitted."""

import hashlib
from pathlib import Path

from ebook_pipeline.books.describing.sidecar import sidecar_claims
from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.books.owning.landing_keys import landing_key
from ebook_pipeline.books.records import BlobRef, Claims, canonical_json
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.submissions import SubmissionReceipt, SubmissionRequest
from ebook_pipeline.services.owning import accounts


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
    blob = store.put(path, "application/octet-stream")
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


def _version(database: Database, key: str, blob: BlobRef, claims: Claims) -> str:
    """The bytes and what was claimed of them; bytes that come back after others are news again."""
    digest = hashlib.sha256(canonical_json(claims.model_dump(mode="json"))).hexdigest()[:12]
    version = f"{blob.sha256}+{digest}"
    try:
        current = submissions.current_edition(database, submissions.book_of(database, key))
    except NotFound:
        return version
    same = current.blob.sha256 == blob.sha256 and current.claims == claims
    return version if same else f"{version}+after-{current.number}"
