"""Briefs of picture books in which a person is named: told without them, and what was made goes.

A book that was submitted is a work like any other and stays as it is; of all others the files, and
of each the records of its chain, which hold the brief and the story, are removed.
"""

from typing import Any

from sqlalchemy import Connection, select, update

from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.picture_books.brief_names import names_in
from ebook_pipeline.books.picture_books.stage_records import MadeFiles
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.resources.database import Database, picture_book_tables
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.erasing.handles import PersonHandles, naming
from ebook_pipeline.services.picture_books.progress import STAGES

_TABLE = picture_book_tables.picture_book
_VERSIONS = picture_book_tables.picture_book_version
_NAMES = picture_book_tables.picture_book_name


def forget_in_briefs(database: Database, store: ObjectStore, person: PersonHandles) -> int:
    """Take the person out of every brief that names them; of how many books."""
    with database.begin() as connection:
        query = select(_NAMES.c.picture_book).where(naming(_NAMES, person)).distinct()
        keys = sorted(connection.execute(query).scalars())
    for key in keys:
        for stage in STAGES:
            for document in list(store.keys(f"records/{stage}/{key}/")):
                store.remove(document)
        with database.begin() as connection:
            unneeded = _told_otherwise(connection, key, person)
        for blob in unneeded:
            store.remove_blob(blob)
    return len(keys)


def without(brief: Brief, person: PersonHandles) -> Brief:
    """The brief without what names the person: their fields are empty, their character goes."""
    known = {text.casefold() for text in person.names | person.spellings}
    fields = {field for field, name in names_in(brief) if name in known}
    texts = {field: "" for field in fields - {"character"}}
    left = tuple(one for one in brief.characters if one.name.casefold() not in known)
    return brief.model_copy(update={**texts, "characters": left})


def _told_otherwise(connection: Connection, key: str, person: PersonHandles) -> list[BlobRef]:
    """Rewrite every version; the files that are nobody's any more."""
    submitted = select(_TABLE.c.book).where(_TABLE.c.key == key)
    is_book = connection.execute(submitted).scalar_one() is not None
    here = _VERSIONS.c.picture_book == key
    rows = connection.execute(select(_VERSIONS).where(here)).all()
    for row in rows:
        brief = without(Brief.model_validate(row.brief), person)
        values: dict[str, Any] = {"brief": brief.model_dump(mode="json")}
        if not is_book:
            values["made"] = None
        one = here & (_VERSIONS.c.number == row.number)
        connection.execute(update(_VERSIONS).where(one).values(values))
    if is_book:
        return []
    others = select(_VERSIONS.c.made).where(~here, _VERSIONS.c.made.is_not(None))
    needed = {blob.sha256 for made in connection.execute(others).scalars() for blob in _blobs(made)}
    left = [blob for row in rows if row.made for blob in _blobs(row.made)]
    return [blob for blob in left if blob.sha256 not in needed]


def _blobs(made: dict[str, Any]) -> list[BlobRef]:
    files = MadeFiles.model_validate(made)
    return [*files.files.values(), *files.pages.values()]
