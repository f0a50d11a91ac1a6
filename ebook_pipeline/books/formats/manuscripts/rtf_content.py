"""What an RTF says, in the words that every reader understands: RTF 1.9.1.

Boxes stand behind their paragraph, cells of tables within tables and breaks of pages divide words,
letters that stand in two spellings stand in one, and paragraphs from right to left are marked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ebook_pipeline.books.formats.manuscripts import carried_marks
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.books.formats.manuscripts.rtf_headings import APART, group_text
from ebook_pipeline.books.formats.manuscripts.rtf_tokens import RtfToken

_BOXES = frozenset({b"shptxt", b"dptxbxtext"})
_ENDS = frozenset({b"par", b"sect", b"cell", b"nestcell"})
_BREAKS = frozenset({b"page", b"column", b"softpage", b"softcol", b"softline", b"qmspace"})
_ENDED = RtfToken("word", b"\\par ", b"par")
_LINE = RtfToken("word", b"\\line ", b"line")
_SPACE = RtfToken("text", b" ")
_OPEN, _CLOSE = RtfToken("open", b"{"), RtfToken("close", b"}")
_PLAIN = RtfToken("word", b"\\pard ", b"pard")
_IN_TABLE = RtfToken("word", b"\\intbl ", b"intbl")


def _letter(character: str) -> tuple[RtfToken, RtfToken]:
    code = ord(character) - 65536
    return RtfToken("word", b"\\u%d" % code, b"u", code), RtfToken("hex", b"\\'3f")


_MARK, _NOTHING = _letter(carried_marks.RIGHT_TO_LEFT), _letter(carried_marks.NOTHING)


def simplify(tokens: list[RtfToken], collector: FindingCollector) -> Iterator[RtfToken]:
    """The `tokens` of a whole document, rewritten."""
    return _marked(_divided(_with_boxes_behind(_one_spelling(tokens), collector)))


def destination(tokens: list[RtfToken], start: int) -> bytes:
    """The word that says what the group at `start` is, ``\\*`` passed over."""
    for token in tokens[start + 1 : start + 4]:
        if token.kind == "word":
            return token.word
        if not (token.raw == b"\\*" or (token.kind == "text" and not token.raw.strip())):
            break
    return b""


def group_end(tokens: list[RtfToken], start: int) -> int:
    """The place behind the group that begins at `start`."""
    depth = 0
    for place in range(start, len(tokens)):
        depth += (tokens[place].kind == "open") - (tokens[place].kind == "close")
        if depth == 0:
            return place + 1
    return len(tokens)


def _one_spelling(tokens: list[RtfToken]) -> list[RtfToken]:
    """Of ``\\upr``, letters for old readers and the same as Unicode, the latter stays."""
    kept: list[RtfToken] = []
    place = 0
    while place < len(tokens):
        if tokens[place].kind == "open" and destination(tokens, place) == b"upr":
            end = group_end(tokens, place)
            inner = next(
                (at for at in range(place + 1, end) if destination(tokens, at) == b"ud"
                 and tokens[at].kind == "open"), None
            )  # fmt: skip
            if inner is not None:
                group = tokens[inner : group_end(tokens, inner)]
                kept += [token for token in group if token.word != b"ud" and token.raw != b"\\*"]
                place = end
                continue
        kept.append(tokens[place])
        place += 1
    return kept


def _with_boxes_behind(tokens: list[RtfToken], collector: FindingCollector) -> Iterator[RtfToken]:
    """The tokens; what text boxes say stands behind the paragraph that they hang on."""
    waiting: list[list[RtfToken]] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "open" and destination(tokens, place) in (b"shp", b"do"):
            end = group_end(tokens, place)
            boxes = list(_boxes(tokens[place:end]))
            for box in boxes:
                collector.add("manuscript.text-box", group_text([_OPEN, *box, _CLOSE], 0)[:60])
            waiting += boxes
            if boxes:
                place = end
                continue
        if token.word in (b"cell", b"nestcell"):
            yield from _placed(waiting, within=True)
        yield token
        if token.word in (b"par", b"sect"):
            yield from _placed(waiting, within=False)
        place += 1


def _boxes(tokens: list[RtfToken]) -> Iterator[list[RtfToken]]:
    """What the boxes in a shape say, the outermost, without that for readers of old."""
    place = 1
    while place < len(tokens):
        if tokens[place].kind == "open":
            name = destination(tokens, place)
            if name == b"shprslt":
                place = group_end(tokens, place)
                continue
            if name in _BOXES:
                end = group_end(tokens, place)
                inner = [token for token in tokens[place + 1 : end - 1] if token.word != name]
                yield [token for token in inner if token.raw != b"\\*"]
                place = end
                continue
        place += 1


def _placed(waiting: list[list[RtfToken]], *, within: bool) -> Iterator[RtfToken]:
    for box in waiting:
        yield from ([_ENDED] if within else [])
        yield from (_OPEN, _PLAIN, *box)
        yield from ([] if within or _ends(box) else [_ENDED])
        yield _CLOSE
    waiting.clear()


def _ends(box: list[RtfToken]) -> bool:
    return bool(box) and box[-1].word == b"par"


def _divided(tokens: Iterator[RtfToken]) -> Iterator[RtfToken]:
    """The tokens; breaks and ends of inner cells divide words."""
    for token in tokens:
        if token.word in _BREAKS:
            yield _SPACE
        elif token.word == b"nestcell":
            yield _LINE
        elif token.word == b"sect":
            yield _ENDED
        yield token


@dataclass
class _Paragraph:
    """Which way a paragraph runs, whether its letters are the text's, where tables end.

    `in_row`: a row has begun; `says_so`: the paragraph says that it belongs to one, by itself or
    because it was `told` to.
    """

    right_to_left: bool = False
    apart: bool = False
    in_table: bool = False
    after_row: bool = False
    in_row: bool = False
    says_so: bool = False
    told: bool = False
    stack: list[tuple[bool, bool]] = field(default_factory=list)

    @property
    def ends_table(self) -> bool:
        """Whether a letter here is the first behind a table."""
        return self.after_row and not self.in_table

    @property
    def must_say_so(self) -> bool:
        """Whether this is a row's paragraph that does not say so: RTF 1.9.1, ``\\intbl``."""
        return self.in_row and not self.says_so

    def see_row(self, token: RtfToken) -> None:
        if token.word in (b"trowd", b"row"):
            self.in_row = token.word == b"trowd"
        elif token.word in (b"pard", b"intbl"):
            self.says_so = token.word == b"intbl"

    def see(self, token: RtfToken) -> None:
        self.see_row(token)
        if token.kind == "open":
            self.stack.append((self.right_to_left, self.apart))
        elif token.kind == "close" and self.stack:
            self.right_to_left, self.apart = self.stack.pop()
        elif token.word in (b"pard", b"ltrpar"):
            self.right_to_left = False
            self.in_table = self.in_table and token.word != b"pard"
        elif token.word in (b"intbl", b"trowd", b"row"):
            self.in_table = token.word != b"row"
            self.after_row = token.word == b"row"
        elif token.word == b"rtlpar":
            self.right_to_left = True
        elif token.raw == b"\\*" or (token.word in APART and token.word != b"footnote"):
            self.apart = True


def _marked(tokens: Iterator[RtfToken]) -> Iterator[RtfToken]:
    """The tokens; paragraphs that run from right to left begin with a mark.

    A paragraph of its own ends each table, which pandoc takes into a note that follows it. Cells
    say that they are some: of 60,000 rows that don't, pandoc makes tables within each other.
    """
    state, begun = _Paragraph(), False
    for token in tokens:
        state.see(token)
        letter = token.word == b"u" or (token.kind == "text" and token.raw.strip())
        if state.must_say_so and (letter or token.word == b"cell"):
            state.says_so = state.told = True
            yield _IN_TABLE
        if letter and not begun and not state.apart:
            begun = True
            if state.ends_table:
                state.after_row = False
                yield from (*_NOTHING, _ENDED)
            if state.right_to_left:
                yield from _MARK
        elif token.word in _ENDS:
            begun = False
        yield token
        if token.word == b"footnote" and state.in_table:
            yield _PLAIN  # else pandoc takes the note for a row, and drops it
        if token.word == b"row" and state.told:
            state.says_so = state.told = False
            yield _PLAIN
