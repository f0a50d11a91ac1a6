"""A workbook of a picture book: activities, pages to colour, and the solutions at the end."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ebook_pipeline.books.picture_books.brief import AgeGroup
from ebook_pipeline.books.picture_books.finished_book import (
    Page,
    PageKind,
    PictureBook,
    TextBlock,
)
from ebook_pipeline.books.picture_books.trim_sizes import Area, trim_box
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY, width
from ebook_pipeline.books.printing.print_rules import PrinterRules
from ebook_pipeline.books.producing.activities import dots, maze, word_search
from ebook_pipeline.books.producing.activities.drawing import (
    dot,
    frame,
    headings,
    line,
    page_svg,
    playground,
    square,
)
from ebook_pipeline.books.producing.interior import grey_pdf

_FEWEST_PAGES = 24
"""What KDP binds at least."""
_DIFFERENCES = 2
"""Pages with differences to spot."""
_MOST_WORDS = 9
"""Words hidden in one square."""


@dataclass(frozen=True)
class Measure:
    """How hard activities are: cells of a maze's side, dots, letters of a square's side."""

    maze: int
    dots: int
    letters: int


MEASURES = {
    AgeGroup.BABIES: Measure(6, 8, 0),
    AgeGroup.PRESCHOOL: Measure(8, 14, 0),
    AgeGroup.EARLY_READERS: Measure(12, 24, 10),
    AgeGroup.MIDDLE: Measure(18, 34, 13),
}
_STROKE = re.compile(r'stroke-width="([0-9.]+)"')
_WORDS = {
    "en": {
        "maze": ("Find the way", "Start at the upper left. Which way leads out?"),
        "dots": ("Join the dots", "Begin at 1. What do you see?"),
        "words": ("Hidden words", "Find these words: {}"),
        "trace": ("Trace the letters", "Follow the grey letters with your pencil."),
        "differences": ("What is missing?", "{} things are missing in the second picture."),
        "solution": "Solution",
        "workbook": "Activity book",
    },
    "de": {
        "maze": ("Finde den Weg", "Beginne oben links. Welcher Weg führt hinaus?"),
        "dots": ("Verbinde die Punkte", "Beginne bei 1. Was siehst du?"),
        "words": ("Versteckte Wörter", "Finde diese Wörter: {}"),
        "trace": ("Spure die Buchstaben nach", "Folge den grauen Buchstaben mit dem Stift."),
        "differences": ("Was fehlt?", "Im zweiten Bild fehlen {} Dinge."),
        "solution": "Lösung",
        "workbook": "Mitmachbuch",
    },
}


@dataclass(frozen=True)
class Activity:
    """A page to do, and the page that shows how; letters to trace need none."""

    kind: str
    task: tuple[str, ...]
    parts: tuple[str, ...]
    blocks: tuple[TextBlock, ...] = ()
    solved: tuple[str, ...] | None = None


def workbook_pdf(book: PictureBook, rules: PrinterRules) -> bytes:
    """The workbook in black ink for a press."""
    return grey_pdf(workbook(book), rules)


def workbook(book: PictureBook) -> PictureBook:
    """The pages of the workbook, as a picture book of its own: title, activities, solutions."""
    activities = list(_activities(book))
    solutions = [_solution(book, one) for one in activities if one.solved is not None]
    tasks = [_task(book, one) for one in activities]
    room = _FEWEST_PAGES - 2 - len(tasks) - len(solutions)
    colouring = _to_colour(book, max(room, 4) + (room + len(tasks) + len(solutions)) % 2)
    front = _title_page(book)
    empty = Page(number=2, kind=PageKind.BACK, colour="", line_art="")
    pages = [front, empty, *_mixed(tasks, colouring), *solutions]
    if len(pages) % 2:
        pages.append(empty)
    numbered = [page.model_copy(update={"number": at}) for at, page in enumerate(pages, 1)]
    return book.model_copy(update={"pages": tuple(numbered)})


def _title_page(book: PictureBook) -> Page:
    """The cover's front in lines, with the workbook's name below the title."""
    front = book.cover.front
    blocks = [block.model_copy(update={"ink": "#000000"}) for block in front.blocks]
    if len(blocks) > 1:
        name = (_WORDS[book.language]["workbook"],)
        blocks[1] = blocks[1].model_copy(update={"paragraphs": name})
    return front.model_copy(update={"colour": front.line_art, "blocks": tuple(blocks)})


def _activities(book: PictureBook) -> Iterator[Activity]:
    measure, seed = MEASURES[book.age_group], book.seed
    yield _maze(book, seed, measure.maze)
    yield _dots(book, seed, measure.dots)
    if measure.letters:
        yield from _hidden(book, measure.letters)
    yield from _traced(book)
    yield from _missing(book)
    yield _maze(book, seed + 1, measure.maze + 2)
    yield _dots(book, seed + 1, measure.dots + 4)


def _maze(book: PictureBook, seed: int, size: int) -> Activity:
    made = maze.make_maze(seed, size, size)
    area = playground(book.trim)
    title, task = _said(book, "maze")
    return Activity(
        title,
        (task,),
        tuple(maze.draw_maze(made, area)),
        solved=tuple(maze.draw_maze(made, area, maze.solve_maze(made))),
    )


def _dots(book: PictureBook, seed: int, count: int) -> Activity:
    names = sorted(dots.OUTLINES)
    area = square(playground(book.trim)).inset(16)
    points = dots.place_dots(names[seed % len(names)], count, area)
    parts, numbers = dots.draw_dots(points, joined=False)
    joined, _ = dots.draw_dots(points, joined=True)
    title, task = _said(book, "dots")
    return Activity(title, (task,), tuple(parts), tuple(numbers), tuple(joined))


def _hidden(book: PictureBook, size: int) -> Iterator[Activity]:
    words = story_words(book, size)
    if len(words) < 3:
        return
    search = word_search.make_word_search(book.seed, words, size, book.language)
    area = square(playground(book.trim))
    parts, letters = word_search.draw_word_search(search, area, solved=False)
    solved, _ = word_search.draw_word_search(search, area, solved=True)
    title, task = _said(book, "words")
    task = task.format(", ".join(search.words))
    yield Activity(title, (task,), tuple(parts), tuple(letters), tuple(solved))


def story_words(book: PictureBook, longest: int) -> list[str]:
    """Words of the story worth hiding: seldom in the language, often in the book."""
    from wordfreq import zipf_frequency

    counts = Counter(
        word
        for page in book.pages
        if page.kind is PageKind.STORY
        for block in page.blocks
        for paragraph in block.paragraphs
        for word in ("".join(c if c.isalpha() else " " for c in paragraph)).lower().split()
    )
    usable = [word for word in counts if 4 <= len(word_search.spelt(word)) <= min(longest, 10)]
    ranked = sorted(
        usable, key=lambda word: (zipf_frequency(word, book.language) - counts[word] / 4, word)
    )
    return ranked[:_MOST_WORDS]


def _traced(book: PictureBook) -> Iterator[Activity]:
    """Rows of grey letters between lines: a name or a word of the title, then the alphabet."""
    area = playground(book.trim)
    row = 72.0
    words = [word for word in book.title.split() if word.isalpha()][:2] or ["Abc"]
    letters = ["A B C D E F", "a b c d e f", *words, "1 2 3 4 5"]
    rows = letters[: max(1, int(area.height // row))]
    parts, blocks = [], []
    for at, text in enumerate(rows):
        top = area.y + at * row
        for share in (0.18, 0.5, 0.82):
            y = top + row * share
            parts.append(line([(area.x, y), (area.right, y)], 0.75, "#8a8a8a"))
        size = min(50.0, 50.0 * area.width / max(width(text, TEXT_FAMILY, 50.0), 1.0))
        place = Area(x=area.x, y=top + row * 0.82 - 0.8 * size, width=area.width, height=size * 1.2)
        blocks.append(
            TextBlock(
                paragraphs=(text,),
                area=place,
                size=size,
                leading=size,
                family=TEXT_FAMILY,
                ink="#b5b5b5",
                align="left",
                vertical="top",
            )
        )
    title, task = _said(book, "trace")
    yield Activity(title, (task,), tuple(parts), tuple(blocks))


def _missing(book: PictureBook) -> Iterator[Activity]:
    """Two pictures, one above the other or side by side, as the page has room."""
    from ebook_pipeline.books.producing.activities import differences

    found = 0
    for page in _pictured(book):
        made = differences.make_differences(book.seed + page.number, page.line_art)
        if made is None:
            continue
        parts, circles = _pair(book, made.whole, made.changed, made.places)
        title, task = _said(book, "differences")
        yield Activity(title, (task.format(len(made.places)),), parts, solved=(*parts, *circles))
        found += 1
        if found == _DIFFERENCES:
            return


def _pair(
    book: PictureBook, whole: str, changed: str, places: Sequence[tuple[int, int, int, int]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The two pictures cut at the trim, and rings around what is missing in the second."""
    area, cut = playground(book.trim), trim_box(book.trim)
    gap = 12.0
    scale, upright, wide, high = max(
        (min(wide / cut.width, high / cut.height), upright, wide, high)
        for upright, wide, high in (
            (True, area.width, (area.height - gap) / 2),
            (False, (area.width - gap) / 2, area.height),
        )
    )
    size = (cut.width * scale, cut.height * scale)
    first = (area.x + (wide - size[0]) / 2, area.y)
    second = (first[0], area.y + high + gap) if upright else (first[0] + wide + gap, area.y)
    parts = []
    for (x, y), svg in ((first, whole), (second, changed)):
        inner = _thicker(svg.partition(">")[2].rpartition("</svg>")[0], scale)
        view = f"{cut.x:g} {cut.y:g} {cut.width:g} {cut.height:g}"
        parts.append(
            f'<svg x="{x:.2f}" y="{y:.2f}" width="{size[0]:.2f}" height="{size[1]:.2f}" '
            f'viewBox="{view}">{inner}</svg>'
        )
        parts.append(frame(Area(x=x, y=y, width=size[0], height=size[1])))
    return tuple(parts), tuple(_rings(cut, second, scale, places))


