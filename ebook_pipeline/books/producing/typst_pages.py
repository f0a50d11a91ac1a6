"""Pages set by typst: a picture in vectors, and words in their areas over it.

Words and sizes go to typst as data, never as markup. Coordinates are points from the sheet's upper
left corner.
"""

import json
import tempfile
from pathlib import Path

import typst
from pydantic import Field

from ebook_pipeline.books.picture_books import typefaces
from ebook_pipeline.books.picture_books.finished_book import TextBlock
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.record import Record

_TEMPLATE = """
#let sheets = json("sheets.json")
#set document(date: none)
#set page(margin: 0pt, fill: none)
#let words(block-of) = {
  let lines = block-of.leading - block-of.size
  set text(
    font: block-of.family, size: block-of.size * 1pt, fill: rgb(block-of.ink),
    weight: if block-of.bold { "bold" } else { "regular" },
    lang: sheets.language, top-edge: 0.8em, bottom-edge: -0.2em, hyphenate: false,
  )
  set par(leading: lines * 1pt, spacing: (lines + block-of.leading / 2) * 1pt, justify: false)
  let turned = if block-of.align == "center" { center } else { left }
  let stands = if block-of.vertical == "middle" { horizon } else { top }
  let inner = block-of.paragraphs.map(line => par(text(line))).join()
  layout(area => {
    let high = measure(block(width: area.width, inner)).height
    let share = calc.min(1, area.height / calc.max(high, 1pt))
    let set-smaller = if share < 1 { calc.sqrt(share) * 0.98 } else { 1 }
    set text(size: block-of.size * set-smaller * 1pt)
    set par(leading: lines * set-smaller * 1pt)
    align(stands + turned, block(width: area.width, inner))
  })
}
#for (index, sheet) in sheets.pages.enumerate() {
  page(width: sheet.width * 1pt, height: sheet.height * 1pt, {
    for picture in sheet.pictures {
      place(top + left, dx: (picture.x + picture.cut_left) * 1pt, dy: picture.y * 1pt,
        block(clip: picture.cut_left + picture.cut_right > 0, height: picture.height * 1pt,
          width: (picture.width - picture.cut_left - picture.cut_right) * 1pt,
          place(top + left, dx: -picture.cut_left * 1pt,
            image(picture.file, width: picture.width * 1pt, height: picture.height * 1pt))))
    }
    for field in sheet.fills {
      place(top + left, dx: field.x * 1pt, dy: field.y * 1pt,
        rect(width: field.width * 1pt, height: field.height * 1pt, fill: rgb(field.colour)))
    }
    for part in sheet.blocks {
      place(top + left, dx: part.x * 1pt, dy: part.y * 1pt,
        block(width: part.width * 1pt, height: part.height * 1pt,
          if part.turned {
            align(center + horizon, rotate(90deg, reflow: true,
              block(width: part.height * 1pt, height: part.width * 1pt, words(part))))
          } else { words(part) }))
    }
  })
}
"""


class PlacedPicture(Record):
    """An SVG drawn into a rectangle, of which something may be cut off left and right."""

    svg: str
    x: float
    y: float
    width: float = Field(gt=0)
    height: float = Field(gt=0)
    cut_left: float = 0.0
    cut_right: float = 0.0


class Fill(Record):
    """A rectangle of one colour (``#rrggbb``)."""

    x: float
    y: float
    width: float
    height: float
    colour: str


class PlacedWords(Record):
    """Words in a rectangle that lies at `x`, `y`; `turned` ones read from top to bottom."""

    block: TextBlock
    x: float
    y: float
    turned: bool = False


class Sheet(Record):
    """One page of a PDF; later things lie over earlier ones."""

    width: float
    height: float
    pictures: tuple[PlacedPicture, ...] = ()
    fills: tuple[Fill, ...] = ()
    words: tuple[PlacedWords, ...] = ()


def set_pages(sheets: tuple[Sheet, ...], language: str) -> bytes:
    """The sheets as a PDF in the colours of the screen. Raises BookError (``print.unset``)."""
    with tempfile.TemporaryDirectory(prefix="ebooks-typst-") as name:
        folder = Path(name)
        pages = [_page(sheet, index, folder) for index, sheet in enumerate(sheets)]
        document = {"language": language, "pages": pages}
        (folder / "sheets.json").write_text(json.dumps(document), encoding="utf-8")
        (folder / "book.typ").write_text(_TEMPLATE, encoding="utf-8")
        try:
            made: bytes = typst.compile(
                str(folder / "book.typ"),
                root=str(folder),
                font_paths=[str(typefaces.FOLDER)],
                ignore_system_fonts=True,
                format="pdf",
            )
        except RuntimeError as error:
            raise BookError("print.unset", f"The pages could not be set: {error}"[:1000]) from error
    return made


def _page(sheet: Sheet, index: int, folder: Path) -> dict[str, object]:
    pictures = []
    for number, picture in enumerate(sheet.pictures):
        name = f"{index}-{number}.svg"
        (folder / name).write_text(picture.svg, encoding="utf-8")
        pictures.append({**picture.model_dump(exclude={"svg"}), "file": name})
    return {
        "width": sheet.width,
        "height": sheet.height,
        "pictures": pictures,
        "fills": [fill.model_dump() for fill in sheet.fills],
        "blocks": [_words(placed) for placed in sheet.words],
    }


def _words(placed: PlacedWords) -> dict[str, object]:
    block = placed.block
    return {
        **block.model_dump(mode="json", exclude={"area"}),
        "x": placed.x,
        "y": placed.y,
        "width": block.area.width,
        "height": block.area.height,
        "turned": placed.turned,
    }
