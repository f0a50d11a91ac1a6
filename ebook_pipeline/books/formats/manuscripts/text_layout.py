"""What plain text shows by its layout alone: lists and tables."""

import re
from collections.abc import Sequence

_BULLET = r"[*•·▪◦‣–—-]"
_NUMBER = r"\(?(?:\d{1,3}|[a-z])[.)]"
_ITEM = re.compile(rf"\s*(?:(?P<bullet>{_BULLET})|(?P<number>{_NUMBER}))\s+(?P<text>\S.*)")
_GAP = re.compile(r"\S(?:[ \u3000]{3,}|[ ]*\t[ ]*)(?=\S)")
_RULED = re.compile(r"\s*[+|=_-][+|=_ :-]*")
_MOST_ALIGNED = 0.8
"""Share of the lines, 0 to 1, that have columns where they are a table."""
_FEWEST_ITEMS = 2


def list_items(lines: Sequence[str]) -> tuple[str, ...]:
    """The items of a list with their marks, lines of one joined; empty where it is none.

    Every line begins an item or is indented as the rest of one. Dashes begin what people say too:
    items of dashes are short.
    """
    items: list[str] = []
    marks: set[str] = set()
    for line in lines:
        item = _ITEM.fullmatch(line)
        if item:
            marks.add(item["bullet"] or "number")
            items.append(" ".join(line.split()))
        elif items and line[:1] in " \t":
            items[-1] += " " + " ".join(line.split())
        else:
            return ()
    speech = marks <= {"–", "—", "-"} and any(item.endswith((".", "!", "?", "…")) for item in items)
    return tuple(items) if len(items) >= _FEWEST_ITEMS and len(marks) == 1 and not speech else ()


def item_number(item: str) -> int | None:
    """The number that an item of a list is marked with, of a letter its place; None for bullets."""
    match = _ITEM.fullmatch(item)
    mark = (match["number"] or "").strip("(.)") if match else ""
    return (int(mark) if mark.isdigit() else ord(mark) - ord("a") + 1) if mark else None


def is_lettered(items: Sequence[str]) -> bool:
    """Whether the items of a list are marked with letters."""
    matches = map(_ITEM.fullmatch, items)
    return all(match and (match["number"] or "").strip("(.)").isalpha() for match in matches)


def item_text(item: str) -> str:
    """An item without its mark."""
    match = _ITEM.fullmatch(item)
    return match["text"] if match else item


def is_table(lines: Sequence[str]) -> bool:
    """Whether most lines have columns: wide gaps at like places, bars, or rules of dashes."""
    if len(lines) < 2:
        return False
    barred = sum(line.count("|") >= 2 for line in lines)
    ruled = sum(_RULED.fullmatch(line) is not None for line in lines)
    if barred and barred + ruled >= len(lines) * _MOST_ALIGNED:
        return True
    columns = [{match.end() for match in _GAP.finditer(line.expandtabs(8))} for line in lines]
    gaps = sum(bool(found) for found in columns)
    shared = set.union(*columns) if columns else set()
    aligned = any(sum(place in found for found in columns) >= 2 for place in shared)
    return aligned and gaps + ruled >= len(lines) * _MOST_ALIGNED