def _rings(
    cut: Area,
    corner: tuple[float, float],
    scale: float,
    places: Sequence[tuple[int, int, int, int]],
) -> Iterator[str]:
    """Around each place of the picture that lies at `corner`, made smaller by `scale`."""
    for left, top, right, bottom in places:
        x = corner[0] + ((left + right) / 2 - cut.x) * scale
        y = corner[1] + ((top + bottom) / 2 - cut.y) * scale
        yield _ring((x, y), max(right - left, bottom - top) * scale / 2 + 5)


def _thicker(paths: str, scale: float) -> str:
    """Lines of a picture that is made smaller, two thirds of what they were."""
    return _STROKE.sub(lambda width: f'stroke-width="{float(width[1]) * 0.66 / scale:.4f}"', paths)


def _ring(middle: tuple[float, float], radius: float) -> str:
    circle = dot(middle, radius)
    return circle.replace('fill="#000000"', 'fill="none" stroke="#000000" stroke-width="2"')


def _task(book: PictureBook, activity: Activity) -> Page:
    blocks = (*headings(book.trim, activity.kind, activity.task[0]), *activity.blocks)
    return _page(book, activity.parts, blocks)


def _solution(book: PictureBook, activity: Activity) -> Page:
    solved = replace(activity, parts=activity.solved or ())
    title = f"{_WORDS[book.language]['solution']}: {activity.kind}"
    blocks = (headings(book.trim, title, "")[0], *solved.blocks)
    return _page(book, solved.parts, blocks)


