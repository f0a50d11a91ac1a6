"""Mobipocket's markup, one long page of old HTML, made into chapters of XHTML.

https://wiki.mobileread.com/wiki/MOBI#Mobipocket_HTML: ``mbp:pagebreak`` ends a page, ``filepos``
is a link to a byte, ``recindex`` a picture by its number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ebook_pipeline.books.converting.from_kindle.html_styles import StyleClasses
from ebook_pipeline.books.converting.from_kindle.nesting import limit_nesting
from ebook_pipeline.books.converting.to_epub.conforming import (
    XHTML,
    conform,
    local_name,
    pop_attribute,
)
from ebook_pipeline.books.converting.to_epub.element_ids import safe_fragment
from ebook_pipeline.books.formats.epub.xml import remove_element
from ebook_pipeline.foundation.errors import BookError, LimitExceeded

BREAK = "page-break"
LONGEST_CHAPTER = 250_000
"""Characters from which a chapter is divided."""
_MOST_ELEMENTS = 1_500_000
_MOST_BREAKS = 10_000
_DEEPEST_BREAK = 40
"""Elements around a page break that is honoured."""
_WORTH_A_CHAPTER = 400
"""Characters before a heading or a named place, from which a chapter begins there."""
_PAGE_BREAK = re.compile(r"<\s*mbp:pagebreak\b[^<>]*>", re.IGNORECASE)
_END_BREAK = re.compile(r"<\s*/\s*mbp:pagebreak[^<>]*>", re.IGNORECASE)
_PREFIXED = re.compile(r"<(/?)\s*(?:mbp|idx|tts|ed|v|o|w|st1):[A-Za-z0-9]+([^<>]*)>", re.IGNORECASE)
_EMPTY = re.compile(r"<(a|b|i|u|p|div|span|font|em|strong|sup|sub|h[1-6])(\s[^<>]*?)?/>", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_NUMBER = re.compile(r"\s*0*(\d{1,10})")
_SHOWN = frozenset({"img", "svg", "math"})
_LEADS_OUT = ("http://", "https://", "mailto:")
_UNSAFE = re.compile(r"[\s<>\"{}|\\^`\[\]]")


@dataclass
class MobiChapter:
    """One document to be: its ``body``, and the pictures (their numbers) that it shows."""

    body: etree._Element
    pictures: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class KindleLosses:
    """What the book shows and the EPUB can't: numbers of pictures; kinds of media."""

    pictures: set[int] = field(default_factory=set)
    media: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class MarkupSource:
    """The markup with its anchors: `ids` by byte, `pictures` are names by number."""

    text: str
    ids: Mapping[int, str]
    pictures: Mapping[int, str]


