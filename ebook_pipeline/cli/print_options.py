"""How commands are told of printers and of their own templates for covers."""

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ebook_pipeline.books.printing.print_rules import CoverTemplate

PRINTERS = ("kdp-paperback", "kdp-hardcover", "ingram")
INCHES = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)\s*[x×]\s*(\d{1,2}(?:\.\d{1,3})?)")
"""Width by height."""


class SizeType(click.ParamType):  # type: ignore[type-arg]
    """Width by height in inches, as two numbers."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, float]:
        if isinstance(value, tuple):
            return value
        sides = INCHES.fullmatch(str(value).strip())
        if sides is None or not all(0 < float(side) <= 40 for side in sides.groups()):
            self.fail(f"{value} is no size in inches such as 17.325x8.75", param, ctx)
        return float(sides[1]), float(sides[2])


def template_of(size: tuple[float, float] | None, spine: float | None) -> "CoverTemplate | None":
    """A printer's template as it was said. Raises UsageError where half of it is missing."""
    from ebook_pipeline.books.printing.print_rules import CoverTemplate

    if (size is None) != (spine is None):
        raise click.UsageError("--template and --spine belong together")
    if size is None or spine is None:
        return None
    return CoverTemplate(width=size[0], height=size[1], spine=spine)
