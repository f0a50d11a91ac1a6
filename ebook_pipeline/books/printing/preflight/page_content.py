"""One page's operators, read for what print asks: inks, pictures, transparency, lines, type.

ISO 32000-2 §8 and §9. Forms are read where they are placed, patterns where they are chosen; within
bounds of depth, of operators and of processor time.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pikepdf

from ebook_pipeline.books.formats.pdf import objects
from ebook_pipeline.books.printing.preflight import images, transparency
from ebook_pipeline.books.printing.preflight.colours import (
    CMYK,
    GRAY,
    PATTERN,
    RGB,
    ColourSpace,
    colour_space,
    ink_of,
    is_white,
)
from ebook_pipeline.books.printing.preflight.content_state import (
    IDENTITY,
    GraphicsState,
    Matrix,
    Paint,
    PathBox,
    TextState,
    box_of,
    moved,
    scale_of,
    times,
)
from ebook_pipeline.books.printing.preflight.facts import MOST_MARKS, Box, PageContent, Spot
from ebook_pipeline.books.printing.preflight.operands import (
    ends_of,
    has_letters,
    matrix_of,
    numbers,
)

_DEEPEST = 12
"""Forms within each other."""
_MOST_OPERATORS = 3_000_000
"""Of one file, forms counted where they are placed; a rich picture has 20,000."""
_MOST_STATES = 200
"""States that q may keep."""
_INVISIBLE, _CLIPS_ONLY = 3, 7
"""Text render modes that paint nothing, §9.3.6."""
_SMALL_TYPE = 12.0
"""Points up to which the size of type is written down, and up to which four inks blur it."""
_FOUR_INKS = 0.15
"""Share of each ink (0 to 1) from which type is printed with all four."""
_THIN = 2.0
"""Points up to which the width of a line is written down."""

_FILLS = {"f", "F", "f*", "B", "B*", "b", "b*"}
_STROKES = {"S", "s", "B", "B*", "b", "b*"}
_SHOWS = {"Tj", "TJ", "'", '"'}


class OperatorBudget:
    """Operators and processor seconds that all pages of a file share."""

    def __init__(self, seconds: float) -> None:
        self._time = objects.TimeBudget(seconds)
        self._left = _MOST_OPERATORS

    def spend(self, operators: int) -> bool:
        """Whether so many more may be read."""
        self._left -= operators
        return self._left >= 0 and not self._time.spent

    @property
    def spent(self) -> bool:
        return self._left <= 0 or self._time.spent


def read_page(page: pikepdf.Object, budget: OperatorBudget) -> PageContent:
    """What `page` (its dictionary) paints."""
    reader = _Reader(PageContent(), budget)
    reader.resources(page, objects.inherited(page, "/Resources"))
    return reader.content


class _Reader:
    """The operators of a page, with all that they place."""

    def __init__(self, content: PageContent, budget: OperatorBudget) -> None:
        self.content = content
        self._budget = budget
        self._patterns: set[objects.ObjectId] = set()

    def resources(self, stream: pikepdf.Object, resources: object) -> None:
        """Read the page's own content."""
        self.read(stream, resources, GraphicsState(), 0)

    def read(
        self, stream: pikepdf.Object, resources: object, state: GraphicsState, depth: int
    ) -> None:
        """Read a page or a form that begins in `state`."""
        if depth > _DEEPEST or self._budget.spent:
            self.content.finished = False
            return
        run = _Run(self, resources, state, depth)
        count = 0
        for instruction in pikepdf.parse_content_stream(stream):
            count += 1
            if count % 1000 == 0 and not self._budget.spend(1000):
                self.content.finished = False
                return
            run.take(str(instruction.operator), list(instruction.operands))
        self._budget.spend(count % 1000)

    def pattern(self, pattern: object, base: Matrix, depth: int) -> None:
        """A pattern that was chosen, once: tiles are read, of a shading the colours."""
        identity = objects.object_id(pattern)
        if (
            identity is None
            or identity in self._patterns
            or not isinstance(pattern, pikepdf.Object)
        ):
            return
        self._patterns.add(identity)
        own = matrix_of(objects.entry(pattern, "/Matrix"))
        if isinstance(pattern, pikepdf.Stream):
            state = GraphicsState(matrix=times(own, base))
            self.read(pattern, objects.entry(pattern, "/Resources"), state, depth + 1)
        else:
            self.shading(objects.entry(pattern, "/Shading"), (0, 0, 0, 0))

    def shading(self, shading: object, box: Box) -> None:
        """The space of a shading, and the ink of the ends of its functions."""
        space = colour_space(objects.entry(shading, "/ColorSpace"))
        self.colour(space, box)
        ends = list(ends_of(objects.entry(shading, "/Function")))
        for end in ends:
            self.ink(ink_of(space, end), box)
        if not ends:
            self.content.ink_known = False

    def colour(self, space: ColourSpace, box: Box) -> None:
        """Write down that a colour of this space is painted at `box`."""
        for kind in space.kinds:
            if kind not in self.content.colours:
                self.content.colours[kind] = Spot(box, words=space.name)
        if space.kind == "spot" and space.components > 1:
            self.content.ink_known = False

    def ink(self, amount: float | None, box: Box) -> None:
        """Write down so much ink at `box`."""
        if amount is None:
            self.content.ink_known = False
            return
        amount = round(amount, 1)
        self.content.heaviest_ink = max(self.content.heaviest_ink, amount)
        if amount > 200:
            keep(self.content.inks, Spot(box, amount))


