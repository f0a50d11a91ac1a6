"""A font whose every letter is 500/1000 wide and has no breadth: what invisible text is written in.

ISO 32000-2 §9.7 (composite fonts), §9.10.3 (ToUnicode); OpenType 1.9 for the font file. A letter's
code is its UTF-16.
"""

import struct

import pikepdf

WIDTH = 0.5
"""Of every letter, in sizes of the font."""
_ASCENT, _DESCENT = 800, -200
_NAME = "/GlyphLess"
_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end
"""


def add_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The font as an object of `pdf`."""
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type0,
        BaseFont=pikepdf.Name(_NAME),
        Encoding=pikepdf.Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(_letters(pdf))],
        ToUnicode=pdf.make_stream(_TO_UNICODE),
    )
    return pdf.make_indirect(font)


def _letters(pdf: pikepdf.Pdf) -> pikepdf.Dictionary:
    """Every letter of it as the one glyph that there is."""
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=pikepdf.Name(_NAME),
        Flags=5,
        FontBBox=[0, _DESCENT, 500, _ASCENT],
        ItalicAngle=0,
        Ascent=_ASCENT,
        Descent=_DESCENT,
        CapHeight=_ASCENT,
        StemV=80,
        FontFile2=pdf.make_stream(font_file()),
    )
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=pikepdf.Name(_NAME),
        CIDSystemInfo=pikepdf.Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=500,
        CIDToGIDMap=pdf.make_stream(bytes(2 * 65536)),
    )


def font_file() -> bytes:
    """A TrueType font of one glyph: a line without breadth from corner to corner.

    A glyph without any extent has text that is turned by a right angle taken for nothing (pdfium).
    """
    tables = {
        b"cmap": _byte_cmap(),
        b"glyf": struct.pack(
            ">hhhhhHHBBhhhh",
            1, 0, _DESCENT, 500, _ASCENT, 1, 0, 1, 1, 0, 500, _DESCENT, _ASCENT - _DESCENT,
        ),
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh",
            0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, 1000, 0, 0,
            0, _DESCENT, 500, _ASCENT, 0, 8, 2, 0, 0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH",
            0x00010000, _ASCENT, _DESCENT, 0, 500, 0, 0, 500, 1, 0, 0, 0, 0, 0, 0, 0, 1,
        ),
        b"hmtx": struct.pack(">Hh", 500, 0),
        b"loca": struct.pack(">HH", 0, 12),
        b"maxp": struct.pack(">I14H", 0x00010000, 1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"post": struct.pack(">IIhhI4I", 0x00030000, 0, 0, 0, 1, 0, 0, 0, 0),
    }  # fmt: skip
    return _assembled(tables)


def _byte_cmap() -> bytes:
    """A table that maps every byte to the one glyph (format 0)."""
    return struct.pack(">HHHHI", 0, 1, 1, 0, 12) + struct.pack(">HHH", 0, 262, 0) + bytes(256)


def _assembled(tables: dict[bytes, bytes]) -> bytes:
    """The tables with their directory (OpenType, §font-file)."""
    power = len(tables).bit_length() - 1
    ranges = (16 << power, power, len(tables) * 16 - (16 << power))
    head = struct.pack(">IHHHH", 0x00010000, len(tables), *ranges)
    place = len(head) + 16 * len(tables)
    directory, bodies = b"", b""
    for tag, body in sorted(tables.items()):
        padded = body + bytes(-len(body) % 4)
        total = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += struct.pack(">4sIII", tag, total, place + len(bodies), len(body))
        bodies += padded
    return head + directory + bodies
