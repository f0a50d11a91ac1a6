"""Things: 176 pictures of Fluent Emoji Flat (MIT, LICENCE.txt) with their names in two languages."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from ebook_pipeline.books.picture_books.drawing.graph import Group, chain, group, move, scale
from ebook_pipeline.books.picture_books.drawing.paths import area

_GRID = 32.0
_FOOT = 30.0
"""Where most icons stand in their grid."""


class Prop(NamedTuple):
    """`size` is its height beside a figure of 220; `gender` is German: m, f, n, p (plural)."""

    name: str
    english: str
    german: str
    gender: str
    size: float
    picture: Group


class _Entry(TypedDict):
    icon: str
    en: str
    de: str
    gender: str
    size: float
    paths: list[list[str]]


@cache
def props() -> dict[str, Prop]:
    written = Path(__file__).with_name("props.json").read_text(encoding="utf-8")
    entries: dict[str, _Entry] = json.loads(written)
    return {name: _prop(name, entry) for name, entry in entries.items()}


def standing(name: str, size: float | None = None) -> Group:
    """The thing with its foot at 0, 0. Raises KeyError for an unknown one."""
    prop = props()[name]
    factor = (size or prop.size) / _GRID
    at = chain(scale(factor), move(-_GRID / 2, -_FOOT))
    return group(prop.picture, at=at, label=f"prop:{name}")


def held(name: str, size: float | None = None) -> Group:
    """The thing with its middle a little above 0, 0, as a hand has it."""
    prop = props()[name]
    factor = (size or min(prop.size, 64)) / _GRID
    at = chain(scale(factor), move(-_GRID / 2, -_GRID * 0.62))
    return group(prop.picture, at=at, label=f"prop:{name}")


def _prop(name: str, entry: _Entry) -> Prop:
    picture = group(*(area(d, fill) for d, fill in entry["paths"]))
    return Prop(name, entry["en"], entry["de"], entry["gender"], entry["size"], picture)
