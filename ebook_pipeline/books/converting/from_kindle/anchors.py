"""Places in Kindle markup that something points to by its byte: each gets an element's id."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ebook_pipeline.books.converting.to_epub.element_ids import element_id

_LONGEST_TAG = 8192
"""Bytes."""
_TAG = re.compile(rb"<([A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>]*>")
_ID = re.compile(rb"""\sid\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>/]+))""", re.IGNORECASE)
_BODY = re.compile(rb"<body\b[^>]*>", re.IGNORECASE)
_NO_ID = frozenset({b"html", b"head", b"title", b"meta", b"link", b"style", b"guide", b"reference"})


@dataclass(frozen=True)
class AnchoredMarkup:
    """Markup in which every place has an id; `ids` by place, empty for the very beginning."""

    data: bytes
    ids: dict[int, str]


def insert_anchors(
    data: bytes, places: Iterable[int], prefix: str, encoding: str
) -> AnchoredMarkup:
    """`data`, in `encoding`, with an id of `prefix` and the place at each byte of `places`.

    An element that begins there and has an id keeps it.
    """
    body = _BODY.search(data)
    beginning = body.end() if body else 0
    ids: dict[int, str] = {}
    parts: list[bytes] = []
    done = 0
    for place in sorted({offset for offset in places if 0 <= offset < len(data)}):
        start = _tag_start(data, place, encoding)
        if start < beginning:
            ids[place] = ""
            continue
        ids[place], at, text = _mark(data, start, f"{prefix}{place}")
        if text and at >= done:
            parts += (data[done:at], text)
            done = at
        elif text:
            ids[place] = ids[max(earlier for earlier in ids if earlier < place)]
    parts.append(data[done:])
    return AnchoredMarkup(b"".join(parts), ids)


def _tag_start(data: bytes, place: int, encoding: str) -> int:
    """The start of the tag that `place` lies in, else `place`, never inside of a letter."""
    opening = data.rfind(b"<", max(0, place - _LONGEST_TAG), place)
    if opening >= 0 and data.find(b">", opening, place) < 0:
        return opening
    if data[place - 1 : place].isascii():
        return place
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    decoder.decode(data[max(data.rfind(b">", 0, place) + 1, place - _LONGEST_TAG) : place])
    return place - len(decoder.getstate()[0])


def _mark(data: bytes, start: int, made: str) -> tuple[str, int, bytes]:
    """The id, and what to write where for it: nothing where the element has one."""
    tag = _TAG.match(data, start, start + _LONGEST_TAG)
    if tag is None or tag[1].lower() in _NO_ID:
        return made, start, f'<span id="{made}"></span>'.encode()
    own = _ID.search(tag[0])
    if own is not None:
        identifier = own[1] or own[2] or own[3] or b""
        return element_id(identifier.decode("utf-8", "replace")), start, b""
    return made, tag.end(1), f' id="{made}"'.encode()
