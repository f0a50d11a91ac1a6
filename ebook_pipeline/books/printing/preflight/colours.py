"""Colours of a PDF as ink: which kind a colour space is, and how much ink a colour lays down.

ISO 32000-2 §8.6. Ink can be known of CMYK, grey, and spot colours whose stand-in is CMYK; what
RGB, Lab and profiles become is the printer's affair.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ebook_pipeline.books.formats.pdf import objects

FULL = 100.0
"""Per cent of one ink."""
_DEVICE = {
    "DeviceGray": ("gray", 1),
    "G": ("gray", 1),
    "CalGray": ("gray", 1),
    "DeviceRGB": ("rgb", 3),
    "RGB": ("rgb", 3),
    "CalRGB": ("rgb", 3),
    "DeviceCMYK": ("cmyk", 4),
    "CMYK": ("cmyk", 4),
    "Lab": ("lab", 3),
    "Pattern": ("pattern", 0),
}
_BY_COMPONENTS = {1: "gray", 3: "rgb", 4: "cmyk"}
_DEEPEST = 4
"""Colour spaces within each other."""


@dataclass(frozen=True)
class ColourSpace:
    """`kind` as `PageContent.colours` says it; `tint` and `base` of a spot colour or an index."""

    kind: str
    components: int
    profiled: bool = False
    name: str = ""
    tint: object = None
    base: "ColourSpace | None" = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """All that it says for print; an index is what it points into."""
        if self.kind == "indexed" and self.base is not None:
            return self.base.kinds
        if self.kind == "pattern":
            return ()
        return (self.kind, "icc") if self.profiled else (self.kind,)


GRAY, RGB, CMYK = ColourSpace("gray", 1), ColourSpace("rgb", 3), ColourSpace("cmyk", 4)
PATTERN = ColourSpace("pattern", 0)


def colour_space(value: object, named: object = None, depth: int = 0) -> ColourSpace:
    """The space that `value` says: a name (perhaps of the resources' `named`) or an array."""
    name = objects.name(value)
    if name in _DEVICE:
        return ColourSpace(*_DEVICE[name])
    if name:
        own = objects.entry(named, f"/{name}")
        return colour_space(own, None, depth + 1) if own is not None and depth < _DEEPEST else GRAY
    items = objects.array_items(value)
    family = objects.name(items[0]) if items else ""
    if not items or depth > _DEEPEST:
        return GRAY
    if family == "ICCBased" and len(items) > 1:
        count = int(objects.number(objects.entry(items[1], "/N")) or 3)
        return ColourSpace(_BY_COMPONENTS.get(count, "rgb"), count, profiled=True)
    if family in ("Separation", "DeviceN", "Indexed", "I"):
        return _derived(family, items, named, depth)
    return ColourSpace(*_DEVICE.get(family, ("gray", 1)))


def _derived(family: str, items: Sequence[object], named: object, depth: int) -> ColourSpace:
    if family in ("Indexed", "I"):
        base = colour_space(items[1], named, depth + 1) if len(items) > 1 else GRAY
        return ColourSpace("indexed", 1, base=base)
    if len(items) < 4:
        return GRAY
    base = colour_space(items[2], named, depth + 1)
    if family == "Separation":
        name = objects.name(items[1])
        kind = "registration" if name == "All" else "gray" if name == "Black" else "spot"
        return ColourSpace(kind, 1, name=name, tint=items[3], base=base)
    names = [objects.name(part) for part in objects.array_items(items[1])]
    process = all(part in ("Cyan", "Magenta", "Yellow", "Black", "None") for part in names)
    kind = "cmyk" if process else "spot"
    return ColourSpace(kind, len(names), name=", ".join(names)[:80], tint=items[3], base=base)


def ink_of(space: ColourSpace, values: Sequence[float]) -> float | None:
    """Per cent of all inks together; None where it can not be known from the file."""
    if space.kind == "cmyk" and len(values) == space.components:
        return FULL * sum(_unit(value) for value in values)
    if space.kind == "registration":
        return FULL * 4 * _unit(values[0]) if values else None
    if space.kind == "gray" and len(values) == 1:
        tint = space.name == "Black"
        return FULL * (_unit(values[0]) if tint else 1 - _unit(values[0]))
    if space.kind == "spot" and space.components == 1 and values and space.base is not None:
        return _tinted(space, _unit(values[0]))
    return None


def _tinted(space: ColourSpace, value: float) -> float | None:
    """A spot colour by its stand-in, where an exponential function (§7.10.3) gives it."""
    if objects.number(objects.entry(space.tint, "/FunctionType")) != 2 or space.base is None:
        return None
    ends = [objects.array_items(objects.entry(space.tint, key)) for key in ("/C0", "/C1")]
    exponent = objects.number(objects.entry(space.tint, "/N")) or 1.0
    if len(ends[0]) != len(ends[1]):
        return None
    share = value**exponent if value else 0.0
    pairs = [
        (objects.number(a) or 0.0, objects.number(b) or 0.0) for a, b in zip(*ends, strict=True)
    ]
    return ink_of(space.base, [low + share * (high - low) for low, high in pairs])


def is_white(space: ColourSpace, values: Sequence[float]) -> bool:
    """Whether a colour lays down no ink at all."""
    if space.kind == "rgb":
        return len(values) == 3 and min(values) >= 1
    return ink_of(space, values) == 0


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)
