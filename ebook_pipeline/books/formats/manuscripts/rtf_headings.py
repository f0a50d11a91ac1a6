"""Headings marked in an RTF whose author only made paragraphs look like headings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ebook_pipeline.books.formats.manuscripts import carried_marks
from ebook_pipeline.books.formats.manuscripts.heading_detection import (
    LARGER,
    StyledParagraph,
    detect_headings,
)
from ebook_pipeline.books.formats.manuscripts.rtf_tokens import RtfToken

APART = frozenset(
    b"fonttbl colortbl stylesheet info pict listtable listoverridetable header footer headerl "
    b"headerr footerl footerr footnote fldinst generator themedata colorschememapping latentstyles "
    b"rsidtbl pgptbl xmlnstbl listtext pntext bkmkstart bkmkend shp shpinst".split()
)
"""Destinations whose letters are not those of the running text."""
_PARAGRAPH_ENDS = frozenset({b"par", b"sect", b"page"})

_SYMBOLS = {b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
            b"rdblquote": "”", b"tab": " ", b"line": " "}  # fmt: skip


@dataclass(frozen=True)
class _State:
    centred: bool = False
    bold: bool = False
    size: int = 24
    apart: bool = False
    in_table: bool = False


@dataclass
class _Paragraph:
    end: int
    text: str
    centred: bool
    bold: bool
    size: int
    new_page: bool


def mark_headings(tokens: list[RtfToken]) -> int | None:
    """Give paragraphs that look like headings an outline level; how many.

    None where the document has headings of its own: then nothing is changed.
    """
    if any(token.word == b"outlinelevel" and (token.number or 0) < 9 for token in tokens):
        return None
    paragraphs = [paragraph for paragraph in _paragraphs(tokens) if paragraph.text]
    body = _body_size(paragraphs)
    levels_found = detect_headings([_styled(paragraph, body) for paragraph in paragraphs])
    levels = {paragraphs[index].end: level - 1 for index, level in levels_found.items()}
    tokens[:] = list(_with_levels(tokens, levels))
    return len(levels_found)


def _with_levels(tokens: list[RtfToken], levels: dict[int, int]) -> Iterator[RtfToken]:
    for index, token in enumerate(tokens):
        if index in levels:
            level = levels[index]
            yield RtfToken("word", b"\\outlinelevel%d " % level, b"outlinelevel", level)
        yield token


def group_text(tokens: Sequence[RtfToken], start: int) -> str:
    """The text of the group that begins at `start`."""
    depth, parts = 0, []
    for token in tokens[start : start + 2000]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            break
        parts.append(_letters(token))
    return carried_marks.with_characters(" ".join("".join(parts).split()))


def _letters(token: RtfToken) -> str:
    """The letters of a token, the fallbacks behind Unicode letters left out."""
    if token.kind == "text":
        return token.raw.replace(b"\r", b"").replace(b"\n", b"").decode("ascii", "replace")
    if token.word == b"u" and token.number is not None:
        code = token.number % 65536
        return chr(code) if not 0xD800 <= code < 0xE000 else ""
    return _SYMBOLS.get(token.word, "")


def _paragraphs(tokens: list[RtfToken]) -> list[_Paragraph]:
    paragraphs: list[_Paragraph] = []
    stack, state = [_State()], _State()
    letters: list[tuple[str, _State]] = []
    new_page = False
    for index, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(state)
        elif token.kind == "close":
            state = stack.pop() if len(stack) > 1 else stack[0]
        elif token.kind == "word" and token.word in _PARAGRAPH_ENDS and not state.apart:
            paragraphs.append(_paragraph(index, letters, state, new_page))
            new_page = token.word == b"page"
            letters = []
        elif token.kind == "word" and token.word != b"u":
            new_page = new_page or (token.word == b"pagebb" and token.number != 0)
            state = _changed(state, token)
        if not state.apart and (piece := _letters(token)):
            letters.append((piece, state))
    return paragraphs


def _changed(state: _State, token: RtfToken) -> _State:
    word, number = token.word, token.number
    if word in APART:
        return replace(state, apart=True)
    if word == b"pard":
        return replace(state, centred=False, in_table=False)
    if word == b"plain":
        return replace(state, bold=False, size=24)
    if word in (b"qc", b"ql", b"qr", b"qj"):
        return replace(state, centred=word == b"qc")
    if word == b"b":
        return replace(state, bold=number != 0)
    if word == b"fs" and number:
        return replace(state, size=number)
    return replace(state, in_table=True) if word == b"intbl" else state


def _paragraph(
    end: int, letters: list[tuple[str, _State]], state: _State, new_page: bool
) -> _Paragraph:
    text = " ".join("".join(piece for piece, _ in letters).split())
    seen = [look for piece, look in letters if piece.strip()]
    return _Paragraph(
        end,
        "" if state.in_table else text,
        state.centred,
        bool(seen) and all(state.bold for state in seen),
        min((state.size for state in seen), default=0),
        new_page,
    )


def _body_size(paragraphs: list[_Paragraph]) -> int:
    letters: dict[int, int] = {}
    for paragraph in paragraphs:
        letters[paragraph.size] = letters.get(paragraph.size, 0) + len(paragraph.text)
    return max(letters, key=lambda size: letters[size], default=24)


def _styled(paragraph: _Paragraph, body: int) -> StyledParagraph:
    return StyledParagraph(
        paragraph.text,
        paragraph.centred,
        paragraph.bold,
        paragraph.size > body * LARGER,
        paragraph.new_page,
    )
