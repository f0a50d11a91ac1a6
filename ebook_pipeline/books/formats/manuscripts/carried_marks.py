"""Marks that carry through pandoc what it has no word for: a paragraph's direction, and ruby.

They are noncharacters, which no text holds (Unicode 23.7): cleaners put them into the text, the
reader of pandoc's HTML takes them out again, HTML 5 §3.2.6.4 (``dir``) and §4.5.10 (``ruby``).
"""

import re

from lxml import etree

from ebook_pipeline.books.formats.epub.xml import remove_element

RIGHT_TO_LEFT = "\ufdd0"
"""Stands at the start of a paragraph that runs from right to left."""
NOTHING = "\ufdd1"
"""A paragraph of it says nothing, and goes: it only ends what stands before it."""
_RUBY, _READING, _END = "\ufdd3", "\ufdd4", "\ufdd5"
_BEYOND = "\ufdd6"
_BEYOND_TEXT = re.compile(f"{_BEYOND}([\ue000-\ue3ff])([\ue400-\ue7ff])")
MARKS = re.compile("[\ufdd0-\ufdd6]")
_RUBY_TEXT = re.compile(f"{_RUBY}([^{_RUBY}-{_END}]*){_READING}([^{_RUBY}-{_END}]*){_END}")
_INLINE_NAMES = "a abbr b bdo cite code del em i ins mark q s small span strong sub sup u var"
_INLINE = frozenset(_INLINE_NAMES.split())


def ruby(base: str, reading: str) -> str:
    """`base` with its `reading` as marked text."""
    return f"{_RUBY}{without_marks(base)}{_READING}{without_marks(reading)}{_END}"


def beyond_16_bits(code: int) -> str:
    """The character of this number, above 65,535, as marked text: pandoc's RTF has 16 bits."""
    high, low = divmod(code - 0x10000, 0x400)
    return f"{_BEYOND}{chr(0xE000 + high)}{chr(0xE400 + low)}"


def with_characters(text: str) -> str:
    """`text` with the characters that were marked as beyond 16 bits."""
    return _BEYOND_TEXT.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    return chr(0x10000 + (ord(match[1]) - 0xE000) * 0x400 + ord(match[2]) - 0xE400)


def without_marks(text: str) -> str:
    return MARKS.sub("", text)


def apply_marks(root: etree._Element) -> None:
    """Make of the marks in `root`, elements of HTML, what they stand for."""
    _drop_nothing(root)
    for element in list(root.iter(etree.Element)):
        element.text = with_characters(element.text) if element.text else element.text
        element.tail = with_characters(element.tail) if element.tail else element.tail
        if element.tag == "title":
            element.text = without_marks(element.text or "") or None
            continue
        _apply(element, element.text, tail=False)
        _apply(element, element.tail, tail=True)


def _drop_nothing(root: etree._Element) -> None:
    for element in list(root.iter("p")):
        if (element.text or "").strip() == NOTHING and not len(element):
            remove_element(element)


def _apply(element: etree._Element, text: str | None, *, tail: bool) -> None:
    if not text or not MARKS.search(text):
        return
    if RIGHT_TO_LEFT in text:
        _block(element, tail=tail).set("dir", "rtl")
    pieces = _RUBY_TEXT.split(text)
    before = without_marks(pieces[0])
    parent = element.getparent() if tail else element
    if tail:
        element.tail = before
    else:
        element.text = before
    if parent is None:
        return
    place = parent.index(element) + 1 if tail else 0
    triples = zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True)
    for number, (base, reading, following) in enumerate(triples):
        parent.insert(place + number, _ruby(base, reading, without_marks(following)))


def _ruby(base: str, reading: str, following: str) -> etree._Element:
    element = etree.Element("ruby")
    element.text, element.tail = base, following
    annotation = etree.SubElement(element, "rt")
    annotation.text = reading
    return element


def _block(element: etree._Element, *, tail: bool) -> etree._Element:
    """The paragraph, heading, item or cell that text of `element` stands in."""
    block = element.getparent() if tail else element
    while block is not None and block.tag in _INLINE:
        block = block.getparent()
    return block if block is not None else element
