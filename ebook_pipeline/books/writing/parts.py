"""Parts of a book that are no chapters: a dedication, an epigraph, acknowledgements …

A part is known by its heading, as in any manuscript: conversion gives it its ``epub:type`` by that
(`converting/from_manuscript/chapters.py`).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from ebook_pipeline.books.language_tags import primary_tag


class Part(StrEnum):
    """Named as EPUB's structural semantics are, https://www.w3.org/TR/epub-ssv-11/, in the order
    in which books have them."""

    DEDICATION = "dedication"
    EPIGRAPH = "epigraph"
    FOREWORD = "foreword"
    PREFACE = "preface"
    AFTERWORD = "afterword"
    ACKNOWLEDGMENTS = "acknowledgments"


_BEFORE = (Part.DEDICATION, Part.EPIGRAPH, Part.FOREWORD, Part.PREFACE)
_ENGLISH = ("Dedication", "Epigraph", "Foreword", "Preface", "Afterword", "Acknowledgements")
_HEADINGS: Mapping[str, Mapping[Part, str]] = {
    language: dict(zip(Part, headings, strict=True))
    for language, headings in (
        ("en", _ENGLISH),
        ("de", ("Widmung", "Motto", "Geleitwort", "Vorwort", "Nachwort", "Danksagung")),
        ("fr", ("Dédicace", "Épigraphe", "Avant-propos", "Préface", "Postface", "Remerciements")),
    )
}
_PARTS = {
    heading.casefold(): part
    for headings in _HEADINGS.values()
    for part, heading in headings.items()
}


def heading_of(part: Part, language: str | None) -> str:
    """What stands above it in a book of this language; English where we know no word."""
    return _HEADINGS.get(primary_tag(language or ""), _HEADINGS["en"])[part]


def part_of(heading: str) -> Part | None:
    """Which part a heading names; None for a chapter."""
    return _PARTS.get(" ".join(heading.split()).casefold())


def place_of(part: Part, headings: Sequence[str]) -> int:
    """Where among a book's chapters, by their headings, a new `part` belongs."""
    order = list(Part)
    known = [part_of(heading) for heading in headings]
    if part not in _BEFORE:
        return len(headings)
    for place, there in enumerate(known):
        if there is None or order.index(there) > order.index(part):
            return place
    return len(headings)