def _page(book: PictureBook, parts: Sequence[str], blocks: Sequence[TextBlock]) -> Page:
    svg = page_svg(book.trim, parts)
    return Page(number=1, kind=PageKind.COLOURING, blocks=tuple(blocks), colour=svg, line_art=svg)


def _to_colour(book: PictureBook, count: int) -> list[Page]:
    """Pictures of the story in lines, without their words, spread over the book."""
    pages = _pictured(book)
    chosen = [pages[at * len(pages) // count] for at in range(min(count, len(pages)))]
    return [
        page.model_copy(update={"colour": page.line_art, "blocks": (), "kind": PageKind.COLOURING})
        for page in chosen
    ]


def _pictured(book: PictureBook) -> list[Page]:
    kinds = (PageKind.STORY, PageKind.COLOURING)
    return [page for page in book.pages if page.kind in kinds and page.alt]


def _mixed(tasks: Sequence[Page], colouring: Sequence[Page]) -> Iterator[Page]:
    """A page to colour after each task, then the rest of them."""
    for at, task in enumerate(tasks):
        yield task
        yield from colouring[at : at + 1]
    yield from colouring[len(tasks) :]


def _said(book: PictureBook, kind: str) -> tuple[str, str]:
    title, task = _WORDS[book.language][kind]
    return title, task
