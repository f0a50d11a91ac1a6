"""By which keys an object store has its blobs and documents."""

import re

from ebook_pipeline.books.records import BlobRef

_LONGEST_KEY = 900
_PART_OF_KEY = r"[A-Za-z0-9_=@+-][A-Za-z0-9._=@+-]{0,199}"
_KEY = re.compile(rf"{_PART_OF_KEY}(?:/{_PART_OF_KEY})*")


def checked_key(key: str) -> str:
    """`key`, if it may name a document; ValueError tells the caller's mistake.

    Parts of letters, digits and ``._=@+-``, not beginning with a dot, joined by single slashes.
    """
    if len(key) > _LONGEST_KEY or _KEY.fullmatch(key) is None:
        raise ValueError(f"no key of a document: {key[:200]!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """`prefix`, if keys can begin so; ValueError else."""
    if prefix:
        checked_key(f"{prefix}0")
    return prefix


def blob_key(ref: BlobRef) -> str:
    """A blob's, by its digest."""
    return f"blobs/{ref.sha256[:2]}/{ref.sha256}"
