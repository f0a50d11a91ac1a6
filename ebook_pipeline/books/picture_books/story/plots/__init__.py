"""The plots: TOML beside this file, read and checked once."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from ebook_pipeline.books.picture_books.brief import AgeGroup, Language
from ebook_pipeline.foundation.toml_files import read_toml

Table = dict[str, object]
STEPS = ("want", "obstacle", "start", "low", "help", "together", "change", "rest")
"""Two pages each; the tries come between start and low."""
_TEXTS = ("title", "subtitle", "blurb", "questions", "keywords")
_LEVELS = {AgeGroup.BABIES: 0, AgeGroup.PRESCHOOL: 1, AgeGroup.EARLY_READERS: 2, AgeGroup.MIDDLE: 3}
_LINE = re.compile(r"(\d)(\+?)((?:\?[^|?]+)*)\|(.*)", re.DOTALL)


class Line(NamedTuple):
    """A sentence or two: for which levels, what must be true, and its variants."""

    levels: range
    facts: tuple[str, ...]
    variants: tuple[str, ...]
    refrain: bool

    def is_for(self, age: AgeGroup) -> bool:
        return _LEVELS[age] in self.levels


class PlotPage(NamedTuple):
    """`change` of the state, and the lines in each language."""

    beat: str
    change: Table
    lines: dict[Language, tuple[Line, ...]]


class Plot(NamedTuple):
    """A plot as its file says it; texts by language."""

    name: str
    homes: tuple[str, ...]
    things: tuple[str, ...]
    themes: tuple[str, ...]
    texts: Table
    opening: PlotPage
    steps: dict[str, tuple[PlotPage, ...]]
    tries: dict[str, tuple[PlotPage, ...]]

    def text(self, name: str, language: Language) -> list[str]:
        """Variants of a title and the like; a single one is a list of one."""
        value = cast(dict[str, object], self.texts[name])[language]
        return [value] if isinstance(value, str) else [str(one) for one in cast(list[str], value)]


@cache
def plots() -> dict[str, Plot]:
    found = [_plot(read_toml(path)) for path in sorted(Path(__file__).parent.glob("*.toml"))]
    return {plot.name: plot for plot in found}


def _plot(table: Table) -> Plot:
    tries = cast(dict[str, list[Table]], table["try"])
    steps = {step: _pages(step, cast(list[Table], table[step])) for step in STEPS}
    return Plot(
        name=str(table["name"]),
        homes=tuple(cast(list[str], table["homes"])),
        things=tuple(cast(list[str], table["things"])),
        themes=tuple(cast(list[str], table["themes"])),
        texts={name: table[name] for name in _TEXTS},
        opening=_pages("opening", [cast(Table, table["opening"])])[0],
        steps=steps,
        tries={name: _pages(f"try.{name}", pages) for name, pages in tries.items()},
    )


def _pages(beat: str, tables: list[Table]) -> tuple[PlotPage, ...]:
    return tuple(
        PlotPage(
            beat=beat,
            change={name: value for name, value in table.items() if name != "text"},
            lines={
                "en": _lines(table, "en"),
                "de": _lines(table, "de"),
            },
        )
        for table in tables
    )


def _lines(table: Table, language: str) -> tuple[Line, ...]:
    texts = cast(dict[str, list[str]], table["text"])
    return tuple(_line(text) for text in texts[language])


def _line(text: str) -> Line:
    match = _LINE.fullmatch(text)
    if match is None:
        raise ValueError(f"a plot's line begins with levels and a bar: {text}")
    first = int(match[1])
    words = match[4]
    refrain = words.startswith(">")
    return Line(
        levels=range(first, 4 if match[2] else first + 1),
        facts=tuple(fact for fact in match[3].split("?") if fact),
        variants=tuple(one.strip() for one in words.removeprefix(">").split(" // ")),
        refrain=refrain,
    )
