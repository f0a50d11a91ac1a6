"""Project Gutenberg's texts: what its header states, and where the book itself begins and ends.

https://www.gutenberg.org/policy/license.html; the header's form changed many times since 1971.
"""

import re
from dataclasses import dataclass

from ebook_pipeline.books.formats.manuscripts.cleaned import ManuscriptMetadata
from ebook_pipeline.books.formats.manuscripts.person_names import names_in

_HEADER = 60_000
"""Characters at the start of a text within which its header ends."""
_NAME = r"(?:the\s+|this\s+)?project\s+gutenberg"
_START = re.compile(
    rf"^[ \t]*\*+[ \t]*start\s+of\s+{_NAME}[^*\n]*(?:\n[^*\n]+){{0,2}}\**[ \t]*$"
    r"|^.*\*END[ *]*THE SMALL PRINT.*$|^[ \t]*\*END\*.*$",
    re.IGNORECASE | re.MULTILINE,
)
_END = re.compile(
    rf"^[ \t]*+(?:\*++[ \t]*+)?end\s+of\s+{_NAME}|^[ \t]*+\*++[ \t]*+end:?\s+full\s+license",
    re.IGNORECASE | re.MULTILINE,
)
_OPENING = re.compile(
    r"\A\W*+(?:the\s+|this\s+is\s+(?:the\s+)?)?(?:a\s+)?project\s+gutenberg(?:['’]s|-tm|™)?"
    r"(?:\s+(?:canada|(?:of\s+)?australia))?\s+(?:e-?book|e-?text|edition)"
    r"(?:\s*,|\s+of)?\s+(?P<title>[^\n]+(?:\n[^\n]+)?)",
    re.IGNORECASE,
)
_BY = re.compile(r" ?,? by (?P<author>[^(\[]{2,80}?) ?(?:[\[(#].*)?\Z", re.IGNORECASE)
_FIELD = re.compile(
    r"^(?P<name>title|subtitle|author|translator|editor|illustrator|language)s?:[ \t]*"
    r"(?P<value>[^\n]*(?:\n[ \t]{2,}\S[^\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_CREDITS = re.compile(
    r"\s*(?:(?:produced|e-?text\s+prepared|(?:this\s+)?e-?(?:book|text)\s+(?:was\s+)?(?:produced|"
    r"prepared)|transcribed|scanned)\s+(?:and\s+\w+\s+)?(?:by|for|from)\b[^\n]*(?:\n[^\n]+)*\n\s*\n)+",
    re.IGNORECASE,
)
_ROLES = {"translator": "trl", "editor": "edt", "illustrator": "ill"}
_NOBODY = frozenset({"various", "anonymous", "unknown", "none", ""})
_LANGUAGE_NAMES = (
    "english en|french fr|german de|spanish es|italian it|portuguese pt|dutch nl|finnish fi|"
    "swedish sv|danish da|norwegian no|latin la|greek el|chinese zh|japanese ja|russian ru|"
    "polish pl|hungarian hu|czech cs|esperanto eo|catalan ca|welsh cy|tagalog tl|hebrew he|"
    "arabic ar|irish ga|icelandic is|afrikaans af|romanian ro|bulgarian bg|serbian sr|galician gl"
)
_LANGUAGES = dict(pair.split() for pair in _LANGUAGE_NAMES.split("|"))


@dataclass(frozen=True)
class GutenbergText:
    """The book's own text, what its header states, and the boilerplate around it."""

    text: str
    metadata: ManuscriptMetadata
    boilerplate: tuple[str, ...]


def gutenberg_text(text: str) -> GutenbergText | None:
    """`text` parted into book and boilerplate; None where it is none of Project Gutenberg's."""
    head = text[:_HEADER]
    starts = list(_START.finditer(head))
    opening = _OPENING.match(head)
    if not starts and opening is None:
        return None
    begin = starts[-1].end() if starts else _fields_end(head)
    end = next((match.start() for match in _END.finditer(text, begin)), len(text))
    credits = _CREDITS.match(text, begin, end) or re.compile("").match(text, begin)
    body = credits.end() if credits else begin
    parts = (text[:body], text[end:])
    return GutenbergText(
        text[body:end].strip("\n") + "\n",
        _metadata(text[:begin], opening),
        tuple(part for part in parts if part.strip()),
    )


def _fields_end(head: str) -> int:
    """Where a header without a mark ends: behind its last field, else behind its first line."""
    fields = list(_FIELD.finditer(head[:4000]))
    if fields:
        return fields[-1].end()
    blank = head.find("\n\n")
    return blank if blank >= 0 else 0


def _metadata(header: str, opening: re.Match[str] | None) -> ManuscriptMetadata:
    fields: dict[str, list[str]] = {}
    for field in _FIELD.finditer(header):
        fields.setdefault(field["name"].lower(), []).append(field["value"])
    title, subtitle = _title(fields.get("title", [""])[0])
    people = [name for value in fields.get("author", []) for name in _lines(value)]
    if opening is not None:
        first = " ".join(opening["title"].split("\n\n")[0].split())
        by = _BY.search(first)
        title = title or (first[: by.start()] if by else first).strip(" ,*")
        people = people or ([by["author"].strip(" *")] if by else [])
    language = fields.get("language", [""])[0].split(",")[0].strip().lower()
    return ManuscriptMetadata(
        title=title,
        subtitle=subtitle or " ".join(fields.get("subtitle", [""])[0].split()),
        authors=tuple(
            name for one in people for name in names_in(one) if name.lower() not in _NOBODY
        ),
        language=_LANGUAGES.get(language, ""),
        contributors=tuple(
            (_ROLES[role], name)
            for role in _ROLES
            for value in fields.get(role, [])
            for line in _lines(value)
            for name in names_in(line)
        ),
    )


def _lines(value: str) -> list[str]:
    return [" ".join(line.split()) for line in value.split("\n") if line.strip()]


def _title(value: str) -> tuple[str, str]:
    """Title and subtitle: what stands on lines of its own below a title is one."""
    first, *rest = _lines(value) or [""]
    below = " ".join(rest)
    if below and (first.endswith((",", ":", ";")) or below[0].islower()):
        return f"{first} {below}", ""
    return first, below
