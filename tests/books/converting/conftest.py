"""A book with a past: EPUB 2, pictures, links, styles."""

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.support.books.epub import epub, package

EPUB2_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="uid">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">
<dc:identifier id="uid" opf:scheme="UUID"
>urn:uuid:12345678-1234-4123-8123-123456789abc</dc:identifier>
<dc:title>An Old Book</dc:title><dc:language>en</dc:language>
<dc:creator opf:role="aut" opf:file-as="Author, Ann">Ann Author</dc:creator>
<dc:date opf:event="publication">1999</dc:date>
<dc:date opf:event="modification">2001-02-03</dc:date>
<meta name="cover" content="pic"/></metadata>
<manifest><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="one" href="one.html" media-type="application/xhtml+xml"/>
<item id="pic" href="pic.png" media-type="image/png"/></manifest>
<spine toc="ncx"><itemref idref="one"/></spine>
<guide><reference type="text" title="Start" href="one.html"/></guide></package>"""
NCX = """<?xml version="1.0" encoding="UTF-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head>
<meta name="dtb:uid" content="urn:uuid:12345678-1234-4123-8123-123456789abc"/></head>
<docTitle><text>An Old Book</text></docTitle><navMap>
<navPoint id="a" playOrder="1"><navLabel><text>First</text></navLabel><content src="one.html"/>
<navPoint id="b" playOrder="2"><navLabel><text>Inner</text></navLabel><content src="one.html#in"/>
</navPoint></navPoint>
<navPoint id="c" playOrder="3"><navLabel><text>Gone</text></navLabel><content src="one.html#gone"/>
</navPoint></navMap><pageList><pageTarget id="p" type="normal" value="7" playOrder="2">
<navLabel><text>7</text></navLabel><content src="one.html#in"/></pageTarget></pageList></ncx>"""
OLD_PAGE = """<?xml version="1.0"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head>
<meta http-equiv="Content-Style-Type" content="text/css"/></head>
<body bgcolor="white"><center><font color="red">One</font>&nbsp;<tt>two</tt></center>
<a name="in"/><p align="right">Text</p><img src="pic.png" alt="A picture" hspace="3"/>
</body></html>"""


def png(width: int = 60, height: int = 90) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def epub2(tmp_path: Path) -> Path:
    """An EPUB 2 with what EPUB 3 no longer allows."""
    files = {
        "EPUB/package.opf": EPUB2_PACKAGE,
        "EPUB/toc.ncx": NCX,
        "EPUB/one.html": OLD_PAGE,
        "EPUB/pic.png": png(),
        "EPUB/nav.xhtml": None,
        "EPUB/one.xhtml": None,
    }
    return epub(tmp_path / "old.epub", files)


@pytest.fixture
def three_chapters(tmp_path: Path) -> Path:
    """Three chapters that link to each other, styled alike and apart, with a cover."""
    xhtml = 'media-type="application/xhtml+xml"'
    names = ("one", "two", "three")
    manifest = "".join(f'<item id="{name}" href="{name}.xhtml" {xhtml}/>' for name in names)
    manifest += f'<item id="nav" href="nav.xhtml" properties="nav" {xhtml}/>'
    manifest += '<item id="css" href="a.css" media-type="text/css"/>'
    manifest += '<item id="pic" href="pic.png" media-type="image/png" properties="cover-image"/>'
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    entries = "".join(f'<li><a href="{name}.xhtml">{name.title()}</a></li>' for name in names)
    words = "Once upon a time there was a word. " * 20
    page = '<h1 id="top">{title}</h1><p><a href="{next}.xhtml#top">On</a></p>'
    page += f"<p>{words}</p><p>{words}</p>"
    style = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Two</title>'
        '<link rel="stylesheet" href="a.css"/></head><body>{}</body></html>'
    )
    files: dict[str, str | bytes | None] = {
        "EPUB/package.opf": package(manifest=manifest, spine=spine),
        "EPUB/nav.xhtml": f'<nav epub:type="toc"><ol>{entries}</ol></nav>',
        "EPUB/one.xhtml": page.format(title="One", next="two"),
        "EPUB/two.xhtml": style.format(page.format(title="Two", next="three")),
        "EPUB/three.xhtml": page.format(title="Three", next="one"),
        "EPUB/a.css": "@import 'b.css'; #top { color: red } p { display: block }",
        "EPUB/b.css": "h1 { background: url(pic.png) }",
        "EPUB/pic.png": png(),
    }
    return epub(tmp_path / "three.epub", files)
