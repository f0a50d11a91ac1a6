"""What people see of a record in the UI: tables, pictures, links; a book's words are escaped."""

import base64
import html
import re
from collections.abc import Iterable, Mapping

import dagster as dg

from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.records import BlobRef

_MOST_ROWS = 50
_COLUMNS = [
    dg.TableColumn("severity", "string"),
    dg.TableColumn("rule", "string"),
    dg.TableColumn("place", "string"),
    dg.TableColumn("message", "string"),
    dg.TableColumn("remedy", "string"),
]


def findings_table(findings: Iterable[Finding]) -> dg.TableMetadataValue:
    """The worst findings first, at most 50 of them."""
    worst_first = sorted(findings, key=lambda finding: finding.severity.rank, reverse=True)
    return dg.MetadataValue.table(
        [
            dg.TableRecord({key: str(value) for key, value in finding.model_dump().items()})
            for finding in worst_first[:_MOST_ROWS]
        ],
        schema=dg.TableSchema(columns=_COLUMNS),
    )


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


def links(urls: Mapping[str, str]) -> dg.MarkdownMetadataValue:
    """Named links, one a line."""
    return dg.MetadataValue.md(
        "\n".join(f"- [{escaped(name)}]({url})" for name, url in urls.items())
    )


def escaped(text: str) -> str:
    """A book's own words in markdown: shown as they are, meaning nothing."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~])", r"\\\1", html.escape(text, quote=False))


def size(blob: BlobRef) -> dg.IntMetadataValue:
    """Bytes."""
    return dg.MetadataValue.int(blob.length)
