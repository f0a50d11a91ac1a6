"""HTML: https://html.spec.whatwg.org/, of which a book keeps text, tables, links and pictures.

Whatever acts (scripts, forms, frames), hides (comments, templates) or is fetched goes; pictures
stay where they are in the file itself as ``data:`` URLs of a bitmap.
"""

import html
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.books.formats.manuscripts import (
    html_footnotes,
    html_headings,
    html_programs,
    manuscript_findings,
)
from ebook_pipeline.books.formats.manuscripts.cleaned import (
    CleanedManuscript,
    ManuscriptMetadata,
    manuscript_metadata,
)
from ebook_pipeline.books.formats.manuscripts.encodings import decode_text
from ebook_pipeline.books.formats.manuscripts.hidden_by_style import HidingRules
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.foundation.errors import BookError

_ACTIVE_NAMES = """
script applet iframe frame portal fencedframe input button select textarea keygen isindex
"""
_ACTIVE = frozenset(_ACTIVE_NAMES.split())
_EMBEDDED_NAMES = """
embed source track bgsound svg
"""
_EMBEDDED = frozenset(_EMBEDDED_NAMES.split())
_WITH_FALLBACK = frozenset({"object", "audio", "video", "canvas"})
"""Embedded too, but what stands in them is shown where they can not be."""
_SILENT = frozenset(["style", "template", "link", "base", "datalist", "param"])
_BLOCKS_LEFT = frozenset(
    {"form", "fieldset", "legend", "dialog", "noscript", "noframes", "frameset", "map"}
)
_PHRASES_LEFT = frozenset(
    {"label", "picture", "marquee", "blink", "slot", "output", "meter", "progress"}
)
"""Elements that go while what is in them stays."""
_DATA_PICTURE = re.compile(r"data:image/(png|jpe?g|gif|webp|bmp|tiff)\s*;\s*base64,", re.IGNORECASE)
_LINKED = re.compile(r"(https?|mailto|tel|ftp):|#", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SCHEME = re.compile(r"[\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]{0,20}):")
_AS_IS = re.compile(r"<xmp\b[^<>]*>(.*?)</xmp\s*>", re.IGNORECASE | re.DOTALL)
_PLAINTEXT = re.compile(r"<plaintext\b[^<>]*>", re.IGNORECASE)
_MOST_LOOKED_AT = 20
"""Tags within comments that are passed over."""
_HOSTED = re.compile(r"(?:https?|ftp):", re.IGNORECASE)
_HOST = re.compile(
    r"[a-z]+://(?:[^\s/?#@\[\]]*@)?(?:\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::[0-5]?\d{1,4})?(?:[/?#]|\Z)",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"[\s<>\"{}|\\^`\[\]]|%(?![0-9A-Fa-f]{2})")
_FRAMES = re.compile(r"</?(?:frameset|noframes)\b[^<>]*>|</(?:body|html)\s*>", re.IGNORECASE)
"""Tags that go by themselves: what stands behind a page's end is shown too."""
_XHTML = re.compile(
    r"""<html\b[^<>]*xmlns\s*=\s*["']http://www\.w3\.org/1999/xhtml["']""", re.IGNORECASE
)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_HEAD = 4096
"""Characters within which a page says that it is XML."""
_VOID = re.compile(
    r"<(wbr|source|track|embed|keygen|basefont|spacer|param)\b([^<>]*?)/?>(?:\s*</\1\s*>)?",
    re.IGNORECASE,
)
"""Elements without content, which a parser of HTML 4 takes for the start of some."""
_GOES = frozenset({"srcset", "background", "ping", "action", "formaction", "poster", "lowsrc"})


def cleaned_html(path: Path) -> CleanedManuscript:
    """The HTML document at `path` without what acts or is fetched."""
    read = decode_text(path.read_bytes(), declares=True)
    collector = FindingCollector()
    for finding in read.findings:
        collector.report(finding)
    root = parse_html(read.text)
    described = _about(root)
    html_programs.read_as_meant(root, collector)
    clean_tree(root, collector)
    html_footnotes.mark_footnotes(root)
    recovered = html_headings.mark_headings(root)
    if recovered is not None:
        collector.report(manuscript_findings.no_headings(recovered))
    html_headings.strip_presentation(root)
    text = etree.tostring(root, encoding="utf-8", method="html", doctype="<!DOCTYPE html>")
    return CleanedManuscript(collector.findings, {"": text}, described)


def parse_html(text: str) -> etree._Element:
    """The ``html`` element of any HTML.

    Raises BookError (``manuscript.nesting``, ``xml.attributes``).
    """
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_pis=True)
    bare = _AS_IS.sub(_escaped, re.sub(r"\A\s*<\?xml\b[^>]*\?>", "", text))
    if _XHTML.search(text[:_HEAD]):
        bare = _CDATA.sub(lambda letters: html.escape(letters[1], quote=False), bare)
    bare = with_rest_as_is(_VOID.sub(r"<\1\2></\1>", _FRAMES.sub("", bare)))
    data = bare.encode("utf-8", "replace")
    if xml.overgrown_element_in(data):
        raise BookError("xml.attributes", xml.TOO_MANY_ATTRIBUTES)
    root = etree.fromstring(data or b"<p></p>", parser)
    if any("depth" in entry.message for entry in parser.error_log):
        raise manuscript_findings.too_deep()
    root = root if root is not None else etree.fromstring(b"<html><body/></html>")
    if root.find("body") is None:
        etree.SubElement(root, "body")
    return root