class _Run:
    """One stream's operators in their order."""

    def __init__(
        self, reader: _Reader, resources: object, state: GraphicsState, depth: int
    ) -> None:
        self._reader, self._resources, self._depth = reader, resources, depth
        self._state, self._base = state, state.matrix
        self._kept: list[GraphicsState] = []
        self._path = PathBox()
        self._text: Matrix = IDENTITY
        self._line: Matrix = IDENTITY
        self._leading = 0.0

    def take(self, operator: str, operands: Sequence[object]) -> None:
        """One operator; unknown ones change nothing."""
        method = _METHODS.get(operator)
        if method is not None:
            method(self, operator, operands)

    def _resource(self, kind: str, operand: object) -> object:
        return objects.entry(self._resources, kind, f"/{objects.name(operand)}")

    def _save(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        if len(self._kept) < _MOST_STATES:
            self._kept.append(self._state)

    def _restore(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        if self._kept:
            self._state = self._kept.pop()

    def _concatenate(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        self._state = self._state.with_matrix(matrix_of(operands))

    def _line_width(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        self._state = replace(self._state, line_width=(numbers(operands) or [1.0])[0])

    def _extended(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        extended = self._resource("/ExtGState", operands[0]) if operands else None
        width = objects.number(objects.entry(extended, "/LW"))
        if width is not None:
            self._state = replace(self._state, line_width=width)
        if objects.entry(extended, "/op") is not None or objects.entry(extended, "/OP") is not None:
            over = any(objects.entry(extended, key) is True for key in ("/op", "/OP"))
            self._state = replace(self._state, overprint=over)
        for reason in transparency.of_state(extended):
            keep(self._reader.content.transparent, Spot((0, 0, 0, 0), words=reason))

    def _fixed_colour(self, operator: str, operands: Sequence[object]) -> None:
        space = {"g": GRAY, "rg": RGB, "k": CMYK}[operator.lower()]
        self._set_paint(operator, Paint(space, tuple(numbers(operands))))

    def _choose_space(self, operator: str, operands: Sequence[object]) -> None:
        named = objects.entry(self._resources, "/ColorSpace")
        space = colour_space(operands[0], named) if operands else GRAY
        first = 1.0 if space.kind in ("spot", "registration") or space.name else 0.0
        values = tuple([first] * space.components)
        self._set_paint(operator, Paint(space, values))

    def _choose_colour(self, operator: str, operands: Sequence[object]) -> None:
        now = self._state.stroke if operator.isupper() else self._state.fill
        last = operands[-1] if operands else None
        if isinstance(last, pikepdf.Name):
            pattern = self._resource("/Pattern", last)
            self._reader.pattern(pattern, self._base, self._depth)
            self._set_paint(operator, Paint(PATTERN, ()))
        else:
            self._set_paint(operator, Paint(now.space, tuple(numbers(operands))))

    def _set_paint(self, operator: str, paint: Paint) -> None:
        if operator.isupper():
            self._state = replace(self._state, stroke=paint)
        else:
            self._state = replace(self._state, fill=paint)

    def _build(self, operator: str, operands: Sequence[object]) -> None:
        values = numbers(operands)
        if operator == "re" and len(values) == 4:
            x, y, width, height = values
            values = [x, y, x + width, y, x, y + height, x + width, y + height]
        self._path.add(self._state.matrix, values)

    def _paint(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        box = self._path.taken()
        if box is None:
            return
        if operator in _FILLS:
            self._lay(self._state.fill, box)
        if operator in _STROKES:
            self._stroked(box)

    def _end_path(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        self._path.taken()

    def _stroked(self, box: Box) -> None:
        self._lay(self._state.stroke, box)
        width = abs(self._state.line_width) * scale_of(self._state.matrix)
        if width < _THIN and not is_white(self._state.stroke.space, self._state.stroke.values):
            keep(self._reader.content.thin_lines, Spot(box, round(width, 3)))

    def _lay(self, paint: Paint, box: Box) -> None:
        """Ink of a colour at a place."""
        if paint.space.kind == "pattern":
            return
        self._reader.colour(paint.space, box)
        self._reader.ink(ink_of(paint.space, paint.values), box)
        if self._state.overprint and is_white(paint.space, paint.values):
            keep(self._reader.content.white_overprint, Spot(box))

    def _place(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        thing = self._resource("/XObject", operands[0]) if operands else None
        kind = objects.name(objects.entry(thing, "/Subtype"))
        if not isinstance(thing, pikepdf.Stream):
            return
        if kind == "Image":
            images.read(thing, self._state, self._resources, self._reader)
        elif kind == "Form":
            self._place_form(thing)

    def _place_form(self, form: pikepdf.Object) -> None:
        state = self._state.with_matrix(matrix_of(objects.entry(form, "/Matrix")))
        corners = numbers(objects.array_items(objects.entry(form, "/BBox")))
        if len(corners) == 4:
            box = box_of(state.matrix, (corners[0], corners[1], corners[2], corners[3]))
            for spot in self._reader.content.transparent:
                if spot.box == (0, 0, 0, 0):
                    spot.box = box
        resources = objects.entry(form, "/Resources")
        inner = resources if resources is not None else self._resources
        self._reader.read(form, inner, state, self._depth + 1)

    def _inline(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        if operands and isinstance(operands[0], pikepdf.PdfInlineImage):
            images.read_inline(operands[0], self._state, self._resources, self._reader)

    def _shade(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        shading = self._resource("/Shading", operands[0]) if operands else None
        self._reader.shading(shading, (0, 0, 0, 0))

    def _begin_text(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        self._text = self._line = IDENTITY

    def _font(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        size = objects.number(operands[1]) if len(operands) > 1 else None
        self._state = replace(self._state, text=replace(self._state.text, size=size or 0.0))

    def _mode(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        mode = int((numbers(operands) or [0])[0])
        self._state = replace(self._state, text=TextState(self._state.text.size, mode))

    def _text_matrix(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        self._text = self._line = matrix_of(operands)

    def _set_leading(self, operator: str, operands: Sequence[object]) -> None:  # noqa: ARG002
        self._leading = (numbers(operands) or [0.0])[0]

    def _next_line(self, operator: str, operands: Sequence[object]) -> None:
        x, y = [*numbers(operands), 0.0, 0.0][:2]
        if operator == "TD":
            self._leading = -y
        if operator == "T*":
            x, y = 0.0, -self._leading
        self._text = self._line = times((1.0, 0.0, 0.0, 1.0, x, y), self._line)

    def _show(self, operator: str, operands: Sequence[object]) -> None:
        if operator in ("'", '"'):
            self._next_line("T*", ())
        text = self._state.text
        if text.mode in (_INVISIBLE, _CLIPS_ONLY) or not has_letters(operands):
            return
        whole = times(self._text, self._state.matrix)
        size = abs(text.size) * scale_of(whole)
        x, y = moved(whole, 0.0, 0.0)
        box = (x, y - size / 4, x + 4 * size, y + size)
        self._lay(self._state.fill if text.mode != 1 else self._state.stroke, box)
        if 0 < size <= _SMALL_TYPE:
            self._small(size, box)

    def _small(self, size: float, box: Box) -> None:
        keep(self._reader.content.small_type, Spot(box, round(size, 2)))
        paint = self._state.fill
        process = paint.space.kind == "cmyk" and len(paint.values) == 4
        if process and min(paint.values) >= _FOUR_INKS:
            keep(self._reader.content.rich_type, Spot(box, round(size, 2)))


def keep(spots: list[Spot], spot: Spot) -> None:
    """Write down a spot; of too many, those whose measure is farthest from the others stay."""
    if len(spots) < MOST_MARKS:
        spots.append(spot)
        return
    spots.sort(key=lambda kept: kept.measure)
    if spot.measure < spots[0].measure or spot.measure > spots[-1].measure:
        spots[len(spots) // 2] = spot


_Method = Callable[[_Run, str, Sequence[object]], None]
_METHODS: dict[str, _Method] = {
    "q": _Run._save,
    "Q": _Run._restore,
    "cm": _Run._concatenate,
    "w": _Run._line_width,
    "gs": _Run._extended,
    "Do": _Run._place,
    "INLINE IMAGE": _Run._inline,
    "sh": _Run._shade,
    "n": _Run._end_path,
    "BT": _Run._begin_text,
    "Tf": _Run._font,
    "Tr": _Run._mode,
    "Tm": _Run._text_matrix,
    "TL": _Run._set_leading,
    **dict.fromkeys(("g", "G", "rg", "RG", "k", "K"), _Run._fixed_colour),
    **dict.fromkeys(("cs", "CS"), _Run._choose_space),
    **dict.fromkeys(("sc", "SC", "scn", "SCN"), _Run._choose_colour),
    **dict.fromkeys(("m", "l", "c", "v", "y", "re"), _Run._build),
    **dict.fromkeys(_FILLS | _STROKES, _Run._paint),
    **dict.fromkeys(("Td", "TD", "T*"), _Run._next_line),
    **dict.fromkeys(_SHOWS, _Run._show),
}
