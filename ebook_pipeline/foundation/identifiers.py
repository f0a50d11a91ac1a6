"""Names of books: the pipeline's own key, and the ISBN of a manifestation."""

import hashlib
import re
import unicodedata

BOOK_ID = re.compile(r"[0-9a-z]+(?:-[0-9a-z]+)*")
_LONGEST_SLUG = 80


def is_book_id(text: str) -> bool:
    """Whether `text` may be a partition key: lower-case letters, digits and single hyphens."""
    return len(text) <= _LONGEST_SLUG + 7 and BOOK_ID.fullmatch(text) is not None


def book_id(landing_key: str, *, taken: bool = False) -> str:
    """The key of the book that arrives as `landing_key`; the same key always gives the same book.

    A slug of the name without its last extension, with six hex digits of the key's SHA-256 where
    the slug lost something or is `taken` by another landing key.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", landing_key)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^0-9a-z]+", "-", plain).strip("-")
    short = slug[:_LONGEST_SLUG].strip("-")
    lossy = not short or short != re.sub(r"[ _./-]+", "-", stem).lower().strip("-")
    if lossy or taken:
        digest = hashlib.sha256(landing_key.encode()).hexdigest()[:6]
        return f"{short}-{digest}".strip("-")
    return short


def isbn13(text: str) -> str | None:
    """The ISBN-13 in `text` (``urn:isbn:`` and hyphens allowed), or None if it is no valid ISBN."""
    from stdnum import isbn
    from stdnum.exceptions import ValidationError

    bare = re.sub(r"^(urn:)?isbn[:\s]*", "", text.strip(), flags=re.IGNORECASE)
    try:
        number: str = isbn.validate(bare, convert=True)
    except ValidationError:
        return None
    return number


def looks_like_isbn(text: str) -> bool:
    """Whether `text` claims to be an ISBN, valid or not: a wrong check digit is worth a finding."""
    bare = re.sub(r"^(urn:)?isbn[:\s]*", "", text.strip(), flags=re.IGNORECASE)
    claims = bare != text.strip()
    digits = re.sub(r"[\s-]", "", bare)
    return claims or re.fullmatch(r"97[89]\d{10}", digits) is not None
