"""Which traces a book shows at all: what its script, language or few marks do not is unchecked."""

from collections.abc import Iterator, Sequence

from ebook_pipeline.books.judging import numbering
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.typography import punctuation, structure
from ebook_pipeline.books.judging.typography.punctuation import CLIPPED_IN, MarksOfBook
from ebook_pipeline.books.judging.typography.quote_styles import FEWEST, QuoteStyle
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.text import is_unspaced

_READ = 20_000
"""Characters by which a book's script is told."""
_MOSTLY = 0.5
"""Share of letters, 0 to 1, from which a script is the book's."""


def untold(
    chapters: Sequence[ParsedChapter], language: str, style: QuoteStyle | None, marks: MarksOfBook
) -> dict[str, str]:
    """By trace why it could not be told in this book; `style` is that of its quotations."""
    traces = (*_by_script(chapters), *_by_marks(marks), *_by_structure(chapters))
    reasons = dict(traces)
    if primary_tag(language) not in CLIPPED_IN:
        listed = f"no words that lose letters are listed for {language or 'unknown'}"
        reasons["apostrophe"] = listed
    if style is None:
        reasons["unbalanced-quote"] = f"fewer than {FEWEST} quotations, or none of one style"
    return reasons


def _by_marks(marks: MarksOfBook) -> Iterator[tuple[str, str]]:
    """Too few uses show no custom from which others depart."""
    if not any(marks.sides.values()):
        yield "misplaced-quote", f"no mark opens or closes {punctuation.FEWEST} quotations"
    for kind, named in punctuation.NAMED.items():
        if len(marks.uses[kind]) < punctuation.FEWEST:
            for trace in (f"stray-{kind}", f"mixed-{kind}"):
                yield trace, f"fewer than {punctuation.FEWEST} {named}"


def _by_structure(chapters: Sequence[ParsedChapter]) -> Iterator[tuple[str, str]]:
    if len(structure.scene_breaks(chapters)) < 2:
        yield "scene-break", "fewer than two scene breaks"
    runs = numbering.sequences(numbering.headings(chapters))
    longest = max(map(len, runs), default=0)
    if longest < 2:
        yield "chapter-order", "fewer than two numbered headings of a kind"
    if longest < structure.FEWEST_NUMBERS:
        yield (
            "chapter-numbers",
            f"fewer than {structure.FEWEST_NUMBERS} numbered headings of a kind",
        )


def _by_script(chapters: Sequence[ParsedChapter]) -> Iterator[tuple[str, str]]:
    letters = [letter for letter in _start(chapters) if letter.isalpha()]
    if not letters:
        for trace in ("glued-words", "split-paragraph", "line-end-hyphen"):
            yield trace, "there are no letters"
        return
    if _share(letter.lower() != letter.upper() for letter in letters) < _MOSTLY:
        yield "glued-words", "the script has no capitals"
        yield "split-paragraph", "the script has no capitals"
    if _share(is_unspaced(letter) for letter in letters) >= _MOSTLY:
        yield "line-end-hyphen", "the script parts no words"


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
