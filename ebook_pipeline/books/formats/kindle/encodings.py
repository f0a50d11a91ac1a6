"""In which encoding a Kindle book's text is: what its header says, where its letters bear it out.

Programs wrote 1252 into the header of whatever they packed. A text in UTF-8 proves itself; a text
in a code page is believed to be in the stated one unless it does not read as writing there, or is
in a language that this page lacks letters of.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.entities import html5

from ebook_pipeline.books.formats.kindle.code_pages import CODE_PAGES, LATIN_PAGES, code_page_of
from ebook_pipeline.books.formats.kindle.letters import SAMPLE, oddity, page_of_text
from ebook_pipeline.books.formats.kindle.palm_database import single_line

WESTERN = "cp1252"
UTF8 = "utf-8"
_ODD = 0.03
"""Share of the characters above ASCII, 0 to 1, up to which a text reads as writing: real books
hold slips; a text in the wrong code page shows 0.1 and more."""
_GOOD_TO_WRONG = 10
"""Times that whole UTF-8 sequences must outnumber broken bytes in a text that is UTF-8."""
_CANDIDATES = (
    *(WESTERN, "cp1250", "cp1254", "cp1257", "cp1251", "cp1253", "cp1255", "cp1256", "koi8_r"),
    *("cp949", "big5hkscs", "cp932", "euc_jp", "gb18030", "cp874", "cp1258", "cp866"),
)
"""Pages to try; of double-byte ones that with the fewest common characters first."""
_ENTITY = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_FIRST_OF_THREE = "\u0800"
"""The first character that UTF-8 writes in three bytes."""


@dataclass(frozen=True)
class TextEncoding:
    """How a text is read: `name` is Python's; `stated` the header's, empty where that is unknown.

    `fallback` reads a title that is not in `name`.
    """

    name: str = WESTERN
    stated: str = WESTERN
    fallback: str = WESTERN

    def line(self, raw: bytes) -> str:
        """A title or name without entities, which some programs escape twice, as one line."""
        text = self.decode(raw)
        for _ in range(2):
            text = _ENTITY.sub(_unescaped, text)
        return single_line(text)

    def decode(self, raw: bytes) -> str:
        """A title, name or statement, which programs wrote in the text's encoding or in UTF-8."""
        if self.name != UTF8 and self._is_utf8_title(raw):
            return raw.decode(UTF8)
        for name in (self.name, self.fallback):
            try:
                return raw.decode(name)
            except UnicodeDecodeError:
                continue
        return raw.decode(self.name, "replace")

    def _is_utf8_title(self, raw: bytes) -> bool:
        """In double-byte pages two bytes of a short title may look like UTF-8, three hardly."""
        try:
            plain = raw.decode(UTF8)
        except UnicodeDecodeError:
            return False
        single = self.name.startswith("cp125")
        return single or all(letter >= _FIRST_OF_THREE for letter in plain if not letter.isascii())


def _unescaped(entity: re.Match[str]) -> str:
    named = html5.get(f"{entity[1]};", entity[0])
    return named if entity[1][0] != "#" else html.unescape(entity[0])


def stated_encoding(code_page: int, languages: Iterable[str]) -> TextEncoding:
    """What the header alone says, where the text can't be looked at."""
    stated = CODE_PAGES.get(code_page, "")
    spoken = next((page for page in map(code_page_of, languages) if page != WESTERN), WESTERN)
    return TextEncoding(stated or spoken, stated, spoken)


def text_encoding(text: bytes, code_page: int, languages: Iterable[str]) -> TextEncoding:
    """The encoding of a book's `text`; `languages` (BCP 47) are those that the book states."""
    told = stated_encoding(code_page, languages)
    if text.isascii():
        return TextEncoding(told.stated or UTF8, told.stated, told.fallback)
    if is_utf8(text):
        return TextEncoding(UTF8, told.stated, told.fallback)
    name = _code_page(text[:SAMPLE], told)
    return TextEncoding(name, told.stated, told.fallback)


def is_utf8(text: bytes) -> bool:
    """Whether the bytes above ASCII are UTF-8, but for a few that a program broke."""
    try:
        text.decode(UTF8)
    except UnicodeDecodeError:
        plain = text[:SAMPLE].decode(UTF8, "replace")
        wrong = plain.count("\ufffd")
        return sum(letter > "\x7f" for letter in plain) - wrong > _GOOD_TO_WRONG * wrong
    return True


def _code_page(sample: bytes, told: TextEncoding) -> str:
    """The page of a text that is not UTF-8."""
    if told.stated not in ("", UTF8) and oddity(sample, told.stated) <= _ODD:
        spoken = page_of_text(sample, told.stated) or told.fallback
        latin = told.stated in LATIN_PAGES and spoken in LATIN_PAGES
        fits = latin and spoken != told.stated and oddity(sample, spoken) <= _ODD
        return spoken if fits else told.stated
    pages = dict.fromkeys([*filter(None, (told.stated, told.fallback)), *_CANDIDATES])
    scores = {page: oddity(sample, page) for page in pages if page != UTF8}
    least = max(min(scores.values()), _ODD)
    good = [page for page, score in scores.items() if score <= least]
    return next((page for page in good if page_of_text(sample, page) == page), good[0])
