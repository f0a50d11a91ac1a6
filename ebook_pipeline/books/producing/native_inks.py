"""A PDF of typst's made fit for a press: native inks, page boxes, nothing but pages.

Typst sets pictures in RGB with a profile and words as they are asked for. Here every colour
operator (ISO 32000-2 §8.6.8) becomes DeviceCMYK or DeviceGray, by the arithmetic of `inks`.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator

from ebook_pipeline.books.printing.print_rules import POINTS, Area
from ebook_pipeline.books.producing.inks import cmyk_of, grey_of
from ebook_pipeline.books.producing.native_pictures import native_pictures
from ebook_pipeline.foundation.errors import BookError

Rgb = tuple[float, float, float]
Inked = tuple[list[float], str]
Inking = Callable[[Rgb], Inked]
"""From a colour of the screen to the operands and the operator (lower case) that paint it."""

_CARRIED = (
    "/StructTreeRoot", "/Metadata", "/MarkInfo", "/Outlines", "/PageLabels", "/Names", "/Lang",
    "/ViewerPreferences", "/PageMode", "/OutputIntents",
)  # fmt: skip
"""Entries of the catalogue that no press needs and KDP asks to leave out."""
_OF_PAGES = ("/Annots", "/StructParents", "/Tabs", "/Group", "/Metadata")
_LEFT_OUT = frozenset({"BMC", "BDC", "EMC", "MP", "DP", "cs", "CS"})
"""Marks of the structure; and choices of a colour space, which the operators here imply."""
_COLOURS = frozenset(["sc", "scn", "SC", "SCN", "rg", "RG", "g", "G", "k", "K"])


def in_colour(colour: Rgb) -> Inked:
    """Four inks."""
    return list(cmyk_of(*colour)), "k"


def in_black(colour: Rgb) -> Inked:
    """Black ink alone."""
    return [grey_of(*colour)], "g"


def press_ready(pdf: bytes, boxes: Sequence[tuple[Area, Area]], inking: Inking) -> bytes:
    """`pdf` in native inks; `boxes` are trim and bleed of each page, in inches.

    Pictures of pixels become native alike. Raises BookError (``print.not-native``) where a page has
    what can not be made so: a transparency, a gradient, a picture with a mask.
    """
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page, (trim, bleed) in zip(opened.pages, boxes, strict=True):
            _recolour_page(page, inking)
            page.obj.TrimBox, page.obj.BleedBox = _box(trim), _box(bleed)
            _drop(page.obj, _OF_PAGES)
        _drop(opened.Root, _CARRIED)
        if "/Info" in opened.trailer:
            del opened.trailer["/Info"]
        opened.remove_unreferenced_resources()
        out = io.BytesIO()
        opened.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            force_version="1.4",
        )
    return out.getvalue()


def _box(area: Area) -> Array:
    sides = (area.left, area.bottom, area.right, area.top)
    return Array([Decimal(str(round(side * POINTS, 4))) for side in sides])


def _drop(holder: pikepdf.Object, keys: Sequence[str]) -> None:
    for key in keys:
        if key in holder:
            del holder[key]


def _recolour_page(page: pikepdf.Page, inking: Inking) -> None:
    resources = page.obj.get("/Resources", Dictionary())
    _refuse(resources)
    native_pictures(resources, black=inking is in_black)
    content = pikepdf.unparse_content_stream(_recoloured(page.obj, inking))
    page.contents_coalesce()
    page.obj.Contents.write(content)
    _drop(resources, ("/ColorSpace",))
    for form in {form.objgen: form for form in _forms(resources)}.values():
        _refuse(form.get("/Resources", Dictionary()))
        native_pictures(form.get("/Resources", Dictionary()), black=inking is in_black)
        form.write(pikepdf.unparse_content_stream(_recoloured(form, inking)))
        _drop(form, ("/Group", "/StructParents"))
        _drop(form.get("/Resources", Dictionary()), ("/ColorSpace",))


def _forms(resources: pikepdf.Object, depth: int = 0) -> Iterator[pikepdf.Stream]:
    """The forms that resources name, each before those that it places."""
    for thing in list(resources.get("/XObject", Dictionary()).values()):
        if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == Name.Form and depth < 20:
            yield thing
            yield from _forms(thing.get("/Resources", Dictionary()), depth + 1)


def _recoloured(stream: pikepdf.Object, inking: Inking) -> list[tuple[list[Any], Operator]]:
    """The operators with native colours, without marks of a structure that is not there."""
    made: list[tuple[list[Any], Operator]] = []
    for instruction in pikepdf.parse_content_stream(stream):
        operator, operands = str(instruction.operator), list(instruction.operands)
        if operator in _COLOURS:
            made.append(_inked(operator, [float(part) for part in operands], inking))
        elif operator not in _LEFT_OUT:
            made.append((operands, Operator(operator)))
    return made


def _inked(operator: str, parts: list[float], inking: Inking) -> tuple[list[Any], Operator]:
    stroke = operator[0].isupper()
    if len(parts) == 4:
        inks, letter = (parts, "k") if inking is in_colour else ([_grey(parts)], "g")
    elif len(parts) == 3:
        inks, letter = inking((parts[0], parts[1], parts[2]))
    else:
        inks, letter = parts, "g"
    given = [Decimal(str(round(ink, 3))) for ink in inks]
    return given, Operator(letter.upper() if stroke else letter)


def _grey(inks: list[float]) -> float:
    """Lightness of four inks."""
    cyan, magenta, yellow, black = inks
    return grey_of(*((1 - ink) * (1 - black) for ink in (cyan, magenta, yellow)))


def _refuse(resources: pikepdf.Object) -> None:
    """Raise where these resources hold what has no native colour by arithmetic."""
    for state in resources.get("/ExtGState", Dictionary()).values():
        opacities = [state.get(key, 1) for key in ("/ca", "/CA")]
        if min(float(value) for value in opacities) < 1 or "/SMask" in state:
            raise _not_native("transparency")
    if resources.get("/Pattern", Dictionary()).keys() or "/Shading" in resources:
        raise _not_native("a pattern or gradient")
    for thing in resources.get("/XObject", Dictionary()).values():
        if thing.get("/Subtype") == Name.Image and ("/SMask" in thing or "/Mask" in thing):
            raise _not_native("a picture with a mask")


def _not_native(what: str) -> BookError:
    text = f"A page has {what}, whose ink can not be proven."
    remedy = "Draw it in opaque fills."
    return BookError("print.not-native", text, remedy=remedy)
