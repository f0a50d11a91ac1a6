"""Pages drawn into files, for a program that reads pictures. Runs in the sandbox."""

from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.converting.recognizing.page_picture import PagePicture, draw_page
from ebook_pipeline.books.formats.pdf import opening


@dataclass(frozen=True)
class DrawnPage:
    """A page's picture in a file, and where it is dark: see `PagePicture`."""

    number: int
    width: float
    height: float
    skew: float
    scale: float
    file: Path
    ink: tuple[tuple[float, ...], ...]


def draw_in_child(pdf: Path, numbers: list[int], dpi: int, folder: Path) -> tuple[DrawnPage, ...]:
    """The pages' pictures in `folder`. Runs in the sandbox."""
    document = opening.drawn(pdf)
    try:
        return tuple(_drawn(draw_page(document, number, dpi), folder) for number in numbers)
    finally:
        document.close()


def _drawn(picture: PagePicture, folder: Path) -> DrawnPage:
    file = folder / f"{picture.number}.png"
    picture.image.save(file, compress_level=1)
    return DrawnPage(
        picture.number,
        picture.width,
        picture.height,
        picture.skew,
        picture.scale,
        file,
        picture.ink.rows(),
    )
