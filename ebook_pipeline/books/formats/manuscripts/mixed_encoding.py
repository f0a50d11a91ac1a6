"""Lines of another encoding in a text that is UTF-8: something pasted by an old program.

Each line is mended by itself and named; the rest of the text stays what it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_FOREIGN = 0.4
"""Share of a line's bytes above ASCII, 0 to 1, from which its script is not Western."""
_FEWEST = 8
"""Bytes above ASCII by which an encoding is guessed."""
_PUNCTUATION = re.compile("[\\w][…‘’“”–—«» \u00a0]+")
REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class MendedText:
    """The text, and the numbers (1 the first) of its lines that were no UTF-8."""

    text: str
    lines: tuple[int, ...]


def mend_lines(data: bytes, guess: Callable[[bytes], str]) -> MendedText | None:
    """`data` as UTF-8 with a few lines in another encoding; None where most is in another.

    `guess` names the encoding of bytes in a script that is not Western.
    """
    lines = data.split(b"\n")
    bad = [number for number, line in enumerate(lines) if not _is_utf8(line)]
    wrong = set(bad)
    good = [line for n, line in enumerate(lines) if n not in wrong and _MULTIBYTE.search(line)]
    if not bad or len(good) < len(bad):
        return None
    strays = b"\n".join(lines[number] for number in bad)
    foreign = len(_HIGH.findall(strays)) > max(_FEWEST, len(strays) * _FOREIGN)
    encoding = guess(strays) if foreign else ""
    texts = [
        _mended(line, encoding) if number in wrong else line.decode()
        for number, line in enumerate(lines)
    ]
    return MendedText("\n".join(texts), tuple(number + 1 for number in bad))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _mended(line: bytes, encoding: str) -> str:
    """A line in `encoding`; without one, in UTF-8 with single bytes of Windows-1252 in it."""
    if encoding:
        return line.decode(encoding, "replace")
    pieces: list[str] = []
    while line:
        try:
            pieces.append(line.decode())
            break
        except UnicodeDecodeError as error:
            pieces += (line[: error.start].decode(), _western(line[error.start : error.end]))
            line = line[error.end :]
    return "".join(pieces)


def _western(stray: bytes) -> str:
    """Bytes that begin no character of UTF-8; those of a character that was cut off are lost."""
    text = stray.decode("cp1252", "replace")
    return text if len(stray) == 1 or _PUNCTUATION.fullmatch(text) else REPLACED
