"""Makes the sample books again: ``.venv/bin/python samples/make.py``, the same bytes every time."""

import json
from collections.abc import Mapping
from pathlib import Path

import drawing
import typst
from packing import CSS, EPUB2_PAGE, EPUB3_PAGE, Chapter, chapter_html, chapters, names, pack

HERE = Path(__file__).resolve().parent
NEW_YEAR_2026 = 1767225600
PUBLIC_DOMAIN = (
    "The text is in the public domain; what the project added is dedicated to it (CC0 1.0)."
)

RIVER_OPF = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" \
unique-identifier="isbn" xml:lang="en-GB" \
prefix="a11y: http://www.idpf.org/epub/vocab/package/a11y/#">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="isbn">urn:isbn:9780306406157</dc:identifier>
    <dc:title id="title">The River Bank</dc:title>
    <meta refines="#title" property="title-type">main</meta>
    <dc:title id="subtitle">Three Chapters from The Wind in the Willows</dc:title>
    <meta refines="#subtitle" property="title-type">subtitle</meta>
    <dc:creator id="author">Kenneth Grahame</dc:creator>
    <meta refines="#author" property="role" scheme="marc:relators">aut</meta>
    <meta refines="#author" property="file-as">Grahame, Kenneth</meta>
    <dc:contributor id="drawings">The ebook_pipeline authors</dc:contributor>
    <meta refines="#drawings" property="role" scheme="marc:relators">ill</meta>
    <dc:language>en-GB</dc:language>
    <dc:publisher>Sample Press</dc:publisher>
    <dc:date>1908-10-08</dc:date>
    <dc:subject id="thema">Children’s / Teenage fiction: Animal stories</dc:subject>
    <meta refines="#thema" property="authority">Thema</meta>
    <meta refines="#thema" property="term">YFP</meta>
    <dc:subject>Animals -- Juvenile fiction</dc:subject>
    <dc:subject>Rivers -- Fiction</dc:subject>
    <dc:subject>Friendship -- Fiction</dc:subject>
    <dc:description>A Mole leaves his spring-cleaning for the sunlight, meets a Water Rat and a \
river, and is never the same again. The first three chapters of Kenneth Grahame’s story: the boat, \
Mr. Toad’s canary-coloured cart, and a night of snow in the Wild Wood.</dc:description>
    <dc:rights>{rights}</dc:rights>
    <meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>
    <meta id="series" property="belongs-to-collection">Ebook Pipeline Samples</meta>
    <meta refines="#series" property="collection-type">series</meta>
    <meta refines="#series" property="group-position">1</meta>
    <meta name="cover" content="cover-image"/>
    <meta property="schema:accessMode">textual</meta>
    <meta property="schema:accessMode">visual</meta>
    <meta property="schema:accessModeSufficient">textual</meta>
    <meta property="schema:accessibilityFeature">alternativeText</meta>
    <meta property="schema:accessibilityFeature">readingOrder</meta>
    <meta property="schema:accessibilityFeature">structuralNavigation</meta>
    <meta property="schema:accessibilityFeature">tableOfContents</meta>
    <meta property="schema:accessibilityHazard">none</meta>
    <meta property="schema:accessibilitySummary">Every picture is described; headings and \
the table of contents lead through the text.</meta>
    <meta property="dcterms:conformsTo">EPUB Accessibility 1.1 - WCAG 2.1 Level AA</meta>
    <meta property="a11y:certifiedBy">The ebook_pipeline authors</meta>
  </metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="css" href="book.css" media-type="text/css"/>
    <item id="cover-image" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/>
    <item id="picnic" href="picnic.jpg" media-type="image/jpeg"/>
    <item id="wild-wood" href="wild-wood.jpg" media-type="image/jpeg"/>
    <item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
    <item id="title-page" href="title.xhtml" media-type="application/xhtml+xml"/>
{items}
  </manifest>
  <spine>
    <itemref idref="cover" linear="no"/>
    <itemref idref="title-page"/>
    <itemref idref="nav"/>
{spine}
  </spine>
