"""What Mobipocket's markup points to by its own bytes: links, and the guide in its head."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ebook_pipeline.books.formats.kindle.words import words

_FILEPOS = re.compile(rb"""filepos\s*=\s*["']?\s*0{0,20}(\d{1,10})""", re.IGNORECASE)
_REFERENCE = re.compile(rb"<reference\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([a-z]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/>]+))""", re.IGNORECASE)
_HEAD = 65_536


@dataclass(frozen=True)
class Reference:
    """A landmark: ``toc``, ``text``, ``cover``; `place` is a byte of the text."""

    kind: str
    title: str
    place: int


def links(data: bytes) -> Iterator[int]:
    """The bytes that links and landmarks lead to."""
    return (int(found[1]) for found in _FILEPOS.finditer(data))


def references(data: bytes, encoding: str) -> tuple[Reference, ...]:
    """The guide, https://wiki.mobileread.com/wiki/MOBI#Mobipocket_HTML"""
    found = []
    for match in _REFERENCE.finditer(data[:_HEAD]):
        said = {
            one[1].lower(): words(one[2] or one[3] or one[4] or b"", encoding)
            for one in _ATTRIBUTE.finditer(match[1])
        }
        place = said.get(b"filepos", "").strip()
        if place.isascii() and place.isdigit() and len(place) <= 20:
            found.append(Reference(said.get(b"type", ""), said.get(b"title", ""), int(place)))
    return tuple(found)
