"""Fonts without shapes, by which text that a PDF states is written in place of its glyphs.

ISO 32000-2 §9.6.4 (type 3 fonts), §9.10.3 (ToUnicode).
"""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from ebook_pipeline.foundation.slices import slices

_LOW, _HIGH = -250, 900
"""Of a thousand: how far below and above the line the glyphs reach."""
_PER_BLOCK = 100
"""Entries of one ``bfchar``, Adobe Technical Note 5014."""


@dataclass
class StatedFont:
    """A font without shapes: each of its codes has a width, in thousandths, and a text.

    Of type 3, since pdfium passes over glyphs that have no extent: here they have that alone.
    """

    name: str
    dictionary: Any
    codes: dict[tuple[str, int], int] = field(default_factory=dict)

    def finish(self, pdf: Any) -> None:
        """Write what was gathered into the font's dictionary."""
        import pikepdf

        made, widths = self.dictionary, [width for _, width in self.codes]
        shapes = {
            f"/g{code}": pdf.make_stream(f"{width} 0 0 {_LOW} {max(1, width)} {_HIGH} d1".encode())
            for (_, width), code in self.codes.items()
        }
        made.CharProcs = pikepdf.Dictionary(shapes)
        names = [pikepdf.Name(name) for name in shapes]
        made.Encoding = pikepdf.Dictionary(Type=pikepdf.Name.Encoding, Differences=[1, *names])
        made.FirstChar, made.LastChar, made.Widths = 1, len(widths), widths
        made.FontBBox = [0, _LOW, max([1, *widths]), _HIGH]
        made.ToUnicode = pdf.make_stream(_meanings(self.codes))


def stated_font(pdf: Any, shape: Any, number: int) -> StatedFont:
    """An empty one beside the font `shape`, which it is called after; the `number`-th of a file."""
    import pikepdf

    descriptor = shape.get("/FontDescriptor")
    if descriptor is None and "/DescendantFonts" in shape:
        descriptor = shape.DescendantFonts[0].get("/FontDescriptor")
    name = shape.get("/BaseFont") or (descriptor or {}).get("/FontName")
    dictionary = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
        BaseFont=name or pikepdf.Name.Stated,
    )
    if descriptor is not None:
        dictionary.FontDescriptor = descriptor
    return StatedFont(f"/Stated{number}", pdf.make_indirect(dictionary))


def _as_told(text: str) -> str:
    """What is read from the right the other way round: pdfium turns it, a glyph's parts too."""
    directions = map(unicodedata.bidirectional, text)
    strong = next((one for one in directions if one in ("L", "R", "AL")), "L")
    return text if strong == "L" else text[::-1]


def _meanings(codes: dict[tuple[str, int], int]) -> bytes:
    """A CMap of what each code stands for, ISO 32000-2 §9.10.3."""
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CMapName /Stated def /CMapType 2 def",
        "1 begincodespacerange <00> <FF> endcodespacerange",
    ]
    entries = [
        f"<{code:02X}> <{_as_told(text).encode('utf-16-be', 'replace').hex()}>"
        for (text, _), code in codes.items()
    ]
    for block in slices(entries, _PER_BLOCK):
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")
