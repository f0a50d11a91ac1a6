"""Plain text to content documents, and content documents to an EPUB with the same bytes every time.

The texts are written so: ``# I | Title`` begins a chapter, blank lines part the paragraphs, ``> ``
begins a line of verse, ``*…*`` is emphasis, and ``![name] What one sees`` is a picture.
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
"""
EPUB3_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" \
lang="{language}" xml:lang="{language}">
<head>
  <title>{title}</title>
  <link rel="stylesheet" type="text/css" href="book.css"/>
</head>
<body>
{body}
</body>
</html>
"""
EPUB2_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="{language}">
<head>
  <title>{title}</title>
  <link rel="stylesheet" type="text/css" href="book.css"/>
</head>
<body>
{body}
</body>
</html>
"""
CSS = """body { margin: 0 5%; line-height: 1.45; }
h1, h2 { text-align: center; font-weight: normal; margin: 2.5em 0 1.5em; }
h2 span { display: block; font-size: 0.8em; letter-spacing: 0.2em; margin-bottom: 0.5em; }
p { margin: 0; text-indent: 1.3em; text-align: justify; }
h2 + p, figure + p { text-indent: 0; }
.verse { margin: 1.2em 0 1.2em 8%; }
.verse p { text-indent: -2em; margin: 0 0 0.9em 2em; text-align: left; }
.plain p { text-indent: 0; text-align: center; margin: 0.6em 0; }
figure { margin: 1.5em 0; text-align: center; }
img { max-width: 100%; }
.cover { margin: 0; text-align: center; }
.cover img { max-height: 100vh; }
"""


@dataclass(frozen=True)
class Chapter:
    """A heading, the number before it if there is one, and blocks of the text as written."""

    title: str
    number: str
    blocks: tuple[str, ...]


def chapters(text: str) -> list[Chapter]:
    """The chapters of a text in the form that this module's docstring describes."""
    found = []
    for part in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        head, *blocks = part.strip().split("\n\n")
        number, _, title = head.rpartition(" | ")
        found.append(Chapter(title, number, tuple(blocks)))
    return found


def inline(text: str) -> str:
    """One run of text as XHTML."""
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", escape(text.replace("\n", " "), quote=False))


def verse(block: str) -> str:
    """Stanzas of lines, as paragraphs that keep their lines."""
    lines = [line.removeprefix(">").strip() for line in block.split("\n")]
    stanzas = "\n".join(lines).split("\n\n")
    body = "\n".join(
        f"<p>{'<br/>'.join(inline(line) for line in stanza.split(chr(10)))}</p>"
        for stanza in stanzas
    )
    return f'<div class="verse">\n{body}\n</div>'


def block_html(block: str) -> str:
    """One block of a chapter as XHTML."""
    if block.startswith(">"):
        return verse(block)
    if picture := re.match(r"!\[(.+?)\]\s*(.*)", block, re.DOTALL):
        name, alt = picture[1], escape(picture[2].replace("\n", " "))
        return f'<figure><img src="{name}" alt="{alt}"/></figure>'
    return f"<p>{inline(block)}</p>"


def chapter_html(chapter: Chapter) -> str:
    """A chapter's heading and blocks as XHTML, without the page around it."""
    number = f"<span>{escape(chapter.number)}</span> " if chapter.number else ""
    heading = f"<h2>{number}{inline(chapter.title)}</h2>"
    return "\n".join([heading, *map(block_html, chapter.blocks)])


def names(count: int) -> Sequence[str]:
    """The names of so many chapters' files, without suffix."""
    return [f"chapter-{number}" for number in range(1, count + 1)]


def pack(target: Path, files: Mapping[str, str | bytes]) -> None:
    """Write `files` (paths under ``EPUB/``) as an OCF container (EPUB 3.3 §4), clock-free."""
    whole = {"META-INF/container.xml": CONTAINER} | {f"EPUB/{k}": v for k, v in files.items()}
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry("mimetype", zipfile.ZIP_STORED), "application/epub+zip")
        for name, body in whole.items():
            kept = name.endswith((".jpg", ".png"))
            method = zipfile.ZIP_STORED if kept else zipfile.ZIP_DEFLATED
            archive.writestr(entry(name, method), body, compresslevel=9)


def entry(name: str, method: int) -> zipfile.ZipInfo:
    """A container entry that looks the same whoever writes it and when."""
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = method
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
