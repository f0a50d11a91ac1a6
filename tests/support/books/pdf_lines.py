"""PDFs set line by line, for reading them back; Courier: a letter is 0.6 of its size wide."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pikepdf

from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.records import Claims

FULL = "a full line that goes on to the right margin here ok"
STOP = "and one that ends."
FONTS = {"": "Courier", "b": "Courier-Bold", "i": "Courier-Oblique"}
WIDE, HIGH = 420, 600


@dataclass(frozen=True)
class Set:
    """A line of text: `x`, `y` of its start in points; `tag` is its marked content."""

    text: str
    x: float = 50
    y: float = 500
    size: float = 10
    font: str = ""
    tag: int | None = None

    def drawn(self) -> str:
        text = self.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        shown = f"BT /F{self.font or 'r'} {self.size} Tf {self.x} {self.y} Td ({text}) Tj ET"
        if self.tag is None:
            return shown
        return f"/P <</MCID {self.tag}>> BDC {shown} EMC"


def below(*texts: str, x: float = 50, y: float = 500, size: float = 10) -> list[Set]:
    """Lines one below another."""
    return [Set(text, x, y - number * size * 1.2, size) for number, text in enumerate(texts)]


def prose(count: int, y: float = 480) -> list[Set]:
    """Paragraphs of three lines with an indent."""
    lines = []
    for number in range(count):
        first, *rest = below(FULL[:-2], FULL, STOP, y=y - number * 36)
        lines += [replace(first, x=62), *rest]
    return lines


def markup(pdf: Path, target: Path, *, breaks: bool = False) -> str:
    """What a PDF becomes: its documents' markup; page breaks with `breaks`."""
    epub_from_pdf(pdf, target, Claims())
    with zipfile.ZipFile(target) as opened:
        names = sorted(name for name in opened.namelist() if "chapter-" in name)
        text = "".join(opened.read(name).decode() for name in names)
    text = "".join(re.findall(r"<body>\n(.*?)\n</body>", text, re.DOTALL))
    return text if breaks else re.sub(r'<span id="page-[^>]*></span>', "", text)


def typeset(path: Path, *pages: Sequence[Set], more: str = "") -> Path:
    """Write the pages; `more` is drawn on each."""
    with pikepdf.new() as pdf:
        for lines in pages:
            add_page(pdf, "\n".join([*(line.drawn() for line in lines), more]))
        pdf.save(path)
    return path


def add_page(pdf: pikepdf.Pdf, drawn: str, **resources: Any) -> pikepdf.Page:
    """A page that shows `drawn`."""
    page = pdf.add_blank_page(page_size=(WIDE, HIGH))
    fonts = {
        f"/F{key or 'r'}": pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name(f"/{name}"),
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        for key, name in FONTS.items()
    }
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(fonts), **resources)
    page.obj.Contents = pdf.make_stream(drawn.encode("cp1252"))
    return page
