"""The words of a reader's opinion: a little HTML, of which nothing but plain markup is kept."""

import html
import re
import unicodedata

import nh3
from pydantic import Field, field_validator

from ebook_pipeline.foundation.record import Record

LONGEST = 20_000
"""Characters of an opinion as it is sent, markup included."""
LONGEST_SIGNATURE = 60
"""Characters."""
_TAGS = {"p", "br", "em", "strong", "i", "b", "blockquote", "ul", "ol", "li"}
_FORGOTTEN = {"script", "style", "template", "iframe", "object", "svg", "math"}
_MARKUP = re.compile(r"</?[a-zA-Z]")
_BREAK = re.compile(r"<(?:br|/p|/li|/blockquote)[^<>]{0,20}>")
_TAG = re.compile(r"<[^<>]{0,100}>")
_PARAGRAPHS = re.compile(r"\n[ \t]{0,20}\n\s{0,200}")
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Cn"}


class OpinionText(Record):
    """What a reader writes: stars from 1 to 5, cleaned HTML or nothing, a name to sign with.

    Plain text is taken too: its empty lines part paragraphs.
    """

    stars: int = Field(ge=1, le=5)
    text: str = Field(default="", max_length=LONGEST)
    signed: str = Field(default="", max_length=LONGEST_SIGNATURE)

    @field_validator("text")
    @classmethod
    def _clean(cls, text: str) -> str:
        return clean(text)

    @field_validator("signed")
    @classmethod
    def _one_line(cls, signed: str) -> str:
        shown = (sign for sign in signed if unicodedata.category(sign) not in _UNSEEN)
        return " ".join("".join(shown).split())


def clean(text: str) -> str:
    """`text` as HTML of paragraphs, emphasis, quotations and lists, without any attribute.

    Scripts and what they stand in go with all that they hold, other elements leave their words.
    """
    marked = text if _MARKUP.search(text) else _as_paragraphs(text)
    kept = nh3.clean(
        marked, tags=_TAGS, attributes={}, clean_content_tags=_FORGOTTEN, strip_comments=True
    ).strip()
    if not plain(kept):
        return ""
    return kept if _MARKUP.search(kept) else _as_paragraphs(html.unescape(kept))


def plain(text: str) -> str:
    """The words of cleaned HTML, a line for each paragraph or item."""
    lines = html.unescape(_TAG.sub("", _BREAK.sub("\n", text))).splitlines()
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


def _as_paragraphs(text: str) -> str:
    parts = (part.strip() for part in _PARAGRAPHS.split(text.replace("\r\n", "\n")))
    return "".join(
        f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>"
        for part in parts
        if part
    )
