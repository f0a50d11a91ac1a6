"""What people see of a record in the UI: tables, pictures, links; a book's words are escaped."""

import base64
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
from PIL import Image

from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.findings import Finding, worst_first

_MOST_ROWS = 50
_SHOWN_IN_PLACE = 1000  # the UI hides longer markdown behind a link
_NUMBERED = frozenset({"codepage"})
"""Facts whose number is a name, and counts nothing."""
_COLUMNS = [
    dg.TableColumn("severity", "string"),
    dg.TableColumn("message", "string"),
    dg.TableColumn("place", "string"),
    dg.TableColumn("rule", "string"),
]


def findings_table(findings: Iterable[Finding]) -> dg.TableMetadataValue:
    """The worst findings first, at most 50 of them; places may break at their folders."""
    rows = [
        dg.TableRecord(
            {
                "severity": finding.severity.value,
                "message": _with_remedy(finding),
                "place": finding.place.replace("/", "/\u200b"),
                "rule": finding.rule,
            }
        )
        for finding in worst_first(findings)[:_MOST_ROWS]
    ]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema(columns=_COLUMNS))


def _with_remedy(finding: Finding) -> str:
    return f"{finding.message} → {finding.remedy}" if finding.remedy else finding.message


def facts_table(facts: Mapping[str, bool | int | float | str]) -> dg.TableMetadataValue:
    """Facts with their values as a person reads them."""
    rows = [
        dg.TableRecord({"fact": name, "value": _read_out(name, value)})
        for name, value in facts.items()
    ]
    columns = [dg.TableColumn("fact", "string"), dg.TableColumn("value", "string")]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema(columns=columns))


def _read_out(name: str, value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    counts = isinstance(value, int) and name not in _NUMBERED
    return f"{value:,}" if counts else str(value)


def rows_table(
    rows: Iterable[Mapping[str, Any]], empty: Mapping[str, Any]
) -> dg.TableMetadataValue:
    """Rows under their own names; `empty` where there are none, for Dagster wants a first one."""
    records = [dg.TableRecord(row) for row in rows]
    return dg.MetadataValue.table(records or [dg.TableRecord(empty)])


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity."""
    found: dict[str, int] = {}
    for finding in findings:
        found[finding.severity.value] = found.get(finding.severity.value, 0) + 1
    return found


def picture(image: bytes, media_type: str, alt: str) -> dg.MarkdownMetadataValue:
    """A small image inline: a few kB travel with the event and are there for ever."""
    data = base64.b64encode(image).decode()
    return dg.MetadataValue.md(f"![{escaped(alt)}](data:{media_type};base64,{data})")


def small_picture(image: bytes, alt: str) -> dg.MarkdownMetadataValue:
    """An image that the UI shows in place, as large as that may be: 999 characters in all."""
    tries = ((side, quality) for side in (120, 96, 80, 64, 48) for quality in (50, 30, 15))
    for side, quality in tries:
        shown = picture(_webp(image, side, quality), "image/webp", alt[:60])
        if shown.md_str and len(shown.md_str) < _SHOWN_IN_PLACE:
            return shown
    return picture(image, "image/jpeg", alt)


def _webp(image: bytes, side: int, quality: int) -> bytes:
    with Image.open(io.BytesIO(image)) as opened:
        opened.thumbnail((side, side))
        body = io.BytesIO()
        opened.convert("RGB").save(body, "WEBP", quality=quality, method=6)
    return body.getvalue()


def links(urls: Mapping[str, str]) -> dict[str, dg.UrlMetadataValue]:
    """Links by name, each a row of its own."""
    return {f"{name}_link": dg.MetadataValue.url(url) for name, url in urls.items()}


def in_place(parts: Sequence[str], between: str, before: str = "") -> dg.MarkdownMetadataValue:
    """As many `parts` as the UI shows in place, and how many more there are."""
    text, room = before, _SHOWN_IN_PLACE - len("\n\n… and 1,000,000 more") - 1
    for number, part in enumerate(parts):
        longer = text + (between if number else "") + part
        if len(longer) > room and number:
            return dg.MetadataValue.md(f"{text}\n\n… and {len(parts) - number:,} more")
        text = longer
    return dg.MetadataValue.md(text)


def escaped(text: str) -> str:
    """A book's own words in markdown: shown as they are, meaning nothing."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~])", r"\\\1", html.escape(text, quote=False))


def size(blob: BlobRef) -> dg.IntMetadataValue:
    """Bytes."""
    return dg.MetadataValue.int(blob.length)
