"""Marks in one content document: spaces in end tags, an id, and a line that anybody may read.

XML lets white space stand before the ``>`` of an end tag (XML 1.0 §3.1, production 42,
https://www.w3.org/TR/xml/#NT-ETag): each end tag of common elements carries one bit. Writing the
document anew loses these and keeps the id; both survive a new ZIP. The bytes around the marks stay
as they are.
"""

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.protecting.marking.token import TOKEN_BYTES

XHTML = "http://www.w3.org/1999/xhtml"
_ID = b"m-"
_BITS = TOKEN_BYTES * 8
_MARKUP = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    rb"|</(?:p|li|h[1-6]|div|span|em|i|b|strong|a|td|tr|section)(?P<space> ?)>",
    re.DOTALL,
)
_MARKED_ID = re.compile(rb'\bid="m-([0-9a-f]{%d})"' % (2 * TOKEN_BYTES))
_BODY_END = re.compile(rb"</body\s*>(?=\s*</html\s*>\s*\Z)")
_FOOTER = '<p id="{id}" style="font-size: 70%; text-align: center; margin-top: 3em">{said}</p>'


def marked(body: bytes, token: bytes, footer: str) -> bytes:
    """The document with its marks; as it was where it is not well-formed XHTML in UTF-8 or ASCII.

    `footer` is text, escaped here; an empty one leaves no visible line.
    """
    if not _is_xhtml(body):
        return body
    if footer and _MARKED_ID.search(body) is None:
        line = _FOOTER.format(id=(_ID + token.hex().encode()).decode(), said=escaped(footer))
        body = _BODY_END.sub(lambda end: line.encode("ascii") + end.group(), body)
    return _spaced(body, token)


def tokens(body: bytes) -> Counter[bytes]:
    """Every mark that the document may carry, and how often: of ids, and of spaces."""
    marks: Counter[bytes] = Counter(
        bytes.fromhex(mark.decode()) for mark in _MARKED_ID.findall(body)
    )
    bits = [len(tag["space"]) for tag in _end_tags(body)] if _is_xhtml(body) else []
    for start in range(0, len(bits) - _BITS + 1, _BITS):
        marks[_bytes(bits[start : start + _BITS])] += 1
    del marks[bytes(TOKEN_BYTES)]
    return marks


def escaped(text: str) -> str:
    """`text` as ASCII markup, in any encoding of the document: nothing of it is markup."""
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode()


def _spaced(body: bytes, token: bytes) -> bytes:
    """One bit an end tag; the token again and again, and nothing in the tags left over."""
    bits = [(byte >> place) & 1 for byte in token for place in range(7, -1, -1)]
    tags = sum(1 for _ in _end_tags(body))
    whole, places = tags - tags % _BITS, itertools.count()

    def spaced(match: re.Match[bytes]) -> bytes:
        if match["space"] is None:
            return match.group()
        place = next(places)
        space = b" " if place < whole and bits[place % _BITS] else b""
        return match.group().rstrip(b" >") + space + b">"

    return _MARKUP.sub(spaced, body)


def _end_tags(body: bytes) -> Iterator[re.Match[bytes]]:
    """End tags that are markup: none in comments, CDATA or processing instructions."""
    return (match for match in _MARKUP.finditer(body) if match["space"] is not None)


def _bytes(bits: list[int]) -> bytes:
    return int("".join(map(str, bits)), 2).to_bytes(TOKEN_BYTES)


def _is_xhtml(body: bytes) -> bool:
    """Well-formed, so that the patterns above see what a parser sees, each once."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    wide = encoding.startswith(("UTF-16", "UTF-32", "UCS"))
    return root.tag == f"{{{XHTML}}}html" and None in root.nsmap and not wide
