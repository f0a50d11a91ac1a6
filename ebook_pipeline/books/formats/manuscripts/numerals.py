"""Numerals of word processors' lists, by their names in ECMA-376 part 1 §17.18.59."""

from collections.abc import Callable

_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
          (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_MOST = 100_000
"""Numbers above it are no chapters'."""


def numeral(number: int, format_: str) -> str:
    """`number` as §17.18.59 names its format; decimal where we know no better."""
    if format_ == "none":
        return ""
    return _FORMATS.get(format_, str)(min(number, _MOST))


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def _letter(number: int) -> str:
    """A to Z, then AA to ZZ."""
    if not 0 < number <= 26 * 20:
        return str(number)
    return chr(65 + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _ordinal(number: int) -> str:
    teen = 10 < number % 100 < 14
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_UP_TO_NINETEEN = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen "
    "Sixteen Seventeen Eighteen Nineteen"
)
_ONES = tuple(_UP_TO_NINETEEN.split())
_TENS = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")


def _cardinal(number: int) -> str:
    """English words up to ninety-nine, as headings have them."""
    if number < 20:
        return _ONES[max(number, 0)]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")
    return str(number)


_HAN = "〇一二三四五六七八九"


def _han(number: int) -> str:
    if not 0 < number < 100:
        return "".join(_HAN[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{_HAN[tens]}十"
    return before + (_HAN[ones] if ones else "")


_ORDINALS = [
    "Zeroth",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
]


def _ordinal_text(number: int) -> str:
    if number < 20:
        return _ORDINALS[max(number, 0)]
    if number % 10 == 0 and number < 100:
        return _TENS[number // 10 - 2].removesuffix("y") + "ieth"
    if number < 100:
        return f"{_TENS[number // 10 - 2]}-{_ORDINALS[number % 10]}"
    return _ordinal(number)


_HEBREW = ((400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"),
           (60, "ס"), (50, "נ"), (40, "מ"), (30, "ל"), (20, "כ"), (16, "טז"), (15, "טו"),
           (10, "י"), (9, "ט"), (8, "ח"), (7, "ז"), (6, "ו"), (5, "ה"), (4, "ד"), (3, "ג"),
           (2, "ב"), (1, "א"))  # fmt: skip


def _hebrew(number: int) -> str:
    if not 0 < number < 1000:
        return str(number)
    written = ""
    for value, letters in _HEBREW:
        if value in (15, 16) and number != value:
            continue
        written += letters * (number // value)
        number %= value
    return written


def _of(letters: str) -> Callable[[int], str]:
    """Numerals that are the letters of an alphabet; figures behind its end."""
    return lambda number: letters[number - 1] if 0 < number <= len(letters) else str(number)


def _figures(zero: str) -> Callable[[int], str]:
    """Decimal figures of a script whose nought is `zero`."""
    return lambda number: "".join(chr(ord(zero) + int(digit)) for digit in str(number))


_FORMATS: dict[str, Callable[[int], str]] = {
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "decimalZero": lambda number: f"{number:02}",
    "chineseCounting": _han,
    "chineseCountingThousand": _han,
    "japaneseCounting": _han,
    "taiwaneseCountingThousand": _han,
    "ideographDigital": _han,
    "japaneseDigitalTenThousand": _han,
    "koreanCounting": _of("일이삼사오육칠팔구십"),
    "ganada": _of("가나다라마바사아자차카타파하"),
    "ordinalText": _ordinal_text,
    "hebrew1": _hebrew,
    "hebrew2": _of("אבגדהוזחטיכלמנסעפצקרשת"),
    "russianUpper": _of("АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ"),
    "russianLower": _of("абвгдежзиклмнопрстуфхцчшщэюя"),
    "arabicAlpha": _of("أبتثجحخدذرزسشصضطظعغفقكلمنهوي"),
    "arabicAbjad": _of("أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"),
    "thaiNumbers": _figures("๐"),
    "hindiNumbers": _figures("०"),
}
