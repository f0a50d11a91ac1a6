"""What operators of a page are given, as numbers, matrices and colours. ISO 32000-2 §7.3, §7.10."""

from collections.abc import Sequence

import pikepdf

from ebook_pipeline.books.formats.pdf import objects
from ebook_pipeline.books.printing.preflight.content_state import IDENTITY, Matrix


def numbers(operands: Sequence[object]) -> list[float]:
    """The operands that are numbers."""
    found = (objects.number(operand) for operand in operands)
    return [value for value in found if value is not None]


def matrix_of(value: object) -> Matrix:
    """Six numbers; no change where they are not six."""
    given = value if isinstance(value, Sequence) else objects.array_items(value)
    six = numbers(list(given))
    if len(six) != 6:
        six = numbers(objects.array_items(value))
    return (six[0], six[1], six[2], six[3], six[4], six[5]) if len(six) == 6 else IDENTITY


def has_letters(operands: Sequence[object]) -> bool:
    """Whether text is shown that is more than blanks."""
    for operand in operands:
        parts = objects.array_items(operand) if isinstance(operand, pikepdf.Array) else [operand]
        if any(isinstance(part, pikepdf.String) and bytes(part).strip() for part in parts):
            return True
    return False


def ends_of(function: object, depth: int = 0) -> Sequence[list[float]]:
    """The colours at the ends of exponential functions, also of those that are stitched (§7.10)."""
    if depth > 3:
        return []
    kind = objects.number(objects.entry(function, "/FunctionType"))
    if kind == 2:
        return [
            numbers(objects.array_items(objects.entry(function, key))) for key in ("/C0", "/C1")
        ]
    inner = objects.array_items(objects.entry(function, "/Functions"))[:64] if kind == 3 else []
    return [end for part in inner for end in ends_of(part, depth + 1)]
