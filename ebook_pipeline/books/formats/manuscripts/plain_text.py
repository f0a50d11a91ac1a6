"""Plain text and Markdown: nothing in them acts, but Markdown may hold HTML and name pictures."""

import itertools
import re
from pathlib import Path

from ebook_pipeline.books.formats.manuscripts import encodings, html, manuscript_findings, prose
from ebook_pipeline.books.formats.manuscripts.cleaned import CleanedManuscript
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.foundation.errors import BookError

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
    findings = list(read.findings)
    long = encodings.long_line_finding(read.text)
    if long:
        findings.append(long)
    if not read.text.strip():
        raise BookError("convert.empty", "The file holds no text.", remedy="Send the text.")
    if not prose.read_prose(read.text).headings:
        findings.append(manuscript_findings.no_headings(0))
    return CleanedManuscript(tuple(findings), {"": read.text.encode()})


def cleaned_markdown(path: Path) -> CleanedManuscript:
    """The Markdown at `path` decoded; HTML in it is cleaned once it is parsed."""
    read = encodings.decode_text(path.read_bytes())
    collector = FindingCollector()
    for finding in read.findings:
        collector.report(finding)
    long = encodings.long_line_finding(read.text)
    if long:
        collector.report(long)
    if _DEEP.search(read.text):
        raise manuscript_findings.too_deep()
    _note_addresses(read.text, collector)
    if RAW_HTML.search(read.text):
        _, inner = html.clean_fragment(read.text)
        collector.take(inner)
    if not _HEADING.search(read.text):
        collector.report(manuscript_findings.no_headings(0))
    return CleanedManuscript(collector.findings, {"": read.text.encode()})


def _note_addresses(text: str, collector: FindingCollector) -> None:
    for picture in _PICTURE.finditer(text):
        collector.add("manuscript.external", picture["source"] or "a picture without address")
    for link in _LINK.finditer(text):
        if not _WEB.match(link["target"]):
            collector.add("manuscript.local-link", link["target"])
    for defined in itertools.islice(_DEFINED.finditer(text), _MOST_DEFINED):
        if f"![{defined['name']}]" in text:
            collector.add("manuscript.external", defined["source"])
