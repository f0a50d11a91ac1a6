"""Contacts in what stages have recorded: a sidecar's claims stand in the record of `raw_file`."""

from collections.abc import Callable

from ebook_pipeline.books.records import Submission
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore

_STAGE = "raw_file"


def forget_contacts(store: ObjectStore, book: str, unwanted: Callable[[str], bool]) -> int:
    """Keep the book's records without contacts that are `unwanted`; of how many editions.

    The record is another one then, so that a rerun of the book does its stages anew. Older records
    of the edition go: nothing points to them.
    """
    records, prefix, changed = RecordStore(store), f"records/{_STAGE}/{book}/", 0
    for edition in sorted({int(key.split("/")[3]) for key in store.keys(prefix)}):
        stored = records.current(_STAGE, book, edition, Submission)
        if stored is None or not isinstance(stored.record, Submission):
            continue
        contact = stored.record.claims.contact or ""
        if contact and unwanted(contact):
            claims = stored.record.claims.model_copy(update={"contact": None})
            fresh = stored.record.model_copy(update={"claims": claims})
            before = list(store.keys(f"{prefix}{edition}/"))
            records.keep(_STAGE, book, edition, fresh, stored.fingerprint)
            for key in before:
                if not key.endswith("/current.json"):
                    store.remove(key)
            changed += 1
    return changed
