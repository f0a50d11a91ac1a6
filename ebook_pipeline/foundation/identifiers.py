"""Names of books: the pipeline's own key, and the ISBN of a manifestation; and ids by chance."""

import base64
import hashlib
import re
import secrets
import unicodedata

BOOK_ID = re.compile(r"[0-9a-z]+(?:-[0-9a-z]+)*")
_LONGEST_SLUG = 80
_SPELT = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ł": "l", "Ł": "L", "þ": "th", "Þ": "TH", "ı": "i"}
)
"""Letters of names that Unicode takes apart into nothing of ASCII."""
_LETTER = re.compile(r"[^\W\d_xX]")
"""One that no ISBN has."""
_RANDOM_ID = re.compile(r"[a-z2-7]{26}")


def is_book_id(text: str) -> bool:
    """Whether `text` may be a partition key: lower-case letters, digits and single hyphens."""
    return len(text) <= _LONGEST_SLUG + 7 and BOOK_ID.fullmatch(text) is not None


def random_id() -> str:
    """An id that nobody guesses: 128 bits, 26 characters of RFC 4648's Base32 in small letters."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def is_random_id(text: str) -> bool:
    """Whether `text` is of the form of `random_id`."""
    return _RANDOM_ID.fullmatch(text) is not None


def book_id(landing_key: str, *, taken: bool = False, salt: str = "") -> str:
    """The key of the book that arrives as `landing_key`; the same key always gives the same book.

    A slug of the name without its last extension, with six hex digits of a SHA-256 where the slug
    lost something or is `taken` by another landing key: of `salt`, or of the key where it is empty.
    """
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", landing_key)
    spelt = unicodedata.normalize("NFKD", stem.translate(_SPELT))
    plain = spelt.encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^0-9a-z]+", "-", plain).strip("-")
    short = slug[:_LONGEST_SLUG].strip("-")
    lossy = not short or short != re.sub(r"[ _./-]+", "-", stem).lower().strip("-")
    if lossy or taken:
        digest = hashlib.sha256((salt or landing_key).encode()).hexdigest()[:6]
        return f"{short}-{digest}".strip("-")
    return short


def isbn13(text: str) -> str | None:
    """The ISBN-13 in `text` (``urn:isbn:`` and hyphens allowed), or None if it is no valid ISBN."""
    bare = re.sub(r"^(urn:)?isbn[:\s]*", "", text.strip(), flags=re.IGNORECASE)
    if _LETTER.search(bare):  # addresses are told without stdnum, whose import takes .01 s
        return None
    from stdnum import isbn
    from stdnum.exceptions import ValidationError

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
