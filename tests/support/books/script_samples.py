"""Short books in eight scripts, from works long in the public domain, as EPUB, HTML and text.

`tests/samples/` has a text each: lines of metadata, chapters behind ``#``, a paragraph a line,
readings as Aozora Bunko writes them (``吾輩《わがはい》``).
"""

import re
import shutil
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from tests.support.books.epub import epub, package
from tests.support.paths import PROJECT

FOLDER = PROJECT / "tests" / "samples"
RIGHT_TO_LEFT = ("ar", "he")
_RUBY = re.compile(r"([\u3400-\u9fff々]+)《([^》]+)》")
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
 lang="{language}" xml:lang="{language}"{direction}><head><title>{title}</title>{style}</head>
<body>{body}</body></html>"""
_STYLE = '<link rel="stylesheet" type="text/css" href="book.css"/>'


@dataclass(frozen=True)
class Sample:
    """A book: its metadata by name (``title``, ``author`` …), and (heading, paragraphs)."""

    metadata: dict[str, str]
    chapters: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.metadata["language"]

    @property
    def vertical(self) -> bool:
        return "vertical" in self.metadata

    @property
    def direction(self) -> str:
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def text(self) -> str:
        """All paragraphs, without readings, a line each."""
        return _RUBY.sub(r"\1", "\n".join(line for _, lines in self.chapters for line in lines))


def sample(language: str) -> Sample:
    """The sample in `language`: ``ar``, ``ja`` …"""
    head, _, body = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").partition("\n\n")
    fields = (line.partition(": ") for line in head.splitlines())
    made = Sample({name: value for name, _, value in fields})
    for part in body.split("# ")[1:]:
        heading, *lines = (line.strip() for line in part.splitlines() if line.strip())
        made.chapters.append((heading, lines))
    return made


def languages() -> list[str]:
    return sorted(file.stem for file in FOLDER.glob("*.txt"))


def as_epub(book: Sample, path: Path) -> Path:
    """The book as EPUB 3 at `path`: a document a chapter, in the direction of its script."""
    names = [f"c{number}.xhtml" for number in range(1, len(book.chapters) + 1)]
    items = "".join(
        f'<item id="{name[:-6]}" href="{name}" media-type="application/xhtml+xml"/>'
        for name in names
    )
    files: dict[str, str | bytes | None] = {
        "EPUB/one.xhtml": None,
        "EPUB/book.css": _css(book),
        "EPUB/nav.xhtml": _nav(book, names),
        "EPUB/package.opf": package(
            _package_metadata(book),
            '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
            f'<item id="css" href="book.css" media-type="text/css"/>{items}',
            "".join(f'<itemref idref="{name[:-6]}"/>' for name in names),
        ).replace("<spine>", _spine(book)),
    }
    for name, (heading, lines) in zip(names, book.chapters, strict=True):
        files[f"EPUB/{name}"] = _document(book, heading, _chapter(heading, lines), _STYLE)
    return epub(path, files)


def as_html(book: Sample, path: Path) -> Path:
    """The book as one page of HTML at `path`, its author beside its title."""
    body = "".join(_chapter(heading, lines) for heading, lines in book.chapters)
    made = _document(book, book.metadata["title"], body, "").partition("\n")[2]
    author = f'<meta name="author" content="{escape(book.metadata["author"])}"/>'
    path.write_text(made.replace("</head>", f"{author}</head>"), encoding="utf-8")
    return path


def as_docx(book: Sample, path: Path) -> Path:
    """The book as DOCX at `path`, by pandoc."""
    import pypandoc

    source = as_html(book, path.with_suffix(".source.html"))
    direction = ["--metadata=dir:rtl"] if book.direction == "rtl" else []
    pypandoc.convert_file(str(source), "docx", outputfile=str(path), extra_args=direction)
    source.unlink()
    return path


def all_samples(folder: Path) -> list[Path]:
    """Every sample as EPUB in `folder`, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return [as_epub(sample(language), folder / f"{language}.epub") for language in languages()]


def _package_metadata(book: Sample) -> str:
    said = book.metadata
    lines = [
        '<dc:identifier id="uid">urn:uuid:12345678-1234-4123-8123-'
        f"{int.from_bytes(book.language.encode()[:5], 'big'):012d}</dc:identifier>",
        f"<dc:title>{escape(said['title'])}</dc:title>",
        f"<dc:language>{book.language}</dc:language>",
        f'<dc:creator id="by">{escape(said["author"])}</dc:creator>',
        '<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>',
    ]
    if "sort" in said:
        lines.append(f'<meta refines="#by" property="file-as">{escape(said["sort"])}</meta>')
    if "also" in said:
        lines.append(
            '<meta refines="#by" property="alternate-script" xml:lang="en">'
            f"{escape(said['also'])}</meta>"
        )
    return "\n".join(lines)


def _css(book: Sample) -> str:
    if not book.vertical:
        return "p { margin: 0 0 .5em }"
    return "html { writing-mode: vertical-rl; -epub-writing-mode: vertical-rl }"


def _spine(book: Sample) -> str:
    turned = book.direction == "rtl" or book.vertical
    return '<spine page-progression-direction="rtl">' if turned else "<spine>"


def _nav(book: Sample, names: list[str]) -> str:
    entries = "".join(
        f'<li><a href="{name}">{escape(heading)}</a></li>'
        for name, (heading, _) in zip(names, book.chapters, strict=True)
    )
    body = f'<nav epub:type="toc" id="toc"><ol>{entries}</ol></nav>'
    return _document(book, book.metadata["title"], body, "")


def _chapter(heading: str, lines: list[str]) -> str:
    paragraphs = "".join(f"<p>{_ruby(line)}</p>" for line in lines)
    return f"<section><h1>{escape(heading)}</h1>{paragraphs}</section>"


def _ruby(line: str) -> str:
    return _RUBY.sub(r"<ruby>\1<rt>\2</rt></ruby>", escape(line, quote=False))


def _document(book: Sample, title: str, body: str, style: str) -> str:
    direction = ' dir="rtl"' if book.direction == "rtl" else ""
    return _DOCUMENT.format(
        language=book.language, direction=direction, title=escape(title), style=style, body=body
    )
