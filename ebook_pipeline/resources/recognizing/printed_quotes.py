"""Straight quotes that a model writes for the curly ones that books are printed with."""

import re

_ENGLISH = ("“", "”")
_DOUBLE = {
    **dict.fromkeys(("de", "cs", "sk", "sl", "is"), ("„", "“")),
    **dict.fromkeys(("pl", "ro", "hu"), ("„", "”")),
    **dict.fromkeys(("sv", "fi"), ("”", "”")),
}
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)|(?<=\w)'")
_OPENING = re.compile(r"(?:(?<=^)|(?<=[\s(\[—–]))\"(?=\S)")
_SINGLE_OPENING = re.compile(r"(?:(?<=^)|(?<=[\s(\[—–“„]))'(?=\w)")


def as_printed(text: str, language: str) -> str:
    """A line with the quotes of its language; the model tells straight and curly ones by chance."""
    opening, closing = _DOUBLE.get(language.split("-")[0], _ENGLISH)
    text = re.sub("[“”„]" if opening == "„" else "[“”]", '"', text)
    text = _OPENING.sub(opening, text).replace('"', closing)
    text = _APOSTROPHE.sub("’", text)
    return _SINGLE_OPENING.sub("‘", text)
