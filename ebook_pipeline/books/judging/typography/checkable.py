"""Which traces a book's script and language show at all: what they do not was not checked."""

from collections.abc import Iterator, Sequence

from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.typography.punctuation import CLIPPED_IN
from ebook_pipeline.books.judging.typography.quote_styles import FEWEST, QuoteStyle
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.text import is_unspaced

_READ = 20_000
"""Characters by which a book's script is told."""
_MOSTLY = 0.5
"""Share of letters, 0 to 1, from which a script is the book's."""


def untold(
    chapters: Sequence[ParsedChapter], language: str, style: QuoteStyle | None
) -> dict[str, str]:
    """By trace why it could not be told in this book; `style` is that of its quotations."""
    return dict(_untold(chapters, language, style))


def _untold(
    chapters: Sequence[ParsedChapter], language: str, style: QuoteStyle | None
) -> Iterator[tuple[str, str]]:
    letters = [letter for letter in _start(chapters) if letter.isalpha()]
    if not letters:
        return
    if _share(letter.lower() != letter.upper() for letter in letters) < _MOSTLY:
        yield "glued-words", "the script has no capitals"
        yield "split-paragraph", "the script has no capitals"
    if _share(is_unspaced(letter) for letter in letters) >= _MOSTLY:
        yield "line-end-hyphen", "the script parts no words"
    if primary_tag(language) not in CLIPPED_IN:
        yield "apostrophe", f"no words that lose letters are listed for {language or 'unknown'}"
    if style is None:
        yield "unbalanced-quote", f"fewer than {FEWEST} quotations, or none of one style"


def _start(chapters: Sequence[ParsedChapter]) -> str:
    text = ""
    for chapter in chapters:
        text += chapter.text[: _READ - len(text)]
        if len(text) >= _READ:
            break
    return text


def _share(found: Iterator[bool]) -> float:
    told = list(found)
    return sum(told) / len(told)
