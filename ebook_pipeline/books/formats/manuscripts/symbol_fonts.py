"""Fonts whose letters are signs, as the characters that they look like.

Symbol: https://www.unicode.org/Public/MAPPINGS/VENDORS/ADOBE/symbol.txt. Wingdings has no table of
Unicode's; these are the signs that books are set with, by ISO/IEC 10646's names of them.
"""

import re

_GREEK_LARGE = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_GREEK_SMALL = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SYMBOL_MORE = {
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥",
    0x7E: "∼", 0xA1: "ϒ", 0xA2: "′", 0xA3: "≤", 0xA4: "⁄", 0xA5: "∞", 0xA6: "ƒ", 0xA7: "♣",
    0xA8: "♦", 0xA9: "♥", 0xAA: "♠", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓",
    0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•",
    0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC0: "ℵ", 0xC1: "ℑ", 0xC2: "ℜ",
    0xC3: "℘", 0xC4: "⊗", 0xC5: "⊕", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪", 0xC9: "⊃", 0xCA: "⊇",
    0xCB: "⊄", 0xCC: "⊂", 0xCD: "⊆", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠", 0xD1: "∇", 0xD2: "®",
    0xD3: "©", 0xD4: "™", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xD8: "¬", 0xD9: "∧", 0xDA: "∨",
    0xDB: "⇔", 0xDC: "⇐", 0xDD: "⇑", 0xDE: "⇒", 0xDF: "⇓", 0xE0: "◊", 0xE1: "〈", 0xE2: "®",
    0xE3: "©", 0xE4: "™", 0xE5: "∑", 0xF1: "〉", 0xF2: "∫",
}  # fmt: skip
_SYMBOL = {
    **dict(zip(range(0x41, 0x5B), _GREEK_LARGE, strict=True)),
    **dict(zip(range(0x61, 0x7B), _GREEK_SMALL, strict=True)),
    **_SYMBOL_MORE,
}
_WINGDINGS = {
    0x21: "🖉", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3E: "✇", 0x3F: "✍", 0x41: "✌",
    0x43: "👍", 0x44: "👎", 0x45: "☜", 0x46: "☞", 0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4B: "😐",
    0x4C: "☹", 0x4D: "💣", 0x4E: "☠", 0x51: "✈", 0x52: "☼", 0x54: "❄", 0x56: "✞", 0x58: "✠",
    0x59: "✡", 0x5A: "☪", 0x5B: "☯", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒",
    0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x78: "⌧", 0x7B: "❀", 0x9E: "·", 0x9F: "•",
    0xA1: "○", 0xA7: "▪", 0xA8: "◻", 0xAA: "✦", 0xAB: "★", 0xD8: "➢", 0xDF: "←", 0xE0: "→",
    0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩", 0xF3: "⬄",
    0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}
"""Characters by the bytes that stand for them, by the font's name in lower case."""
_SIGN_FIELD = re.compile(
    r"\s*SYMBOL\s+(?P<code>\d{1,5}|0x[0-9A-Fa-f]{1,4})\b.*?\\f\s+\"?(?P<font>\w+)", re.IGNORECASE
)
_CSS = re.compile(
    r"\bfont(?:-family)?\s*:(?:[^;]{0,80}[\s'\",])?(symbol|wingdings)\b(?! \d)", re.IGNORECASE
)


def shown_in(font: str, text: str) -> str:
    """`text` as `font`, a key of FONTS, shows it; private characters mean its letters too."""
    table = FONTS[font]
    return "".join(table.get(_byte(letter), letter) for letter in text)


def styled_font(style: str, face: str = "") -> str:
    """The font of FONTS that a style sheet's rule or a ``face`` names; empty for others."""
    found = _CSS.search(style)
    name = found[1].lower() if found else face.strip().lower()
    return name if name in FONTS else ""


def sign_of_field(code: str) -> str:
    """The sign of a SYMBOL field in a font of FONTS, ECMA-376 §17.16.5.62; empty for others."""
    field = _SIGN_FIELD.match(code)
    font = field["font"].casefold() if field else ""
    if field is None or font not in FONTS:
        return ""
    return shown_in(font, chr(int(field["code"], 0) & 0xFF))


def _byte(letter: str) -> int:
    """What a letter is in a font of 256: Word writes them from U+F000 on too."""
    code = ord(letter)
    if code > 0xFF and not 0xF000 <= code <= 0xF0FF:
        return (letter.encode("cp1252", "ignore") or b"\0")[0]
    return code & 0xFF