def parse_html(text: str) -> etree._Element:
    """The ``body`` of old HTML, its elements in XHTML's namespace, page breaks as `BREAK` rules.

    Raises BookError (``convert.empty``), LimitExceeded (``mobi.elements``).
    """
    plain = _CONTROL.sub(" ", text)
    plain = _PAGE_BREAK.sub(f'<hr class="{BREAK}">', _END_BREAK.sub("", plain))
    plain = _EMPTY.sub(r"<\1\2></\1>", _PREFIXED.sub(r"<\1span\2>", plain))
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        root = etree.fromstring(limit_nesting(plain).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise BookError("convert.empty", "The book holds no text.") from error
    body = None if root is None else root.find("body")
    if body is None:
        raise BookError("convert.empty", "The book holds no text.")
    if sum(1 for _ in body.iter()) > _MOST_ELEMENTS:
        raise LimitExceeded("mobi.elements", "The book's markup has more than 1,500,000 elements.")
    for element in body.iter("*"):
        name = re.sub(r"[^a-z0-9-]", "", str(element.tag).rpartition(":")[2].lower())
        element.tag = XHTML + (name or "span")
    return _alone(body)


def split_chapters(
    source: MarkupSource, starts: Iterable[str], style_classes: StyleClasses, losses: KindleLosses
) -> list[MobiChapter]:
    """The book's documents: cut at page breaks, at headings, and where an id of `starts` stands."""
    body = parse_html(source.text)
    for element in list(body.iter(f"{XHTML}*")):
        _link(element, source)
        _picture(element, source, losses)
        style_classes.convert(element)
    conform(body)
    _mark_headings(body, set(starts))
    _mark_long(body)
    pieces = [MobiChapter(piece) for piece in _cut(body)]
    made = _together(pieces)
    for chapter in made:
        style_classes.replace_styles(chapter.body)
    return made


def element_text(element: etree._Element) -> str:
    """The element's text, its spaces made one."""
    return " ".join("".join(element.itertext()).split())  # type: ignore[arg-type]


def is_external(href: str) -> bool:
    """Whether a book may link to it: a site or a letter, written as an address is."""
    return href.lower().startswith(_LEADS_OUT) and not _UNSAFE.search(href)


def _alone(body: etree._Element) -> etree._Element:
    """The body in a tree of its own whose default namespace is XHTML's."""
    whole = etree.Element(f"{XHTML}body", nsmap={None: XHTML[1:-1]})  # type: ignore[dict-item]
    whole.text = body.text
    whole.extend(list(body))
    return whole


def _link(element: etree._Element, source: MarkupSource) -> None:
    """A link to a byte becomes one to an id; one that leads nowhere loses its target."""
    if local_name(element) != "a":
        return
    href = (element.get("href") or "").strip()
    place = _NUMBER.match(pop_attribute(element, "filepos"))
    name = element.get("name")
    if name and not element.get("id"):
        element.set("id", name)
    if place is not None:
        href = f"#{source.ids.get(int(place[1]), '?')}"
    pop_attribute(element, "href")
    if href.startswith("#") and href != "#?":
        element.set("href", safe_fragment(href))
    elif is_external(href):
        element.set("href", href)


def _picture(element: etree._Element, source: MarkupSource, losses: KindleLosses) -> None:
    name = local_name(element)
    if name in ("audio", "video"):
        losses.media.add(name)
    if name != "img":
        return
    for key in ("hirecindex", "recindex", "lowrecindex"):
        number = _NUMBER.match(element.get(key, ""))
        if number is not None and int(number[1]) in source.pictures:
            element.set("src", source.pictures[int(number[1])])
            return
        if number is not None:
            losses.pictures.add(int(number[1]))
    element.text = None
    element.tag = f"{XHTML}span"
    alt = element.get("alt", "")
    element.attrib.clear()
    element.text = alt


def _mark_headings(body: etree._Element, starts: set[str]) -> None:
    """Page breaks before headings and named places that have text before them."""
    letters = 0
    for element in list(body.iter(f"{XHTML}*")):
        if element.get("class") == BREAK:
            letters = 0
        elif letters >= _WORTH_A_CHAPTER and _starts(element, starts):
            _break_before(element)
            letters = 0
        letters += len(element.text or "") + len(element.tail or "")


def _starts(element: etree._Element, starts: set[str]) -> bool:
    return local_name(element) in ("h1", "h2") or element.get("id") in starts


def _break_before(element: etree._Element) -> None:
    """Not within a table or a list: those stay whole."""
    while (parent := element.getparent()) is not None:
        if not any(
            local_name(ancestor) in ("table", "ul", "ol", "dl")
            for ancestor in element.iterancestors()
        ):
            break
        element = parent
    if element.getparent() is not None:
        element.addprevious(etree.Element(f"{XHTML}hr", {"class": BREAK}))


def _mark_long(body: etree._Element) -> None:
    """Page breaks between blocks where a chapter would be longer than `LONGEST_CHAPTER`."""
    letters = 0
    for child in list(body):
        if child.get("class") == BREAK:
            letters = 0
            continue
        size = sum(map(len, child.itertext())) + len(child.tail or "")
        if letters and letters + size > LONGEST_CHAPTER:
            child.addprevious(etree.Element(f"{XHTML}hr", {"class": BREAK}))
            letters = 0
        letters += size


def _cut(body: etree._Element) -> Iterator[etree._Element]:
    """The body in pieces, one after each page break; elements that a break lies in are repeated."""
    pieces = []
    for mark in reversed(_breaks(body)):
        pieces.append(_cut_off(body, mark))
    yield body
    yield from reversed(pieces)


def _breaks(body: etree._Element) -> list[etree._Element]:
    """The page breaks that count: those nested too deeply, or too many, are taken out."""
    marks = [rule for rule in body.iter(f"{XHTML}hr") if rule.get("class") == BREAK]
    kept: list[etree._Element] = []
    for mark in marks:
        deep = sum(1 for _ in mark.iterancestors()) > _DEEPEST_BREAK
        if deep or len(kept) == _MOST_BREAKS:
            remove_element(mark)
        else:
            kept.append(mark)
    return kept


def _cut_off(body: etree._Element, mark: etree._Element) -> etree._Element:
    """A new body with what follows `mark`, which goes."""
    rest = None
    element, inner = mark, mark
    while element is not body:
        parent = element.getparent()
        assert parent is not None
        shell = etree.Element(parent.tag, nsmap=dict(body.nsmap))  # type: ignore[arg-type]
        for key, value in parent.attrib.items():
            if key != "id":
                shell.set(key, value)
        if rest is None:
            shell.text, mark.tail = mark.tail, None
        else:
            shell.append(rest)
            rest.tail, inner.tail = inner.tail, None
        for sibling in list(element.itersiblings()):
            shell.append(sibling)
        rest, inner, element = shell, parent, parent
    remove_element(mark)
    assert rest is not None
    return rest


def _together(pieces: list[MobiChapter]) -> list[MobiChapter]:
    """The chapters without empty ones, whose ids go to the start of the next chapter."""
    made: list[MobiChapter] = []
    orphans: list[str] = []
    for piece in pieces:
        if not is_visible(piece.body):
            orphans += [
                element.get("id", "") for element in piece.body.iter("*") if element.get("id")
            ]
            continue
        _adopt(piece.body, orphans)
        orphans = []
        made.append(piece)
    if not made:
        raise BookError("convert.empty", "The book holds no text.")
    for identifier in orphans:
        made[-1].body.append(etree.Element(f"{XHTML}span", {"id": identifier}))
    return made


def _adopt(body: etree._Element, identifiers: list[str]) -> None:
    for identifier in reversed(identifiers):
        mark = etree.Element(f"{XHTML}span", {"id": identifier})
        mark.tail, body.text = body.text, None
        body.insert(0, mark)


def is_visible(body: etree._Element) -> bool:
    """Whether a reader sees anything of it."""
    return bool(element_text(body)) or any(
        local_name(element) in _SHOWN for element in body.iter("*")
    )
