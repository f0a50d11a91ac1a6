"""Where a book's links and table of contents lead in its PDF.

ISO 32000-2 §12.3.2 (destinations), §12.3.3 (document outline).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

_MANY = 60
"""Bookmarks above which those below the first level are folded up."""


@dataclass(frozen=True)
class Bookmark:
    """An entry of the table of contents: `name` is its destination's, None where it leads nowhere.

    `level` counts from 1.
    """

    title: str
    level: int
    name: str | None


def write_outline(pdf: pikepdf.Pdf, bookmarks: Sequence[Bookmark]) -> int:
    """Write the table of contents as the PDF's outline; how many entries lead nowhere.

    A long one is folded up below its first level.
    """
    names = _names(pdf)
    if pikepdf.Name.Outlines in pdf.Root:
        del pdf.Root.Outlines
    lost = 0
    with pdf.open_outline() as outline:
        stack: list[tuple[int, Any]] = [(0, outline.root)]
        for bookmark in bookmarks:
            target = _place(names, bookmark.name)
            lost += target is None and bookmark.name is not None
            item = pikepdf.OutlineItem(bookmark.title, target)
            item.is_closed = len(bookmarks) > _MANY
            while stack[-1][0] >= bookmark.level:
                stack.pop()
            stack[-1][1].append(item)
            stack.append((bookmark.level, item.children))
    return lost


def mend_links(pdf: pikepdf.Pdf) -> int:
    """Let links to places that are not shown lead to their document's start; how many can't."""
    names, lost = _names(pdf), 0
    for link in _links(pdf):
        name = str(link.Dest).lstrip("/")
        if name in names:
            continue
        start = _start(name)
        if start in names:
            link.Dest = pikepdf.Name(f"/{start}")
        else:
            lost += 1
            del link["/Dest"]
    return lost


def _links(pdf: pikepdf.Pdf) -> Iterator[Any]:
    for page in pdf.pages:
        notes: Any = page.obj.get("/Annots", [])
        for note in notes:
            if isinstance(note.get("/Dest"), pikepdf.Name):
                yield note


def _names(pdf: pikepdf.Pdf) -> dict[str, Any]:
    """Destinations by name; where text runs down the page, the browser forgets the very first."""
    if "/Dests" not in pdf.Root:
        pdf.Root.Dests = pikepdf.Dictionary()
    if "/s0" not in pdf.Root.Dests:
        pdf.Root.Dests["/s0"] = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])
    named: Any = pdf.Root.Dests
    return {key.lstrip("/"): value for key, value in named.items()}


def _place(names: dict[str, Any], name: str | None) -> Any:
    if name is None:
        return None
    return names.get(name, names.get(_start(name)))


def _start(name: str) -> str:
    """The name of the start of the document that `name` lies in."""
    match = re.match(r"s\d+", name)
    return match[0] if match else ""