</package>
"""
RIVER_TITLE = """<section class="plain" epub:type="titlepage">
<h1>The River Bank</h1>
<p><em>Three Chapters from The Wind in the Willows</em></p>
<p>Kenneth Grahame</p>
<p>1908</p>
</section>"""
RIVER_COVER = """<section class="cover" epub:type="cover">
<img src="cover.jpg" alt="Cover: in the evening sun two animals row a red boat past a willow."/>
</section>"""
NAV_LANDMARKS = """<nav epub:type="landmarks" hidden="hidden">
<h2>Landmarks</h2>
<ol>
<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>
<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>
<li><a epub:type="bodymatter" href="chapter-1.xhtml">Start of the text</a></li>
</ol>
</nav>"""

FABLES_OPF = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="isbn">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
    <dc:identifier id="isbn" opf:scheme="ISBN">9783161484100</dc:identifier>
    <dc:title>Fables choisies</dc:title>
    <dc:creator opf:role="aut" opf:file-as="La Fontaine, Jean de">Jean de La Fontaine</dc:creator>
    <dc:language>fr</dc:language>
    <dc:publisher>Sample Press</dc:publisher>
    <dc:date opf:event="publication">1668</dc:date>
    <dc:subject>Fables françaises</dc:subject>
    <dc:subject>Poésie française -- 17e siècle</dc:subject>
    <dc:description>Douze fables que tout le monde sait par cœur, \
de la Cigale à la Tortue.</dc:description>
    <dc:rights>{rights}</dc:rights>
    <meta name="cover" content="cover-image"/>
    <meta name="calibre:series" content="Ebook Pipeline Samples"/>
    <meta name="calibre:series_index" content="2"/>
  </metadata>
  <manifest>
    <item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
    <item id="css" href="book.css" media-type="text/css"/>
    <item id="cover-image" href="cover.jpg" media-type="image/jpeg"/>
    <item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>
{items}
  </manifest>
  <spine toc="ncx">
    <itemref idref="cover"/>
{spine}
  </spine>
  <guide>
    <reference type="cover" title="Couverture" href="cover.xhtml"/>
    <reference type="text" title="Fables" href="chapter-1.xhtml"/>
  </guide>
</package>
"""
FABLES_COVER = """<div class="cover">
<img src="cover.jpg" alt="Couverture : un corbeau tient un fromage, un renard le regarde."/>
</div>"""
NCX = """<?xml version="1.0" encoding="UTF-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1" xml:lang="fr">
  <head>
    <meta name="dtb:uid" content="9783161484100"/>
    <meta name="dtb:depth" content="1"/>
    <meta name="dtb:totalPageCount" content="0"/>
    <meta name="dtb:maxPageNumber" content="0"/>
  </head>
  <docTitle><text>Fables choisies</text></docTitle>
  <navMap>
{points}
  </navMap>
</ncx>
"""
NCX_POINT = """    <navPoint id="point-{number}" playOrder="{number}">
      <navLabel><text>{title}</text></navLabel>
      <content src="chapter-{number}.xhtml"/>
    </navPoint>"""

BROKEN_OPF = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">urn:uuid:6f0f0c9e-31a1-4b8e-8a34-1e1b6c0f5a10</dc:identifier>
    <dc:title>The Oval Portrait</dc:title>
    <dc:creator>Edgar Allan Poe</dc:creator>
    <dc:language>en</dc:language>
    <dc:rights>{rights}</dc:rights>
    <meta property="dcterms:modified">2026-01-01T00:00:00Z</meta>
  </metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="css" href="book.css" media-type="text/css"/>
    <item id="chapter-1" href="chapter-1.xhtml" media-type="application/xhtml+xml"/>
    <item id="afterword" href="afterword.xhtml" media-type="application/xhtml+xml"/>
  </manifest>
  <spine>
    <itemref idref="chapter-1"/>
    <itemref idref="chapter-2"/>
    <itemref idref="afterword"/>
  </spine>
</package>
"""
BROKEN_NOTE = """
<p>See also <a href="notes.xhtml">the notes</a> and
<a href="chapter-1.xhtml#painter">what is said of the painter</a>.</p>
<p><img src="portrait.jpg" alt="A young woman in an oval frame"/></p>"""
BROKEN_NAV = """<nav epub:type="toc">
<h2>Contents</h2>
<p><a href="chapter-1.xhtml">The Oval Portrait</a></p>
</nav>"""


def text(name: str) -> list[Chapter]:
    """The chapters of ``texts/<name>.txt``."""
    return chapters((HERE / "texts" / f"{name}.txt").read_text(encoding="utf-8"))


def listed(count: int) -> dict[str, str]:
    """The manifest's and the spine's lines for so many chapters."""
    item = '    <item id="{0}" href="{0}.xhtml" media-type="application/xhtml+xml"/>'
    return {
        "items": "\n".join(item.format(name) for name in names(count)),
        "spine": "\n".join(f'    <itemref idref="{name}"/>' for name in names(count)),
    }


def page(body: str, title: str, language: str = "en-GB") -> str:
    return EPUB3_PAGE.format(language=language, title=title, body=body)


def page2(body: str, title: str) -> str:
    return EPUB2_PAGE.format(language="fr", title=title, body=body)


def toc(found: list[Chapter]) -> str:
    """A navigation document's table of contents."""
    lines = [
        f'<li><a href="{name}.xhtml">{chapter.number}. {chapter.title}</a></li>'
        for name, chapter in zip(names(len(found)), found, strict=True)
    ]
    body = "\n".join(lines)
    return f'<nav epub:type="toc" id="toc">\n<h2>Contents</h2>\n<ol>\n{body}\n</ol>\n</nav>'


