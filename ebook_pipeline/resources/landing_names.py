"""By which names something may arrive, and the finding on what may not."""

from ebook_pipeline.books.formats.unpacked_books import unpacked_finding, unpacked_within
from ebook_pipeline.foundation.findings import Finding, Severity

LONGEST_KEY = 1024
"""Bytes of UTF-8: as long as S3 lets a key be, and as short as an index wants it."""
MOST_FOLDERS = 64


def unusable(key: str) -> Finding | None:
    """Why nothing of this key can be a book's address, if that is so."""
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        message = "Its name is no UTF-8."
        return finding("landing.name", key, message, "Rename it, in letters of Unicode.")
    if length > LONGEST_KEY:
        message = f"Its path has {length} bytes, more than {LONGEST_KEY}."
        return finding("landing.path-too-long", key, message, "Shorten the names in its path.")
    if key.count("/") > MOST_FOLDERS:
        message = f"It lies more than {MOST_FOLDERS} folders deep."
        return finding("landing.path-too-deep", key, message, "Move it further up.")
    folder = unpacked_within(key)
    return None if folder is None else unpacked_finding(folder)


def finding(rule: str, key: str, message: str, remedy: str) -> Finding:
    """What is wrong with what lies there, which stops it."""
    place = key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Finding(
        rule=rule,
        severity=Severity.FATAL,
        message=message,
        place=place[:LONGEST_KEY],
        remedy=remedy,
    )
