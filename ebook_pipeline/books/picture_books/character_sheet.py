"""The cast in a row, and a hash of the parts of which each is drawn on every page."""

import hashlib

from ebook_pipeline.books.picture_books.drawing.colours import PAPER
from ebook_pipeline.books.picture_books.drawing.figure import Acting, figure
from ebook_pipeline.books.picture_books.drawing.graph import chain, group, move, parts, scale
from ebook_pipeline.books.picture_books.drawing.looks import Mood, Pose
from ebook_pipeline.books.picture_books.drawing.paths import plain, rectangle
from ebook_pipeline.books.picture_books.drawing.svg import colour_svg
from ebook_pipeline.books.picture_books.story.cast import Character
from ebook_pipeline.books.picture_books.trim_sizes import Area

_ACTS = (
    (Mood.HAPPY, Pose.STAND),
    (Mood.SAD, Pose.SIT),
    (Mood.SURPRISED, Pose.WAVE),
    (Mood.PROUD, Pose.CHEER),
)
_CELL = (230.0, 330.0)


def parts_hash(one: Character) -> str:
    """SHA-256 over all parts that neither pose nor mood changes."""
    drawn = sorted(set(parts(figure(one.looks, Acting(Mood.HAPPY)))))
    return hashlib.sha256(repr(drawn).encode()).hexdigest()


def sheet_svg(cast: tuple[Character, ...]) -> str:
    """A row for each character, in four moods and poses."""
    page = Area(x=0, y=0, width=_CELL[0] * len(_ACTS), height=_CELL[1] * len(cast))
    nodes = [
        group(
            figure(one.looks, Acting(*act)),
            at=chain(move(_CELL[0] * (column + 0.5), _CELL[1] * (row + 1) - 22), scale(0.95)),
        )
        for row, one in enumerate(cast)
        for column, act in enumerate(_ACTS)
    ]
    return colour_svg(group(plain(rectangle(0, 0, page.width, page.height), PAPER), *nodes), page)
