"""A content document's body without whatever acts: elements of `KEPT`, pictures in the page itself.

For pages of ours that show a stranger's book. The page's own policy (CSP 3,
https://www.w3.org/TR/CSP3/) forbids everything else besides.
"""

import base64
import html
import re
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.books.text_direction import RIGHT_TO_LEFT, text_direction
from ebook_pipeline.foundation.errors import LimitExceeded

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_KEPT_NAMES = """
h1 h2 h3 h4 h5 h6 p blockquote pre hr br ul ol li dl dt dd table caption thead tbody tfoot tr td th
figure figcaption img em strong i b s u small sub sup cite q abbr dfn code kbd samp var span div
section article aside header footer ruby rb rt rtc rp bdi bdo wbr
"""
_DROPPED_NAMES = """
head script style template iframe object embed applet param form input button select textarea audio
video source track canvas svg math map area link meta base frame frameset nav
"""
KEPT = frozenset(_KEPT_NAMES.split())
LARGEST_PICTURE, LARGEST_PICTURES = 256 << 10, 1 << 20
"""Bytes of one picture, and of all pictures of a page together."""
_DROPPED = frozenset(_DROPPED_NAMES.split())
_DRAWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_KEPT_ATTRIBUTES = {
    "alt": None,
    "lang": None,
    "dir": ("ltr", "rtl", "auto"),
    "src": None,
}
_LONGEST_ATTRIBUTE = 2000
"""Characters."""
_TAG = re.compile("<[^<>]*>")
_H = "{http://www.w3.org/1999/xhtml}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class Pictures:
    """The pictures of the excerpt as data URLs, as long as they are small enough together."""

    def __init__(self, opened: Archive, package: PackageDocument) -> None:
        self._opened = opened
        self._types = {item.path: item.media_type for item in package.manifest if item.path}
        self._left = LARGEST_PICTURES

    def url(self, document: str, src: str) -> str | None:
        """None for a picture that is too large, missing, or of a kind that may act."""
        name = resolve(document, src)
        kind = self._types.get(name or "")
        if name is None or kind not in _DRAWN or name not in self._opened:
            return None
        try:
            data = self._opened.read(name, min(self._left, LARGEST_PICTURE))
        except LimitExceeded:
            return None
        self._left -= len(data)
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def harmless_body(name: str, data: bytes, pictures: Pictures) -> etree._Element | None:
    """The body of a document, of harmless elements alone, which are in no namespace."""
    body = xml.parse(data, place=name, recover=True).find(f"{_H}body")
    if body is None:
        return None
    for image in list(body.iter(f"{_H}img")):
        src = pictures.url(name, image.get("src") or "")
        if src:
            image.set("src", src)
        else:
            image.text, image.tag = image.get("alt") or "", f"{_H}span"
    etree.strip_elements(body, etree.Comment, etree.PI, with_tail=False)
    tags = {
        element.tag
        for element in body.iter()
        if isinstance(element.tag, str) and element is not body
    }
    foreign = [tag for tag in tags if not tag.startswith(_H)]
    dropped = [tag for tag in tags if tag.removeprefix(_H) in _DROPPED]
    etree.strip_elements(body, *foreign, *dropped, with_tail=False)
    kept = {f"{_H}{name}" for name in KEPT}
    etree.strip_tags(body, *(tag for tag in tags if tag not in kept))
    for element in body.iter():
        _plain(element)
    return body


def _plain(element: etree._Element) -> None:
    """The element in no namespace, with the few attributes that say something to readers."""
    language = element.get("lang") or element.get(_LANG)
    names = _KEPT_ATTRIBUTES if element.tag == f"{_H}img" else ("lang", "dir")
    attributes = {name: element.get(name) for name in names}
    element.attrib.clear()
    attributes["lang"] = language
    for name, value in attributes.items():
        allowed = _KEPT_ATTRIBUTES[name]
        short = name == "src" or len(value or "") <= _LONGEST_ATTRIBUTE
        if value and short and (allowed is None or value in allowed):
            element.set(name, value)
    element.tag = etree.QName(element).localname


def page(title: str, package: PackageDocument, style: str, shown: str, head: str = "") -> str:
    """A whole page under `POLICY`; `title` is escaped already, and so is what is `shown`."""
    language = html.escape(next(iter(package.languages), "und"), quote=True)
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
{head}<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{shown}
</body>
</html>
"""


def main(shown: str, kind: str = "") -> str:
    """What is `shown`, in the direction that most of its letters run; `kind` is a class."""
    runs = text_direction([_TAG.sub(" ", shown)])
    direction = ' dir="rtl"' if runs == RIGHT_TO_LEFT else ""
    styled = f' class="{kind}"' if kind else ""
    return f"<main{styled}{direction}>\n{shown}\n</main>"


def written(body: etree._Element) -> str:
    """What is in a harmless body, as HTML."""
    return "".join(_parts(body))


def _parts(body: etree._Element) -> Iterator[str]:
    yield html.escape(body.text or "")
    for child in body:
        yield etree.tostring(child, method="html", encoding="unicode")
