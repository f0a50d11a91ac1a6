"""How the paragraphs of an RTF look, and headings marked where they only look like ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ebook_pipeline.books.formats.manuscripts.looks import Look, headings
from ebook_pipeline.books.formats.manuscripts.rtf_tokens import Token

_APART = frozenset(
    b"fonttbl colortbl stylesheet info pict listtable listoverridetable header footer headerl "
    b"headerr footerl footerr footnote fldinst generator themedata colorschememapping latentstyles "
    b"rsidtbl pgptbl xmlnstbl listtext pntext bkmkstart bkmkend shp shpinst".split()
)
_PARAGRAPH_ENDS = frozenset({b"par", b"sect", b"page"})
_LARGER = 1.15
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


def mark_headings(tokens: list[Token]) -> int | None:
    """Give paragraphs that look like headings an outline level; how many.

    None where the document has headings of its own: then nothing is changed.
    """
    if any(token.word == b"outlinelevel" and (token.number or 0) < 9 for token in tokens):
        return None
    paragraphs = [one for one in _paragraphs(tokens) if one.text]
    body = _body_size(paragraphs)
    found = headings([_look(one, body) for one in paragraphs])
    levels = {paragraphs[index].end: level - 1 for index, level in found.items()}
    tokens[:] = list(_with_levels(tokens, levels))
    return len(found)


def _with_levels(tokens: list[Token], levels: dict[int, int]) -> Iterator[Token]:
    for index, token in enumerate(tokens):
        if index in levels:
            level = levels[index]
            yield Token("word", b"\\outlinelevel%d " % level, b"outlinelevel", level)
        yield token


def words(tokens: Sequence[Token], start: int) -> str:
    """The text of the group that begins at `start`."""
    depth, parts = 0, []
    for token in tokens[start : start + 2000]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            break
        parts.append(_letters(token))
    return " ".join("".join(parts).split())


def _letters(token: Token) -> str:
    """The letters of a token, the fallbacks behind Unicode letters left out."""
    if token.kind == "text":
        return token.raw.replace(b"\r", b"").replace(b"\n", b"").decode("ascii", "replace")
    if token.word == b"u" and token.number is not None:
        code = token.number % 65536
        return chr(code) if not 0xD800 <= code < 0xE000 else ""
    return _SYMBOLS.get(token.word, "")


def _paragraphs(tokens: list[Token]) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    stack, state = [_State()], _State()
    letters: list[tuple[str, _State]] = []
    new_page = False
    for index, token in enumerate(tokens):
        if token.kind == "open":
            stack.append(state)
        elif token.kind == "close":
            state = stack.pop() if len(stack) > 1 else stack[0]
        elif token.kind == "word" and token.word in _PARAGRAPH_ENDS and not state.apart:
            found.append(_paragraph(index, letters, state, new_page))
            new_page = token.word == b"page"
            letters = []
        elif token.kind == "word" and token.word != b"u":
            new_page = new_page or (token.word == b"pagebb" and token.number != 0)
            state = _changed(state, token)
        if not state.apart and (piece := _letters(token)):
            letters.append((piece, state))
    return found


def _changed(state: _State, token: Token) -> _State:
    word, number = token.word, token.number
    if word in _APART:
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
        bool(seen) and all(one.bold for one in seen),
        min((one.size for one in seen), default=0),
        new_page,
    )


def _body_size(paragraphs: list[_Paragraph]) -> int:
    letters: dict[int, int] = {}
    for one in paragraphs:
        letters[one.size] = letters.get(one.size, 0) + len(one.text)
    return max(letters, key=lambda size: letters[size], default=24)


def _look(one: _Paragraph, body: int) -> Look:
    return Look(one.text, one.centred, one.bold, one.size > body * _LARGER, one.new_page)
