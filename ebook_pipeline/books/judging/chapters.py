"""The documents of a book as the checks look at them: text, blocks, links, pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from ebook_pipeline.books.formats.epub import content, xml
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve, with_fragment
from ebook_pipeline.books.formats.epub.xml import element_name
from ebook_pipeline.books.judging.prose import document_language, foreign_words, prose_of
from ebook_pipeline.books.text import is_unspaced, word_count, words
from ebook_pipeline.foundation.errors import BookError

_XLINK = "{http://www.w3.org/1999/xlink}href"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_SEEN = frozenset({"img", "image", "svg", "object", "video", "audio", "iframe", "math", "canvas"})
_FULL = _SEEN | {"br", "hr", "input"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BOLD = frozenset({"b", "strong"})
_STRING = etree.XPath("string()", smart_strings=False)
_SOURCE = etree.XPath(
    "//text()[not(parent::*[contains(' style script title ', concat(' ', local-name(), ' '))])]",
    smart_strings=False,
)
_VERSE = ("verse", "poem", "poetry", "song", "hymn", "lyrics", "stanza")


@dataclass(frozen=True)
class ShownPicture:
    """A picture as a document shows it; `alt` is None where its text is missing altogether.

    `width` is what the element itself says: ``style``, else the attribute; CSS px without unit.
    """

    path: str
    alt: str | None
    place: str
    width: str = ""
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextBlock:
    """A paragraph, heading or rule: `name` is ``p``, ``h1`` to ``h6`` or ``hr``.

    `prose` is false of verse and of lines broken by hand; `follows` says that the element right
    before it is a paragraph too; `bold` that all of its words are.
    """

    name: str
    text: str
    prose: bool = True
    follows: bool = False
    bold: bool = False

    @property
    def level(self) -> int:
        """1 to 6 of a heading, else 0."""
        return int(self.name[1]) if self.name in _HEADINGS else 0


@dataclass(frozen=True)
class ParsedChapter:
    """A document of the spine at `place`; `text` has a line per block, `source` is as written."""

    place: str
    text: str
    source: str
    paragraphs: int
    empty_paragraphs: int
    pictures: tuple[ShownPicture, ...]
    shows: bool
    """Whether it shows anything but text."""
    blocks: tuple[TextBlock, ...] = ()
    links: tuple[str, ...] = ()
    """Paths in the container, with fragment, that it links to; links to elsewhere left out."""
    ids: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    """Every use of a class, in order."""
    language: str = ""
    """What the document itself says, ``xml:lang`` or ``lang``."""
    foreign: Mapping[str, int] = field(default_factory=dict)
    """Words that are marked up in other languages, by primary tag."""
    prose: tuple[str, str] | None = None
    """`text` and `source` of its prose alone; None where all is prose in its language."""

    @property
    def in_prose(self) -> "ParsedChapter":
        """The document without code, formulas, tables, verse and what is in other languages."""
        return replace(self, text=self.prose[0], source=self.prose[1]) if self.prose else self

    @cached_property
    def words(self) -> int:
        """How many words `text` has, estimated where its script parts none."""
        return word_count(self.text) if is_unspaced(self.text) else self.spaced_words

    @cached_property
    def spaced_words(self) -> int:
        """How many words spaces and marks part in `text`."""
        return len(words(self.text))


def read(epub: Path, package: PackageDocument) -> Iterator[ParsedChapter]:
    """The spine's documents in reading order. Raises BookError as the reader of EPUBs does."""
    for document in content.spine_documents(epub, package):
        root = _root(document.data, document.name)
        nodes = [node for node in root.iter() if isinstance(node.tag, str)]
        foreign = foreign_words(root)
        prose = prose_of(root, foreign)
        paragraphs = [node for node in nodes if element_name(node) == "p"]
        yield ParsedChapter(
            place=document.name,
            text=content.text_in(root),
            source=_source(root),
            paragraphs=len(paragraphs),
            empty_paragraphs=sum(map(_is_empty, paragraphs)),
            pictures=tuple(_pictures(nodes, document.name)),
            shows=any(element_name(node) in _SEEN for node in nodes),
            blocks=tuple(_blocks(nodes)),
            links=tuple(_links(nodes, document.name)),
            ids=frozenset(node.get("id", "") for node in nodes),
            classes=tuple(style for node in nodes for style in node.get("class", "").split()),
            language=document_language(root),
            foreign=dict(foreign),
            prose=None if prose is root else (content.text_in(prose), _source(prose)),
        )


def _root(data: bytes, place: str) -> etree._Element:
    try:
        return xml.parse(data, place=place)
    except BookError as error:
        if error.finding.rule != "xml.malformed":
            raise
        return xml.parse(data, place=place, recover=True)


def _source(root: etree._Element) -> str:
    """Text as written, white space kept; style sheets and scripts left out."""
    texts = _SOURCE(root)
    return "".join(map(str, texts)) if isinstance(texts, list) else ""


def _is_empty(paragraph: etree._Element) -> bool:
    """One that makes room only: neither a letter nor anything to see in it."""
    if any(element_name(node) in _FULL for node in paragraph.iter()) or paragraph.get("id"):
        return False
    return not _text(paragraph).strip()


def _text(element: etree._Element) -> str:
    """All words below `element`, as written."""
    return str(_STRING(element))


def _blocks(nodes: list[etree._Element]) -> Iterator[TextBlock]:
    for node in nodes:
        name = element_name(node)
        if name == "hr":
            yield TextBlock("hr", "")
        elif name == "p" or name in _HEADINGS:
            before = node.getprevious()
            text = " ".join(_text(node).split())
            yield TextBlock(
                name=name,
                text=text,
                prose=_is_prose(node),
                follows=before is not None and element_name(before) == "p",
                bold=_is_bold(node, text),
            )


def _is_prose(node: etree._Element) -> bool:
    if any(element_name(inner) == "br" for inner in node.iterdescendants()):
        return False
    for above in (node, node.getparent()):
        markup = "" if above is None else f"{above.get('class', '')} {above.get(_TYPE, '')}"
        if any(word in markup.lower() for word in _VERSE):
            return False
    return True


def _is_bold(node: etree._Element, text: str) -> bool:
    """Whether one ``b`` or ``strong`` holds all the words of `node`."""
    bold = next((inner for inner in node.iterdescendants() if element_name(inner) in _BOLD), None)
    return bool(text) and bold is not None and " ".join(_text(bold).split()) == text


def _pictures(nodes: list[etree._Element], place: str) -> Iterator[ShownPicture]:
    for node in nodes:
        if element_name(node) == "img":
            path, alt = resolve(place, node.get("src", "")), node.get("alt")
        elif element_name(node) == "image":
            path, alt = resolve(place, node.get(_XLINK, node.get("href", ""))), ""
        else:
            continue
        decorative = node.get("role") in ("presentation", "none") or node.get("aria-label")
        if path:
            text = "" if decorative and alt is None else alt
            yield ShownPicture(
                path, text, place, _width(node), tuple(node.get("class", "").split())
            )


def _width(node: etree._Element) -> str:
    for declaration in node.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if name.strip().lower() == "width":
            return value.strip()
    return node.get("width", "").strip()


def _links(nodes: list[etree._Element], place: str) -> Iterator[str]:
    for node in nodes:
        href = node.get("href", "") if element_name(node) == "a" else ""
        if href and resolve(place, href) is not None:
            yield with_fragment(place, href)
