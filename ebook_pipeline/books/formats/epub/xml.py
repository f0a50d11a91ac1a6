"""XML of strangers: no external entity, no network, no expansion beyond the file's own size.

And what is done to trees everywhere.
"""

import functools
import html.entities
import re
from xml.parsers import expat

from lxml import etree

from ebook_pipeline.foundation.errors import BookError, LimitExceeded

LARGEST_DOCUMENT = 64 << 20
"""Bytes of one XML document."""
XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_DECLARATION = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(\[)?", re.IGNORECASE)
_ENTITY = re.compile(
    r"""<!ENTITY\s+(?P<parameter>%\s+)?(?P<name>[^\s%]+)\s+
        (?:(?P<external>SYSTEM|PUBLIC)\b|(?P<quote>["'])(?P<value>.*?)(?P=quote))""",
    re.VERBOSE | re.DOTALL,
)
_REFERENCE = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
MOST_ATTRIBUTES = 5000
"""Of one element; what needs more than `LONG_TAG` bytes for them."""
TOO_MANY_ATTRIBUTES = f"An element has more than {MOST_ATTRIBUTES:,} attributes."
DEEPEST = 250
"""Elements within each other; of deeper ones libxml2 reads no more, and Java's stack runs full."""
TOO_DEEP = f"More than {DEEPEST} elements lie within each other."
LONG_TAG = 64 << 10
_LONG_TAG = re.compile(rb"<[^<>]{%d,}" % LONG_TAG)
_VALUE = re.compile(rb"[\s\"']\w[\w:.-]*+\s*+=")
_LONGEST_ENTITY = 1024
"""Characters of an entity's text; longer ones are built to be multiplied."""
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"})


def parse(data: bytes, *, place: str = "", recover: bool = False) -> etree._Element:
    """The root element of the document `data`.

    HTML's named entities (``&nbsp;``) are understood in every document. Raises BookError
    (``xml.entity``: an entity from outside or one made of others; ``xml.malformed``) and
    LimitExceeded (``xml.size``). With `recover`, malformed documents are read as far as they go;
    one without any element is an empty ``html``.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise LimitExceeded("xml.size", "The document is larger than 64 MiB.", place=place)
    text = _text(data)
    harm = harmful_entity(text)
    if harm:
        raise BookError("xml.entity", harm, place=place, remedy=ENTITY_REMEDY)
    return _parse(_plain(text).encode("utf-8", "surrogatepass"), place, recover)


ENTITY_REMEDY = "Take the <!ENTITY …> declarations out and write the characters themselves."


def overgrown_element_in(data: bytes) -> bool:
    """Whether an element of the document has more attributes than any book's.

    Checkers compare each with each: 200,000, in a file of half a megabyte, take EPUBCheck minutes.
    """
    tags = _LONG_TAG.finditer(data.replace(b"\0", b""))  # UTF-16 and UTF-32 too
    return any(len(_VALUE.findall(tag[0])) > MOST_ATTRIBUTES for tag in tags)


def nests_too_deeply(data: bytes) -> bool:
    """Whether more elements lie within each other, where the document is well-formed so far.

    200,000 of them, in a file of 5 kB, take EPUBCheck 441 MB.
    """
    depth = 0

    def open_element(_: str, __: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise RecursionError

    def close_element(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = open_element, close_element
    try:
        parser.Parse(_plain(_text(data)).encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError:
        return False
    except RecursionError:
        return True
    return False


def harmful_entity(text: str) -> str | None:
    """What is wrong with the entity declarations in `text`, or None.

    Allowed are short internal ones whose text holds no reference to another entity.
    """
    for entity in _ENTITY.finditer(_internal_subset(text)):
        value = entity["value"] or ""
        if entity["external"]:
            return f"The entity {entity['name']} is to be read from outside the document."
        if entity["parameter"]:
            return f"The document declares the parameter entity {entity['name']}."
        if _refers_to_another(value) or len(value) > _LONGEST_ENTITY:
            return f"The entity {entity['name']} is made of other entities or very long."
    return None


def harmful_entity_in(data: bytes) -> str | None:
    """As `harmful_entity`, of a document's bytes; binary data declares nothing."""
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return None
    if len(data) > LARGEST_DOCUMENT:
        return "The document declares entities and is larger than 64 MiB."
    return harmful_entity(_text(data))


def _refers_to_another(value: str) -> bool:
    names = set(_REFERENCE.findall(re.sub(r"&#(?:38|x26);", "&", value)))
    return "%" in value or bool(names - XML_ENTITIES)


def _internal_subset(text: str) -> str:
    """The part of the DOCTYPE where entities are declared; empty where there is none."""
    doctype = _DOCTYPE.search(text)
    if doctype is None or "<!ENTITY" not in text:
        return ""
    return text[doctype.start() :]


def _text(data: bytes) -> str:
    """`data` decoded by its byte order mark, its declaration, or as UTF-8."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    declared = _DECLARATION.match(data[:512])
    encoding = declared.group(1).decode() if declared else "utf-8"
    if encoding.lower().replace("_", "-") in _NO_ENCODINGS:  # codecs of Python, none of XML's
        encoding = "utf-8"
    try:
        return data.decode(encoding, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """`text` without its XML declaration, HTML's named entities as characters."""
    bare = re.sub(r"\A\ufeff?\s*<\?xml\b[^>]*\?>", "", text)
    declared = {entity["name"] for entity in _ENTITY.finditer(_internal_subset(bare))}

    def character(match: re.Match[str]) -> str:
        name = match.group(1)
        known = html.entities.html5.get(f"{name};")
        if known is None or name in XML_ENTITIES or name in declared:
            return match.group(0)
        return known

    return _REFERENCE.sub(character, bare)


def _parse(data: bytes, place: str, recover: bool) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities="internal",  # type: ignore[arg-type]  # the stubs know lxml 4 only
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=recover,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if recover:
            return _nothing()
        where = f"{place}:{error.lineno}:{error.offset}" if place else ""
        raise BookError("xml.malformed", str(error.msg), place=where) from error
    if recover and parser.error_log and root is not None:
        _name_anew(root)
    return _nothing() if root is None else root


def _name_anew(root: etree._Element) -> None:
    """A mended document may have names that no name space takes, such as ``p:``; they get plain
    ones."""
    for element in root.iter("*"):
        space, bracket, name = element.tag.rpartition("}")
        if ":" in name:
            element.tag = space + bracket + (name.strip(":").replace(":", "-") or "unknown")


def _nothing() -> etree._Element:
    return etree.Element("{http://www.w3.org/1999/xhtml}html")


def element_name(node: etree._Element) -> str:
    """The local name in lower case; empty for comments and processing instructions."""
    tag = node.tag
    return _local_name(tag) if isinstance(tag, str) else ""


@functools.lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def remove_element(element: etree._Element) -> None:
    """Take `element` out with what is in it; the text behind it stays."""
    keep_tail(element)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def keep_tail(element: etree._Element) -> None:
    """Hang the text behind `element` on what stands before it."""
    parent, previous = element.getparent(), element.getprevious()
    if not element.tail or parent is None:
        return
    if previous is not None:
        previous.tail = (previous.tail or "") + element.tail
    else:
        parent.text = (parent.text or "") + element.tail
    element.tail = None
