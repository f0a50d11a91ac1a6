"""What Mobipocket's markup points to by its own bytes: links, and the guide in its head."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ebook_pipeline.books.formats.kindle.encodings import TextEncoding

_FILEPOS = re.compile(rb"""filepos\s*=\s*["']?\s*0{0,20}(\d{1,10})""", re.IGNORECASE)
_REFERENCE = re.compile(rb"<reference\b([^<>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"""(?<![a-z])([a-z]++)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'/>]+))""", re.IGNORECASE
)
_HEAD = 65_536
"""Bytes of the text within which the guide stands."""


@dataclass(frozen=True)
class MobiLandmark:
    """A landmark: ``toc``, ``text``, ``cover``; `place` is a byte of the text."""

    kind: str
    title: str
    place: int


def link_targets(data: bytes) -> Iterator[int]:
    """The bytes that links and landmarks lead to."""
    return (int(match[1]) for match in _FILEPOS.finditer(data))


def landmarks(data: bytes, encoding: TextEncoding) -> tuple[MobiLandmark, ...]:
    """The landmarks of the guide, https://wiki.mobileread.com/wiki/MOBI#Mobipocket_HTML"""
    landmarks = []
    for match in _REFERENCE.finditer(data[:_HEAD]):
        attributes = {
            attribute[1].lower(): encoding.line(attribute[2] or attribute[3] or attribute[4] or b"")
            for attribute in _ATTRIBUTE.finditer(match[1])
        }
        place = attributes.get(b"filepos", "").strip()
        if place.isascii() and place.isdigit() and len(place) <= 20:
            landmarks.append(
                MobiLandmark(attributes.get(b"type", ""), attributes.get(b"title", ""), int(place))
            )
    return tuple(landmarks)