def with_rest_as_is(text: str) -> str:
    """A page whose ``<plaintext>``, which nothing ends, is a ``<pre>`` of letters to its end."""
    for tag in itertools.islice(_PLAINTEXT.finditer(text), _MOST_LOOKED_AT):
        before = text[: tag.start()]
        if before.rfind("<!--") <= before.rfind("-->"):
            return f"{before}<pre>{html.escape(text[tag.end() :], quote=False)}</pre>"
    return text


def _escaped(match: re.Match[str]) -> str:
    """What a page shows letter for letter, tags and all."""
    return f"<pre>{match[1].replace('&', '&amp;').replace('<', '&lt;')}</pre>"


def clean_tree(
    root: etree._Element, collector: FindingCollector, pictures: frozenset[str] = frozenset()
) -> None:
    """Take out of `root` what acts, hides or is fetched, and note it.

    `pictures` are addresses of pictures that lie beside the document and may stay.
    """
    rules = HidingRules(_sheets(root))
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            remove_element(element)
        elif element.tag == "input" and element.get("type", "").lower() in ("checkbox", "radio"):
            _draw_box(element)
        elif element.tag in _ACTIVE or _refreshes(element):
            collector.add("manuscript.active", f"<{element.tag}>")
            remove_element(element)
        elif element.tag in _EMBEDDED:
            collector.add("manuscript.embedded", f"<{element.tag}>")
            remove_element(element)
        elif _is_hidden(element, rules):
            _leave_out(element, collector)
        elif element.tag in _SILENT:
            _note_base(element, collector)
            remove_element(element)
        else:
            _clean_element(element, collector, pictures)


def _draw_box(element: etree._Element) -> None:
    """A box that is ticked or not as the sign that looks like it."""
    sign = "☒" if "checked" in element.attrib else "☐"
    element.tag = "span"
    element.attrib.clear()
    element.text = sign
    element.tail = f" {(element.tail or '').lstrip()}"


def is_own_picture(address: str) -> bool:
    """Whether `address` holds the picture itself, as a bitmap."""
    return _DATA_PICTURE.match(address) is not None


def _sheets(root: etree._Element) -> Iterator[str]:
    """The page's own style sheets for screens."""
    for style in root.iter("style"):
        if style.get("media", "all").strip().lower() in ("", "all", "screen"):
            yield style.text or ""


def _is_hidden(element: etree._Element, rules: HidingRules) -> bool:
    """Whether no browser shows it: HTML §6.1, https://html.spec.whatwg.org/#the-hidden-attribute"""
    if element.tag in ("html", "body", "head"):
        return False
    if "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")) is not None:
        return True
    return rules.hide(element.tag, {str(key): str(value) for key, value in element.attrib.items()})


def _leave_out(element: etree._Element, collector: FindingCollector) -> None:
    words = " ".join("".join(str(piece) for piece in element.itertext()).split())
    if words:
        collector.add("manuscript.hidden-text", f"“{words}”")
    remove_element(element)


def _refreshes(element: etree._Element) -> bool:
    return element.tag == "meta" and element.get("http-equiv", "").strip().lower() == "refresh"


def _note_base(element: etree._Element, collector: FindingCollector) -> None:
    href = element.get("href", "")
    relations = element.get("rel", "").lower().split()
    if href and (element.tag == "base" or "stylesheet" in relations):
        collector.add("manuscript.external", href)