def river_bank(target: Path) -> None:
    """An EPUB 3 with everything that a good one has."""
    found = text("river-bank")
    files: dict[str, str | bytes] = {
        "package.opf": RIVER_OPF.format(rights=PUBLIC_DOMAIN, **listed(len(found))),
        "nav.xhtml": page(f"{toc(found)}\n{NAV_LANDMARKS}", "Contents"),
        "cover.xhtml": page(RIVER_COVER, "Cover"),
        "title.xhtml": page(RIVER_TITLE, "The River Bank"),
        "book.css": CSS,
        "cover.jpg": drawing.river_cover(),
        "picnic.jpg": drawing.picnic(),
        "wild-wood.jpg": drawing.wild_wood(),
    }
    for name, chapter in zip(names(len(found)), found, strict=True):
        body = f'<section epub:type="chapter">\n{chapter_html(chapter)}\n</section>'
        files[f"{name}.xhtml"] = page(body, chapter.title)
    pack(target, files)


def fables(target: Path) -> None:
    """An EPUB 2 in French: verse, an NCX and no navigation document."""
    found = text("fables")
    points = [
        NCX_POINT.format(number=number, title=chapter.title)
        for number, chapter in enumerate(found, 1)
    ]
    files: dict[str, str | bytes] = {
        "package.opf": FABLES_OPF.format(rights=PUBLIC_DOMAIN, **listed(len(found))),
        "toc.ncx": NCX.format(points="\n".join(points)),
        "cover.xhtml": page2(FABLES_COVER, "Fables choisies"),
        "book.css": CSS,
        "cover.jpg": drawing.fables_cover(),
    }
    for name, chapter in zip(names(len(found)), found, strict=True):
        files[f"{name}.xhtml"] = page2(chapter_html(chapter), chapter.title)
    pack(target, files)


def flatland(target: Path) -> None:
    """A tagged PDF with an outline, two figures and metadata."""
    target.write_bytes(
        typst.compile(
            HERE / "flatland.typ",
            ignore_system_fonts=True,
            timestamp=NEW_YEAR_2026,
            pdf_standards=["ua-1"],
        )
    )


def broken_links(target: Path) -> None:
    """Broken on purpose: its spine, its links, a picture and its table of contents."""
    story = chapter_html(text("oval-portrait")[0])
    pack(
        target,
        {
            "package.opf": BROKEN_OPF.format(rights=PUBLIC_DOMAIN),
            "nav.xhtml": page(BROKEN_NAV, "Contents"),
            "chapter-1.xhtml": page(story + BROKEN_NOTE, "The Oval Portrait"),
            "book.css": CSS,
        },
    )


def sidecar(target: Path, claims: Mapping[str, object]) -> None:
    """What the submitter says, beside the book."""
    path = target.with_name(f"{target.name}.json")
    path.write_text(json.dumps(claims, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


CLAIMS: dict[str, dict[str, object]] = {
    "river-bank.epub": {
        "title": "The River Bank",
        "authors": ["Kenneth Grahame"],
        "isbn": "978-0-306-40615-7",
        "publisher": "Sample Press",
        "language": "en-GB",
        "price": {"amount": "3.99", "currency": "GBP"},
        "rights": PUBLIC_DOMAIN,
        "contact": "author@example.org",
        "audience": "children",
    },
    "fables-choisies.epub": {
        "title": "Fables choisies",
        "authors": ["Jean de La Fontaine"],
        "isbn": "978-3-16-148410-0",
        "language": "fr",
        "price": {"amount": "2.50", "currency": "EUR"},
        "rights": PUBLIC_DOMAIN,
        "contact": "editions@example.org",
    },
    "flatland.pdf": {
        "title": "Flatland: The First Three Sections",
        "authors": ["Edwin A. Abbott"],
        "isbn": "978-1-4028-9462-6",
        "publisher": "Sample Press",
        "language": "en-GB",
        "description": "A square describes the country of two dimensions that he lives in: its "
        "nature, its climate and houses, and its inhabitants.",
        "subjects": ["Geometry -- Fiction", "Satire"],
        "price": {"amount": "0.00", "currency": "USD"},
        "rights": PUBLIC_DOMAIN,
        "contact": "author@example.org",
    },
}


def main() -> None:
    river_bank(HERE / "river-bank.epub")
    fables(HERE / "fables-choisies.epub")
    flatland(HERE / "flatland.pdf")
    broken_links(HERE / "broken-links.epub")
    for name, claims in CLAIMS.items():
        sidecar(HERE / name, claims)


if __name__ == "__main__":
    main()
