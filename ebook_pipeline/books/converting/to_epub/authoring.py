"""New EPUBs for texts that never were one: a style sheet of ours, a title page, a contents list.

The same arguments give the same bytes.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ebook_pipeline.books.converting.to_epub.publication import (
    FOLDER,
    EpubPublication,
    PackageMetadata,
    PublicationFile,
    write_publication,
)
from ebook_pipeline.books.formats.epub.content import XHTML_TYPE
from ebook_pipeline.books.records import TocEntry

STYLE_SHEET = b"""/* ebook-pipeline */
@namespace epub "http://www.idpf.org/2007/ops";
body { font-family: serif; line-height: 1.45; margin: 0 5%; widows: 2; orphans: 2;
  overflow-wrap: break-word }
p { margin: 0; text-indent: 1.3em; text-align: justify; hyphens: auto }
li p, td p, th p, .verse p, .titlepage p, figcaption p, p.picture { text-align: inherit }
h1, h2, h3, h4, h5, h6 { font-weight: normal; line-height: 1.25; text-align: center;
  margin: 2em 0 1em; text-indent: 0; hyphens: manual; break-after: avoid;
  page-break-after: avoid }
h1 { font-size: 1.5em; margin: 3.5em 0 2em }
h2 { font-size: 1.25em }
h3, h4, h5, h6 { font-size: 1em; font-style: italic }
h1 + p, h2 + p, h3 + p, h4 + p, hr + p, figure + p, blockquote + p, table + p, ul + p, ol + p,
.plain, li p, td p, th p, blockquote > p:first-child, aside p { text-indent: 0 }
hr { border: 0; height: 1em; margin: 1.2em 0; text-align: center; break-after: avoid;
  page-break-after: avoid }
hr::before { content: "*\\00a0\\00a0\\00a0*\\00a0\\00a0\\00a0*" }
hr.space::before { content: "" }
blockquote { margin: 1em 2em }
blockquote p + p, li p + p { margin-top: 0.5em }
.verse { margin: 1em 2em; text-indent: 0; text-align: left; hyphens: manual }
.verse p { text-indent: -1.5em; padding-left: 1.5em }
figure { margin: 1.5em 0; text-align: center; break-inside: avoid; page-break-inside: avoid }
figcaption, caption { font-size: 0.9em; font-style: italic; margin: 0.5em 0; text-align: center }
img { max-width: 100%; max-height: 90vh }
p.picture { text-align: center; text-indent: 0; margin: 1.5em 0 }
ul, ol, dl { margin: 1em 0; padding-left: 1.8em }
li { margin: 0.25em 0 }
table { border-collapse: collapse; margin: 1.5em auto; font-size: 0.95em; max-width: 100%;
  border-top: 1px solid; border-bottom: 1px solid }
th, td { padding: 0.35em 0.8em; text-align: left; vertical-align: top; hyphens: manual }
th { font-weight: bold; border-bottom: 1px solid }
pre { white-space: pre-wrap; font-size: 0.85em; margin: 1em 0 }
sup, sub { line-height: 0; font-size: 0.75em }
a[role="doc-noteref"] { text-decoration: none; margin-left: 0.1em }
a[role="doc-backlink"] { text-decoration: none; margin-left: 0.4em }
section[role="doc-endnotes"] { margin-top: 3em; font-size: 0.9em }
section[role="doc-endnotes"]::before { content: ""; display: block; width: 25%;
  border-top: 1px solid; margin-bottom: 0.8em }
aside { margin: 0.4em 0 }
.note-number { margin-right: 0.15em }
.smallcaps { font-variant: small-caps }
.titlepage { text-align: center; padding-top: 18vh; break-after: page; page-break-after: always }
.titlepage h1 { font-size: 2.1em; margin: 0 0 0.8em }
.titlepage p { text-indent: 0; margin: 0.4em 0 }
.titlepage .subtitle { font-style: italic }
.titlepage .author { font-size: 1.2em }
.titlepage .publisher { margin-top: 8em; font-size: 0.9em }
"""
_PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"{language}>
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
<body>
{body}
</body>
</html>
"""
_STYLE = f"{FOLDER}style.css"
_TITLE_PAGE = "title.xhtml"
_COVER_PAGE = "cover.xhtml"


