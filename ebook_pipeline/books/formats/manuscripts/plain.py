"""Plain text and Markdown: nothing in them acts, but Markdown may hold HTML and name pictures."""

import itertools
import re
from pathlib import Path

from ebook_pipeline.books.formats.manuscripts import encodings, html, notes, prose
from ebook_pipeline.books.formats.manuscripts.cleaned import About, Cleaned
from ebook_pipeline.books.formats.manuscripts.notes import Notes
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


def cleaned_text(path: Path) -> Cleaned:
    """The text at `path` decoded, in UTF-8."""
    read = encodings.decoded(path.read_bytes())
    findings = list(read.findings)
    long = encodings.long_line(read.text)
    if long:
        findings.append(long)
    if not read.text.strip():
        raise BookError("convert.empty", "The file holds no text.", remedy="Send the text.")
    found = prose.read(read.text)
    if not found.headings:
        findings.append(notes.no_headings(0))
    described = About(found.title, found.authors)
    return Cleaned(tuple(findings), {"": read.text.encode()}, described)


def cleaned_markdown(path: Path) -> Cleaned:
    """The Markdown at `path` decoded; HTML in it is cleaned once it is parsed."""
    read = encodings.decoded(path.read_bytes())
    noted = Notes()
    for finding in read.findings:
        noted.say(finding)
    long = encodings.long_line(read.text)
    if long:
        noted.say(long)
    if _DEEP.search(read.text):
        raise notes.too_deep()
    _note_addresses(read.text, noted)
    if RAW_HTML.search(read.text):
        _, inner = html.clean_text(read.text)
        noted.take(inner)
    if not _HEADING.search(read.text):
        noted.say(notes.no_headings(0))
    return Cleaned(noted.findings, {"": read.text.encode()})


def _note_addresses(text: str, noted: Notes) -> None:
    for picture in _PICTURE.finditer(text):
        noted.add("manuscript.external", picture["source"] or "a picture without address")
    for link in _LINK.finditer(text):
        if not _WEB.match(link["target"]):
            noted.add("manuscript.local-link", link["target"])
    for defined in itertools.islice(_DEFINED.finditer(text), _MOST_DEFINED):
        if f"![{defined['name']}]" in text:
            noted.add("manuscript.external", defined["source"])
