"""Two pictures that differ in a few places: one has lost things that the other has.

Differences are proven on the drawn pictures: where their pixels differ, in separate places, large
enough to see and small enough to search.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy
import typst
from lxml import etree
from numpy.typing import NDArray
from PIL import Image

Place = tuple[int, int, int, int]
"""Left, top, right, bottom in points of the page."""

WANTED = 5
FEWEST = 3
_SVG = "{http://www.w3.org/2000/svg}"
_LARGEST_GROUP = 24
"""Paths of a thing that may be lost: a figure has more."""
_LEAST, _MOST = 40, 9000
"""Pixels (at one a point) in which a difference shows."""
_AIR = 10
"""Points between two differences."""
_TRIES = 14
_DARKER = 60
"""Of 255: a pixel differs from there on."""


@dataclass(frozen=True)
class Differences:
    """The picture, the one with things missing, and where these are."""

    whole: str
    changed: str
    places: tuple[Place, ...]


def make_differences(seed: int, svg: str) -> Differences | None:
    """Take up to five things out of a line drawing; None where fewer than three can be seen."""
    random = Random(f"differences {seed}")  # noqa: S311
    before = _drawn(svg)
    root = etree.fromstring(svg.encode())
    things = [group for group in root.findall(f"{_SVG}g") if _paths(group) <= _LARGEST_GROUP]
    random.shuffle(things)
    places: list[Place] = []
    for thing in things[:_TRIES]:
        index = root.index(thing)
        root.remove(thing)
        place = _difference(before, _drawn(_text(root)), places)
        if place is None:
            root.insert(index, thing)
            continue
        places.append(place)
        if len(places) == WANTED:
            break
    if len(places) < FEWEST:
        return None
    changed = _text(root)
    found = find_differences(svg, changed)
    return Differences(svg, changed, tuple(found)) if len(found) == len(places) else None


def find_differences(whole: str, changed: str) -> list[Place]:
    """Where two pictures differ: connected places of pixels, those closer than the air as one."""
    return _regions(_differs(_drawn(whole), _drawn(changed)))


def _difference(
    before: NDArray[numpy.uint8], after: NDArray[numpy.uint8], known: Sequence[Place]
) -> Place | None:
    """The one new place that is neither too small nor too large; None otherwise."""
    regions = _regions(_differs(before, after))
    fresh = [place for place in regions if not any(_near(place, other) for other in known)]
    if len(regions) != len(known) + 1 or len(fresh) != 1:
        return None
    left, top, right, bottom = fresh[0]
    return fresh[0] if _LEAST <= (right - left) * (bottom - top) <= _MOST else None


def _drawn(svg: str) -> NDArray[numpy.uint8]:
    """The picture in grey, a pixel a point."""
    root = etree.fromstring(svg.encode())
    _, _, width, height = root.get("viewBox", "0 0 600 600").split()
    source = (
        f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 100%)'
    )
    made = typst.compile(
        source.encode(), format="png", ppi=72, sys_inputs={"svg": svg}, ignore_system_fonts=True
    )
    with Image.open(io.BytesIO(made)) as picture:
        return numpy.asarray(picture.convert("L"))


def _differs(first: NDArray[numpy.uint8], second: NDArray[numpy.uint8]) -> NDArray[numpy.bool_]:
    apart = numpy.abs(first.astype(numpy.int16) - second.astype(numpy.int16))
    return apart > _DARKER


def _regions(differs: NDArray[numpy.bool_]) -> list[Place]:
    """Boxes around pixels that differ, united where they are near each other."""
    rows, columns = numpy.nonzero(differs)
    boxes: list[Place] = []
    for x, y in zip(columns.tolist(), rows.tolist(), strict=True):
        pixel = (x, y, x + 1, y + 1)
        home = next((at for at, box in enumerate(boxes) if _near(box, pixel)), None)
        if home is None:
            boxes.append(pixel)
        else:
            boxes[home] = _around(boxes[home], pixel)
    return _united(boxes)


def _united(boxes: list[Place]) -> list[Place]:
    """Boxes until no two are near each other."""
    for at, first in enumerate(boxes):
        for other in range(at + 1, len(boxes)):
            if _near(first, boxes[other]):
                rest = [box for index, box in enumerate(boxes) if index not in (at, other)]
                return _united([*rest, _around(first, boxes[other])])
    return sorted(boxes)


def _near(first: Place, second: Place) -> bool:
    apart = first[2] + _AIR <= second[0] or second[2] + _AIR <= first[0]
    return not (apart or first[3] + _AIR <= second[1] or second[3] + _AIR <= first[1])


def _around(first: Place, second: Place) -> Place:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def _paths(group: etree._Element) -> int:
    return sum(1 for _ in group.iter(f"{_SVG}path"))


def _text(root: etree._Element) -> str:
    text: str = etree.tostring(root, encoding="unicode")
    return text
