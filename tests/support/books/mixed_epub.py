"""An EPUB with an entry of every kind and an odd name, and what a test changes of it."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

CONTAINER = b"""<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>"""

PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">urn:x:1</dc:identifier><dc:title>T</dc:title>
    <dc:language>en</dc:language>
    <meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>{meta}
  </metadata>
  <manifest>{items}</manifest>
  <spine>{spine}</spine>
</package>"""

PAGE = b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body/></html>'
JPEG = b"\xff\xd8 picture \xff\xd9" * 50

XHTML = "application/xhtml+xml"
ITEMS = "".join(
    f'<item id="{name}" href="{href}" media-type="{media_type}" properties="{properties}"/>'
    for name, href, media_type, properties in [
        ("nav", "nav.xhtml", XHTML, "nav"),
        ("ncx", "toc.ncx", "application/x-dtbncx+xml", ""),
        ("cover", "cover.jpg", "image/jpeg", "cover-image"),
        ("one", "one.xhtml", XHTML, ""),
        ("plate", "plate.jpg", "image/jpeg", ""),
        ("svg", "drawing.svg", "image/svg+xml", ""),
        ("odd", "caf%C3%A9,%20100%25&amp;.xhtml", XHTML, ""),
    ]
).replace(' properties=""', "")
ODD_NAME = "EPUB/caf\u00e9, 100%&.xhtml"

RESOURCES = {
    "EPUB/nav.xhtml": PAGE,
    "EPUB/toc.ncx": b"<ncx xmlns='http://www.daisy.org/z3986/2005/ncx/'/>",
    "EPUB/cover.jpg": JPEG,
    "EPUB/one.xhtml": PAGE * 20,
    "EPUB/plate.jpg": JPEG,
    "EPUB/drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ODD_NAME: PAGE,
}


def package(meta: str = "", items: str = "") -> bytes:
    """A package document that lists `ITEMS` and `items`."""
    spine = '<itemref idref="one"/><itemref idref="odd"/>'
    return PACKAGE.format(meta=meta, items=ITEMS + items, spine=spine).encode()


def write(path: Path, entries: Mapping[str, bytes] = RESOURCES, **special: bytes) -> Path:
    """An EPUB of these entries; `package` and `container` replace the usual documents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", special.get("container", CONTAINER))
        archive.writestr("EPUB/package.opf", special.get("package", package()))
        for name, body in entries.items():
            archive.writestr(name, body)
    return path


def read(path: Path) -> dict[str, bytes]:
    """Every entry by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
