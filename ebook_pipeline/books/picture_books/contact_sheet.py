"""All pages of a book on one picture, in colour or as line art, words set as in print."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ebook_pipeline.books.picture_books.finished_book import Page, PictureBook, TextBlock
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize, bleed_box
from ebook_pipeline.books.picture_books.typefaces import FOLDER, TITLE_FAMILY
from ebook_pipeline.foundation.errors import BookError

_GAP = 6.0
_SPECIAL = '\\#"[]*_$<>@~`/='


def contact_sheet(
    book: PictureBook, *, columns: int = 6, width: float = 200, line_art: bool = False
) -> bytes:
    """A PNG of cover, pages and back cover; `width` is a page's, in pixels."""
    return pages_png(
        (book.cover.front, *book.pages, book.cover.back),
        book.trim,
        columns=columns,
        width=width,
        line_art=line_art,
    )


def pages_png(
    pages: Sequence[Page],
    trim: TrimSize,
    *,
    columns: int = 2,
    width: float = 480,
    line_art: bool = False,
) -> bytes:
    """A PNG of these pages, left to right. Raises BookError where typst cannot set them."""
    import typst

    with tempfile.TemporaryDirectory(prefix="ebooks-") as name:
        folder = Path(name)
        source = folder / "sheet.typ"
        for index, page in enumerate(pages):
            picture = page.line_art if line_art else page.colour
            (folder / f"{index}.svg").write_text(picture, encoding="utf-8")
        lines = _sheet(pages, trim, columns, width, line_art)
        source.write_text("\n".join(lines), encoding="utf-8")
        try:
            made = typst.compile(str(source), format="png", ppi=72, font_paths=[str(FOLDER)])
        except RuntimeError as error:
            raise BookError(
                "tool.typst", f"typst could not set the sheet: {error}"[:500]
            ) from error
    assert isinstance(made, bytes)
    return made


def _sheet(
    pages: Sequence[Page], trim: TrimSize, columns: int, width: float, line_art: bool
) -> Iterator[str]:
    box = bleed_box(trim)
    scale = width / box.width
    step = width + _GAP, box.height * scale + _GAP
    rows = -(-len(pages) // columns)
    paper = min(columns, len(pages)) * step[0] + _GAP, rows * step[1] + _GAP
    yield f'#set page(width: {paper[0]}pt, height: {paper[1]}pt, margin: 0pt, fill: rgb("#d9d4cc"))'
    for index, page in enumerate(pages):
        x, y = _GAP + index % columns * step[0], _GAP + index // columns * step[1]
        size = f"width: {width}pt, height: {box.height * scale}pt"
        yield f"#place(dx: {x}pt, dy: {y}pt, rect({size}, fill: white))"
        yield f'#place(dx: {x}pt, dy: {y}pt, image("{index}.svg", width: {width}pt))'
        for block in page.blocks:
            yield placed_words(block, (x, y), scale, line_art=line_art)


def placed_words(block: TextBlock, at: tuple[float, float], scale: float, *, line_art: bool) -> str:
    """A block in typst, with the page's corner at `at`."""
    area = block.area
    ink = "#000000" if line_art else block.ink
    weight = "bold" if block.bold or block.family == TITLE_FAMILY else "regular"
    between = (block.leading - block.size) * scale
    apart = between + block.leading * scale / 2
    vertical = "horizon" if block.vertical == "middle" else "top"
    words = "\n\n".join(_escaped(paragraph) for paragraph in block.paragraphs)
    return (
        f"#place(dx: {at[0] + area.x * scale:.2f}pt, dy: {at[1] + area.y * scale:.2f}pt, "
        f"box(width: {area.width * scale:.2f}pt, height: {area.height * scale:.2f}pt)["
        f'#set text(font: "{block.family}", size: {block.size * scale:.2f}pt, weight: "{weight}", '
        f'fill: rgb("{ink}"), top-edge: 0.8em, bottom-edge: -0.2em, hyphenate: false)\n'
        f"#set par(leading: {between:.2f}pt, spacing: {apart:.2f}pt)\n"
        f"#set align({block.align} + {vertical})\n{words}])"
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in text)


def svg_png(svg: str) -> bytes:
    """An SVG of ours as a PNG, a pixel to a point."""
    import typst

    with tempfile.TemporaryDirectory(prefix="ebooks-") as name:
        source = Path(name) / "picture.typ"
        source.with_name("picture.svg").write_text(svg, encoding="utf-8")
        source.write_text(
            '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")',
            encoding="utf-8",
        )
        made = typst.compile(str(source), format="png", ppi=72)
    assert isinstance(made, bytes)
    return made