@dataclass(frozen=True)
class AuthoredChapter:
    """One document: `body` is well-formed XHTML, what stands between the tags of ``body``.

    `entries` are its lines in the table of contents, their ``href`` empty or a ``#fragment``;
    without any it has one, its title. `pages` are those of the printed book that begin here.
    """

    title: str
    body: str
    entries: tuple[TocEntry, ...] | None = None
    pages: tuple[TocEntry, ...] = ()


@dataclass(frozen=True)
class ImageFile:
    """An image that chapters show as ``src="images/<name>"``."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class EpubMetadata:
    """What the package document will say; `identifier` makes the book itself, not its file.

    `progression` is ``rtl`` where pages are turned so, `direction` where the text itself runs so;
    `source` names what page numbers are of. `date` is of publication, ``YYYY`` or ``YYYY-MM-DD``;
    `contributors` are (MARC relator, name), `series` is (name, number in it).
    """

    title: str
    authors: tuple[str, ...] = ()
    language: str = "und"
    identifier: str = ""
    publisher: str | None = None
    description: str | None = None
    rights: str | None = None
    progression: str = ""
    source: str = ""
    direction: str = ""
    subtitle: str = ""
    date: str = ""
    isbn: str = ""
    subjects: tuple[str, ...] = ()
    contributors: tuple[tuple[str, str], ...] = ()
    series: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class TitleLine:
    """A line of the title page; `kind` is its class: title, subtitle, author, publisher, other."""

    kind: str
    text: str


def author_epub(
    target: Path,
    metadata: EpubMetadata,
    chapters: Sequence[AuthoredChapter],
    pictures: Sequence[ImageFile] = (),
    *,
    title_page: Sequence[TitleLine] = (),
    cover: ImageFile | None = None,
) -> None:
    """Write a valid EPUB 3 to `target`; the same arguments give the same bytes.

    A book without lines for its title page has none; `cover` is one of the `pictures`.
    """
    first = [_cover_page(metadata, cover)] if cover else []
    first += [_title_page(metadata, title_page)] if title_page else []
    named = [(chapter_name(number), chapter) for number, chapter in enumerate(chapters, 1)]
    documents = [_document(name, chapter, metadata) for name, chapter in named]
    toc = [entry for name, chapter in named for entry in _entries(name, chapter)]
    start = next((entry for entry in toc if entry.href), None)
    book = EpubPublication(
        metadata=_package_metadata(metadata, chapters, pictures),
        documents=[*first, *documents],
        resources=[
            PublicationFile(_STYLE, "text/css", STYLE_SHEET),
            *(_image(picture, is_cover=picture is cover) for picture in pictures),
        ],
        toc=toc or [TocEntry(title=metadata.title, href=f"{FOLDER}{chapter_name(1)}")],
        landmarks=[("bodymatter", start)] if start else [],
        pages=[page for name, chapter in named for page in _placed(name, chapter.pages)],
        progression=metadata.progression,
        direction=metadata.direction,
    )
    write_publication(target, book)


def chapter_name(number: int) -> str:
    """The file of chapter `number`, 1 the first, as other chapters link to it."""
    return f"chapter-{number:04}.xhtml"


def _document(name: str, chapter: AuthoredChapter, metadata: EpubMetadata) -> PublicationFile:
    properties = {"mathml"} if "<math" in chapter.body else set()
    properties |= {"svg"} if "<svg" in chapter.body else set()
    data = _page(chapter.title, chapter.body, metadata)
    return PublicationFile(f"{FOLDER}{name}", XHTML_TYPE, data, frozenset(properties))


def _page(title: str, body: str, metadata: EpubMetadata) -> bytes:
    language = escape(metadata.language)
    tag = f' lang="{language}" xml:lang="{language}"' if language else ""
    tag += f' dir="{metadata.direction}"' if metadata.direction else ""
    return _PAGE.format(title=escape(title or "…"), body=body, language=tag).encode()


def _cover_page(metadata: EpubMetadata, cover: ImageFile) -> PublicationFile:
    shown = escape(", ".join(filter(None, (metadata.title, *metadata.authors))))
    picture = f'<img role="doc-cover" src="images/{cover.name}" alt="{shown}"/>'
    body = f'<section epub:type="cover"><p class="picture">{picture}</p></section>'
    page = _page(metadata.title, body, metadata)
    return PublicationFile(f"{FOLDER}{_COVER_PAGE}", XHTML_TYPE, page)


def _title_page(metadata: EpubMetadata, lines: Sequence[TitleLine]) -> PublicationFile:
    written = "\n".join(_title_line(line) for line in lines)
    body = f'<section epub:type="titlepage" class="titlepage">\n{written}\n</section>'
    return PublicationFile(
        f"{FOLDER}{_TITLE_PAGE}", XHTML_TYPE, _page(metadata.title, body, metadata)
    )


def _title_line(line: TitleLine) -> str:
    if line.kind == "title":
        return f"<h1>{escape(line.text)}</h1>"
    return f'<p class="{line.kind}">{escape(line.text)}</p>'


def _entries(name: str, chapter: AuthoredChapter) -> Iterable[TocEntry]:
    own = chapter.entries
    if own is None:
        own = (TocEntry(title=chapter.title),)
    yield from _placed(name, own)


def _placed(name: str, entries: Iterable[TocEntry]) -> Iterable[TocEntry]:
    for entry in entries:
        yield entry.model_copy(update={"href": f"{FOLDER}{name}{entry.href}"})


def _image(picture: ImageFile, *, is_cover: bool) -> PublicationFile:
    properties = frozenset({"cover-image"} if is_cover else ())
    name = f"{FOLDER}images/{picture.name}"
    return PublicationFile(name, picture.media_type, picture.data, properties)


def _package_metadata(
    metadata: EpubMetadata, chapters: Sequence[AuthoredChapter], pictures: Sequence[ImageFile]
) -> PackageMetadata:
    words = "\n".join([metadata.title, *metadata.authors, metadata.identifier])
    return PackageMetadata(
        title=metadata.title,
        subtitle=metadata.subtitle,
        identifiers=[
            f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, words)}",
            *([f"urn:isbn:{metadata.isbn}"] if metadata.isbn else []),
        ],
        languages=[metadata.language],
        creators=metadata.authors,
        contributors=metadata.contributors,
        publishers=[metadata.publisher] if metadata.publisher else [],
        subjects=metadata.subjects,
        series=metadata.series,
        description=metadata.description or "",
        date=metadata.date,
        rights=metadata.rights or "",
        source=metadata.source,
        metas=_accessibility(chapters, bool(pictures)),
    )


def _accessibility(
    chapters: Sequence[AuthoredChapter], has_pictures: bool
) -> list[tuple[str, str]]:
    """What is true of the book as it is written, EPUB Accessibility 1.1 §2."""
    bodies = [chapter.body for chapter in chapters]
    described = not any('alt=""' in body for body in bodies)
    modes = ["textual", "visual"] if has_pictures else ["textual"]
    features = ["structuralNavigation", "tableOfContents", "readingOrder"]
    features += ["alternativeText"] if has_pictures and described else []
    if any(chapter.pages for chapter in chapters):
        features += ["pageNavigation", "pageBreakMarkers"]
    features += ["MathML"] if any("<math" in body for body in bodies) else []
    properties = [("schema:accessMode", mode) for mode in modes]
    properties += [("schema:accessibilityFeature", feature) for feature in features]
    properties.append(("schema:accessibilityHazard", "none"))
    if described:
        properties.append(("schema:accessModeSufficient", "textual"))
    elif has_pictures:
        properties.append(("schema:accessModeSufficient", "textual,visual"))
    return properties