def _clean_element(
    element: etree._Element, collector: FindingCollector, pictures: frozenset[str]
) -> None:
    for key in [str(key) for key in element.attrib]:
        if key.lower().startswith("on"):
            collector.add("manuscript.active", key)
        if key.lower().startswith("on") or key in _GOES or not _is_name(key):
            element.attrib.pop(key)
    if element.tag == "img":
        _clean_picture(element, collector, pictures)
    elif "href" in element.attrib:
        _clean_link(element, collector)
    elif "src" in element.attrib:
        collector.add("manuscript.external", str(element.attrib.pop("src")))
    _unwrap(element, collector)
    style = element.get("style", "")
    if "url(" in style.lower() or "expression" in style.lower() or "\\" in style:
        collector.add("manuscript.external", style)
        element.attrib.pop("style")


def _unwrap(element: etree._Element, collector: FindingCollector) -> None:
    """Let what an element holds stand where the element itself can not."""
    if element.tag in _WITH_FALLBACK:
        collector.add("manuscript.embedded", f"<{element.tag}>")
    if element.tag in _BLOCKS_LEFT or element.tag == "object":
        element.tag = "div"
    elif element.tag in _PHRASES_LEFT or element.tag in _WITH_FALLBACK:
        element.tag = "span"


def _is_name(key: str) -> bool:
    return re.fullmatch(r"(\{[^{}]*\})?[A-Za-z_][A-Za-z0-9_.:-]*", key) is not None


def _clean_picture(
    element: etree._Element, collector: FindingCollector, pictures: frozenset[str]
) -> None:
    source = element.get("src", "").strip()
    if source in pictures or is_own_picture(source):
        return
    collector.add("manuscript.external", source[:100] or "a picture without address")
    element.tag = "span"
    text = " ".join(element.get("alt", "").split())
    figure = element.getparent()
    caption = figure.find("figcaption") if figure is not None and figure.tag == "figure" else None
    if caption is not None and " ".join("".join(map(str, caption.itertext())).split()) == text:
        text = ""  # the caption says it, to everybody
        caption.attrib.pop("aria-hidden", "")
    element.attrib.clear()
    element.text = f"[{text}]" if text else None


def _clean_link(element: etree._Element, collector: FindingCollector) -> None:
    href = element.get("href", "").strip()
    if element.tag in ("a", "area") and _LINKED.match(href):
        address = href if href.startswith("#") else web_address(href)
        if address:
            element.set("href", address)
            return
    scheme = _SCHEME.match(href)
    acts = scheme is not None and scheme[1].lower() in ("javascript", "vbscript", "data")
    rule = "manuscript.active" if acts else "manuscript.local-link"
    if href:
        collector.add(rule, href[:60])
    element.attrib.pop("href")


def web_address(href: str) -> str:
    """A web or mail address with what none may hold percent-encoded, RFC 3987 §2.2.

    Empty where it names no host.
    """
    host = _HOST.match(href)
    scheme, _, rest = href.partition(":")
    if (_HOSTED.match(href) and host is None) or not rest.strip("/ "):
        return ""
    end = host.end() if host else len(scheme) + 1
    return href[:end] + _UNFIT.sub(lambda sign: quote(sign[0], safe=""), href[end:])


def _about(root: etree._Element) -> ManuscriptMetadata:
    named = {meta.get("name", "").lower(): meta.get("content", "") for meta in root.iter("meta")}
    authors = [
        meta.get("content", "")
        for meta in root.iter("meta")
        if meta.get("name", "").lower() in ("author", "dc.creator", "dcterms.creator")
    ]
    title = named.get("dc.title") or root.findtext(".//head/title") or root.findtext(".//title")
    body = root.find("body")
    speaking = [root] if body is None else [root, body]
    keys = ("lang", "{http://www.w3.org/XML/1998/namespace}lang", "xml:lang")
    said = (element.get(key, "") for element in speaking for key in keys)
    language = next(filter(None, said), "")
    authors = [html_programs.name_in_order(author) for author in authors]
    title = html_programs.own_title(title or "")
    return manuscript_metadata(title, authors, language or named.get("dc.language"), assumed=False)


def clean_fragment(text: str) -> tuple[etree._Element, FindingCollector]:
    """A piece of HTML parsed and cleaned, and what was taken out of it."""
    root, collector = parse_html(text), FindingCollector()
    clean_tree(root, collector)
    return root, collector
