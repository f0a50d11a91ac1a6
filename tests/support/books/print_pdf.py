"""PDFs as print shops get them, made by typst, and faults put into them by hand with pikepdf."""

import functools
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name

from ebook_pipeline.tools import fonts

Fault = Callable[[pikepdf.Pdf], None]

SAFE_TEXT = "There once was a hedgehog who wore a blue scarf."


@dataclass(frozen=True)
class PrintPdf:
    """A book of coloured pages with a sentence each; sizes in inches."""

    width: float = 8.5
    height: float = 8.5
    pages: int = 24
    bleed: bool = True
    fill: str = "cmyk(20%, 5%, 0%, 0%)"
    ink: str = "cmyk(0%, 0%, 0%, 100%)"
    text: str = SAFE_TEXT
    margin: float = 0.8
    extra: str = ""

    def source(self) -> str:
        bleed = "(outside: .125in, top: .125in, bottom: .125in, inside: 0in)"
        given = f"bleed: {bleed}, fill: {self.fill}," if self.bleed else ""
        page = f'#text(fill: {self.ink}, size: 16pt, font: "Noto Sans")[{self.text}]{self.extra}'
        return (
            f"#set page(width: {self.width}in, height: {self.height}in, {given}"
            f" margin: {self.margin}in, binding: left)\n"
            + "\n#pagebreak()\n".join([page] * self.pages)
        )


@functools.cache
def pdf_bytes(book: PrintPdf) -> bytes:
    """The book as typst makes it, without its structure tree and metadata."""
    families = [str(folder) for folder in fonts.typesetting_folders()]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book.typ"
        source.write_text(book.source(), encoding="utf-8")
        made = typst.compile(
            str(source), font_paths=families, ignore_system_fonts=True, format="pdf"
        )
    with pikepdf.open(io.BytesIO(made)) as pdf:
        for key in ("/StructTreeRoot", "/Metadata", "/MarkInfo", "/Outlines", "/PageLabels"):
            if key in pdf.Root:
                del pdf.Root[key]
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def write(path: Path, book: PrintPdf, fault: Fault | None = None, **saving: object) -> Path:
    """The book at `path`, with `fault` put into it."""
    with pikepdf.open(io.BytesIO(pdf_bytes(book))) as pdf:
        if fault is not None:
            fault(pdf)
        pdf.save(path, **saving)  # type: ignore[arg-type]
    return path


def painted(content: str, number: int = 3, **resources: Dictionary) -> Fault:
    """A fault that paints over page `number` (from 1), with resources of its own."""

    def put(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[number - 1]
        for kind, entries in resources.items():
            for name, value in entries.items():
                if Name(f"/{kind}") not in page.resources:
                    page.resources[f"/{kind}"] = Dictionary()
                page.resources[f"/{kind}"][name] = value
        before, after = pdf.make_stream(b"q"), pdf.make_stream(f"Q q {content} Q".encode())
        page.contents_add(before, prepend=True)
        page.contents_add(after)

    return put


def image(pixels: int, space: str = "/DeviceGray", colour: bytes = b"\x80") -> Fault:
    """A square picture of so many pixels, four inches wide, on page 3."""

    def put(pdf: pikepdf.Pdf) -> None:
        stream = pdf.make_stream(colour * pixels * pixels)
        stream.Type, stream.Subtype = Name.XObject, Name.Image
        stream.Width = stream.Height = pixels
        stream.ColorSpace, stream.BitsPerComponent = Name(space), 8
        painted("288 0 0 288 150 150 cm /Hand Do", XObject=Dictionary(Hand=stream))(pdf)

    return put


def typed(at: tuple[float, float], size: float = 12, number: int = 3) -> Fault:
    """Words in the book's own font on page `number`, at a place in points."""

    def put(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[number - 1]
        name = next(iter(page.resources.Font.keys()))
        shown = _first_glyphs(page)
        move = f"1 0 0 1 {at[0]} {at[1]} Tm"
        painted(f"0 0 0 1 k BT {name} {size} Tf {move} {shown} Tj ET", number)(pdf)

    return put


def _first_glyphs(page: pikepdf.Page) -> str:
    """Glyphs that the page's font has, as the page itself shows them."""
    for instruction in pikepdf.parse_content_stream(page):
        for operand in instruction.operands:
            parts = list(operand) if isinstance(operand, Array) else [operand]
            for part in parts:
                if isinstance(part, pikepdf.String) and bytes(part).strip():
                    return f"<{bytes(part).hex()}>"
    raise AssertionError("the page shows no words")
