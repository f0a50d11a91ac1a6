"""EPUB 2 books as programs wrote them: one plain book, and oddities that it can be given.

An oddity adds to parts of the book; those that EPUBCheck passes must be passed as EPUB 3 too.
"""

import base64
import zipfile
from collections.abc import Mapping
from pathlib import Path

Oddity = Mapping[str, str]
"""Text for named parts of the book: `metadata`, `manifest`, `spine`, `guide`, `points`, `body`."""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
_REPLACED = {
    "language": "en",
    "html": "",
    "spine_attributes": "",
    "doctype": "",
    "title": "Half Tide",
}
"""Parts that an oddity replaces, and what stands there otherwise."""
_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" '
    '"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
)
_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="2.0" unique-identifier="uid">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:dcterms="http://purl.org/dc/terms/">
<dc:identifier id="uid">urn:uuid:3a6f1f0e-2b2c-4d39-9b3d-5d1a3a7f0001</dc:identifier>
<dc:language>{language}</dc:language><dc:title>{title}</dc:title>{metadata}</metadata>
<manifest><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="c1" href="c1.xhtml" media-type="application/xhtml+xml"/>
<item id="c2" href="c2.xhtml" media-type="application/xhtml+xml"/>
<item id="pic" href="img/front.png" media-type="image/png"/>{manifest}</manifest>
<spine toc="ncx"{spine_attributes}>{first}<itemref idref="c1"/><itemref idref="c2"/>{spine}</spine>
{guide}{tours}</package>"""
_NCX = """<?xml version="1.0" encoding="UTF-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head>
<meta name="dtb:uid" content="urn:uuid:3a6f1f0e-2b2c-4d39-9b3d-5d1a3a7f0001"/></head>
<docTitle><text>Half Tide</text></docTitle><navMap>
<navPoint id="p1" playOrder="1"><navLabel><text>One</text></navLabel><content src="c1.xhtml"/>
</navPoint>{points}</navMap>{lists}</ncx>"""
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}<html xmlns="http://www.w3.org/1999/xhtml"{html}><head><title>{name}</title>{head}</head>
<body><h2>{name}</h2><p id="start">The boats came home. <img src="img/front.png" alt="front"/></p>
{body}</body></html>"""
_CONTAINER = """<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""


def epub2(path: Path, *oddities: Oddity) -> Path:
    """The book with all these oddities; keys with a dot or slash are files below ``OPS/``."""
    parts = {key: "".join(oddity.get(key, "") for oddity in oddities) for key in _parts(oddities)}
    parts = {**_REPLACED, "doctype": _DOCTYPE, **{key: text for key, text in parts.items() if text}}
    whole = {key: parts.get(key, "") for key in (*_ADDED, *_REPLACED)}
    whole["guide"] = f"<guide>{whole['guide']}</guide>" if whole["guide"] else ""
    files = {
        "package.opf": _PACKAGE.format(**whole),
        "toc.ncx": _NCX.format(**whole),
        "c1.xhtml": _DOCUMENT.format(name="One", **whole),
        "c2.xhtml": _DOCUMENT.format(name="Two", **{**whole, "body": "", "head": ""}),
        **{key: text for key, text in parts.items() if "." in key},
    }
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", _CONTAINER)
        book.writestr("OPS/img/front.png", PNG)
        for name, text in files.items():
            book.writestr(f"OPS/{name}", text)
    return path


_ADDED = (
    "metadata",
    "manifest",
    "first",
    "spine",
    "guide",
    "tours",
    "points",
    "lists",
    "head",
    "body",
)


def _parts(oddities: tuple[Oddity, ...]) -> set[str]:
    return {key for oddity in oddities for key in oddity}
