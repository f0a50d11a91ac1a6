"""Plain text and Markdown: nothing in them acts, but Markdown may hold HTML and name pictures."""

import itertools
import re
from pathlib import Path

from ebook_pipeline.books.formats.manuscripts import (
    encodings,
    html,
    manuscript_findings,
    markdown_dialects,
    prose,
)
from ebook_pipeline.books.formats.manuscripts.cleaned import CleanedManuscript, ManuscriptMetadata
from ebook_pipeline.books.formats.manuscripts.extent import check_extent
from ebook_pipeline.books.formats.manuscripts.gutenberg import GutenbergText, gutenberg_text
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.books.formats.manuscripts.metadata_block import metadata_block
from ebook_pipeline.books.formats.manuscripts.stated_fields import plain_fields, prose_fields
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding

RAW_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]{0,2000})?/?>")
_PICTURE = re.compile(r"!\[(?P<alt>[^\[\]]{0,500})\]\(\s*<?(?P<source>[^()\s<>]{0,2000})")
_DEFINED = re.compile(r"^ {0,3}\[(?P<name>[^\]^][^\]]{0,200})\]:\s*<?(?P<source>\S{1,2000})", re.M)
_LINK = re.compile(
    r"(?<!!)\[[^\[\]]{0,500}\]\(\s*<?(?P<target>[A-Za-z][A-Za-z0-9+.-]{1,20}:[^()\s<>]*)"
)
_WEB = re.compile(r"(https?|mailto|tel|ftp):", re.IGNORECASE)
_HEADING = re.compile(r"^ {0,3}#{1,6}\s+\S|^ {0,3}\S[^\n]{0,200}\n {0,3}(=+|-+)\s*$", re.M)
_DEEP = re.compile(r"^(?:[ \t]*>){60}|\[{100}|^(?:[ \t]*[-*+] ){60}|[*_]{400}", re.M)
_MOST_DEFINED = 1000
"""Definitions of links that are looked into."""


def cleaned_text(path: Path) -> CleanedManuscript:
    """The text at `path` decoded, in UTF-8."""
    read = encodings.decode_text(path.read_bytes())
    check_extent({"": read.text.encode()})
    findings = list(read.findings)
    published = gutenberg_text(read.text)
    text = published.text if published else read.text
    if published:
        findings.append(_boilerplate(published))
    long = encodings.long_line_finding(text)
    if long:
        findings.append(long)
    if not text.strip():
        raise BookError("convert.empty", "The file holds no text.", remedy="Send the text.")
    if not prose.read_prose(text).headings:
        findings.append(manuscript_findings.no_headings(0))
    metadata = published.metadata if published else ManuscriptMetadata()
    return CleanedManuscript(tuple(findings), {"": text.encode()}, metadata)


def _boilerplate(published: GutenbergText) -> Finding:
    words = sum(len(part.split()) for part in published.boilerplate)
    return manuscript_findings.info(
        "manuscript.boilerplate",
        f"Project Gutenberg's header and licence, {words:,} words, are no part of the book. "
        "Left out of the book.",
    )


def cleaned_markdown(path: Path) -> CleanedManuscript:
    """The Markdown at `path` decoded; HTML in it is cleaned once it is parsed."""
    read = encodings.decode_text(path.read_bytes())
    check_extent({"": read.text.encode()})
    text = markdown_dialects.without_first_comment(read.text)
    block = metadata_block(text)
    text = block.text if block else text.lstrip("\n") if text.lstrip("\n")[:1] == "%" else text
    collector = FindingCollector()
    for finding in (*read.findings, *(block.findings if block else ())):
        collector.report(finding)
    long = encodings.long_line_finding(text)
    if long:
        collector.report(long)
    if _DEEP.search(text):
        raise manuscript_findings.too_deep()
    _note_addresses(text, collector)
    if RAW_HTML.search(text):
        _, inner = html.clean_fragment(text)
        collector.take(inner)
    if not _HEADING.search(text):
        collector.report(manuscript_findings.no_headings(0))
    return CleanedManuscript(
        collector.findings,
        {"": markdown_dialects.as_pandoc_reads(text).encode()},
        plain_fields(block.stated) if block else ManuscriptMetadata(),
        stated=prose_fields(block.stated) if block else {},
    )


def _note_addresses(text: str, collector: FindingCollector) -> None:
    for picture in _PICTURE.finditer(text):
        if html.is_own_picture(picture["source"]):
            continue
        collector.add("manuscript.external", picture["source"] or "a picture without address")
    for link in _LINK.finditer(text):
        if not _WEB.match(link["target"]):
            collector.add("manuscript.local-link", link["target"])
    for defined in itertools.islice(_DEFINED.finditer(text), _MOST_DEFINED):
        if f"![{defined['name']}]" in text and not html.is_own_picture(defined["source"]):
            collector.add("manuscript.external", defined["source"])
