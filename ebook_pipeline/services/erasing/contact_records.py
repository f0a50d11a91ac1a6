"""Contacts in records that earlier releases kept: the claims of `raw_file` had them.

Records of this release have none: nobody reads a contact there, and the database seals its own.
"""

import json
from collections.abc import Callable

from ebook_pipeline.books.records import Submission
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore

_STAGE = "raw_file"


def forget_contacts(store: ObjectStore, book: str, unwanted: Callable[[str], bool]) -> int:
    """Keep the book's records without contacts that are `unwanted`; of how many editions.

    A current record that had one is another one then, so that a rerun of the book does its stages
    anew. Older records of the edition that have one go: nothing points to them.
    """
    prefix = f"records/{_STAGE}/{book}/"
    keys = [key for key in store.keys(prefix) if not key.endswith("/current.json")]
    named = [key for key in keys if (contact := _contact(store.read(key))) and unwanted(contact)]
    editions = sorted({int(key.split("/")[3]) for key in named})
    for edition in editions:
        _keep_without(RecordStore(store), book, edition, unwanted)
    for key in named:
        store.remove(key)
    return len(editions)


def _contact(document: bytes) -> str:
    claims = json.loads(document)["record"].get("claims") or {}
    return claims.get("contact") or ""


def _keep_without(
    records: RecordStore, book: str, edition: int, unwanted: Callable[[str], bool]
) -> None:
    stored = records.current(_STAGE, book, edition, Submission)
    if stored is None or not isinstance(stored.record, Submission):
        return
    contact = stored.record.claims.contact or ""
    if contact and unwanted(contact):
        claims = stored.record.claims.model_copy(update={"contact": None})
        fresh = stored.record.model_copy(update={"claims": claims})
        records.keep(_STAGE, book, edition, fresh, stored.fingerprint)
