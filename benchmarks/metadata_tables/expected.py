"""What the manifest knows of a file, compared with the card that `ebooks metadata` prints."""

from collections.abc import Mapping
from typing import Any

WITHIN_A_HUNDREDTH = frozenset({"word_count", "text_chars"})
"""Counts that depend on what one takes for a word."""
FEW_WORDS = 2
"""Where so few words differ, they are parted otherwise: those of PDFs lie where they lie."""
ELSEWHERE = frozenset(
    {"zip_entries", "uncompressed_bytes", "rootfiles", "readable", "description_chars"}
    | {"description_start", "ncx_entries", "title_file_as", "header", "qpdf_check_rc"}
    | {"pdfinfo_rc", "pages_pdfinfo", "stated_by_repository", "type", "record_offsets_ok"}
    | {"encryption", "accessibility", "rights", "headings", "paragraphs", "footnotes", "images"}
    | {"tables", "lists", "note", "authors", "language", "declared_word_count", "source_text"}
)
"""What the manifest knows of archives, tools and texts, which is no metadata."""
_LOCKED = frozenset({"encrypted", "needs_password"})
"""What can be known of a file that only a password opens."""
_OTHER_NAME = {"word_count_by_calibre": "word_count"}
_STATED = ("person", "submitter", "file")


def compared(expect: Mapping[str, Any]) -> list[str]:
    """The fields of `expect` that a card is held to."""
    if expect.get("needs_password"):
        return [field for field in expect if field in _LOCKED]
    return [field for field in expect if field not in ELSEWHERE]


def differences(card: Mapping[str, Any], expect: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """(found, wanted) of each field that is not as `expect` has it.

    A field that the file leaves empty may be filled from the text or by a model.
    """
    wrong = {}
    for field in compared(expect):
        name = _OTHER_NAME.get(field, field)
        found, wanted = card.get(name), expect[field]
        told = not wanted and _origin(card, name) not in _STATED
        if not told and not _is_same(name, found, wanted):
            wrong[name] = (found, wanted)
    return wrong


def _origin(card: Mapping[str, Any], field: str) -> str:
    """Who says it; what the file's own facts hold has no provenance."""
    default = "text" if field == "title" else "file"
    return str(card.get("provenance", {}).get(field, {}).get("origin", default))


def _is_same(field: str, found: Any, wanted: Any) -> bool:
    if field in WITHIN_A_HUNDREDTH:
        return found is not None and abs(found - wanted) <= max(FEW_WORDS, 0.01 * wanted)
    return bool(_comparable(field, found) == _comparable(field, wanted))


def _comparable(field: str, value: Any) -> Any:
    if field in ("creators", "contributors"):
        return [_person(one) for one in value or ()]
    if field == "identifiers":
        return [(one["value"], bool(one.get("unique"))) for one in value or ()]
    return (value.strip("\0") if isinstance(value, str) else value) or None


def _person(one: Mapping[str, Any]) -> tuple[str, list[str], str | None]:
    return one["name"], sorted(one.get("roles", ())), one.get("file_as")
