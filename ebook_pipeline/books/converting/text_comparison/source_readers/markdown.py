"""Markdown as it is compared: its marks taken off line by line, what is left read as HTML.

Rather too little is taken for a mark than too much: what is not known is compared as text.
"""

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison.source_readers.html import (
    BLOCKS,
    OPTIONAL,
    VOID,
    read_markup,
)
from ebook_pipeline.books.converting.text_comparison.source_text import Passage, SourceText
from ebook_pipeline.books.formats.manuscripts.encodings import decode_text

_BLOCK = re.compile(
    r"\A\s*(?:---[ \t]*\n(?![ \t]*\n).*?\n(?:---|\.\.\.)|\+\+\+[ \t]*\n.*?\n?\+\+\+|\{\s*\".*?\n\})"
    r"[ \t]*(?:\n|\Z)|\A(?:%[^\n]*\n(?:[ \t]+\S[^\n]*\n)*){1,3}|"
    r"\A(?=Title|Author)(?:[A-Za-z][\w -]{0,30}:[ \t]+\S[^\n]*\n(?:[ \t]+\S[^\n]*\n)*){2,40}"
    r"[ \t]*\n",
    re.DOTALL,
)
_FIRST_COMMENT = re.compile(r"\A\s*<!--.*?-->\s*\n", re.DOTALL)
_FENCE = re.compile(r"[ ]{0,3}(?:>[ ]?)*(`{3,}|~{3,})[^`]*$")
_DROPPED = re.compile(r"\s*+(?::{3}.*|[=+|:\s-]+|\[[^\]^][^\]]*\]:\s*\S.*)$")
_NOTE = re.compile(r"[ ]{0,3}\[\^(?P<name>[^\]\s]+)\]:[ \t]*(?P<text>.*)")
_ITEM = re.compile(
    r"(\s*(?:>\s?)*)(?:\(?(?:\d{1,9}|[a-z]|[A-Z](?=[.)]\s\s)|[ivxlc]{1,6}|#)[.)]|\(@\w*\))(?=\s)"
)
_TASK = re.compile(r"(?<!\s)(\s*(?:[*+-]|\d{1,9}[.)])\s+)\[([ xX])\](?=\s)")
_INLINE_NOTE = re.compile(r"\^\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_PICTURE = re.compile(r"!\[([^\]]*)\](?:\(\s*<?([^)\s>]*)>?[^)]*\)|\[[^\]]*\])(?:\{[^{}\n]*\})?")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((?:[^()]|\([^()]*\))*\)")
_REFERENCE = re.compile(r"\[([^\[\]]+)\]\s?\[([^\[\]]*)\]")
_DEFINED = re.compile(r"^ {0,3}\[([^\]^][^\]]*)\]:", re.MULTILINE)
_CAPTION = re.compile(r"(?:Table)?:\s+(\S.*)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]+)\]")
_MARKED = re.compile(r"\[\^([^\]\s]+)\](?!:)")
_ATTRIBUTES = re.compile(r"\{\s*[#.=-][^{}\n]*\}|\{[\w-]+=[^{}\n]*\}")
_DISPLAY = re.compile(r"(?<![\\$])\$\$(?!\$)(?:[^$\n]|\n(?!\s*\n))+\$\$")
_FORMULA = re.compile(r"(?<![\\$])(\$\$?)(?=[^\s$])(?:[^$\n]|\n(?!\n))+?(?<=[^\s\\])\1(?!\d)")
_TICKS = re.compile(r"`+")
_PAIRED = re.compile(r"([~^])(?=\S)([^~^\s]+)\1")
_BARE_SIGN = re.compile(r"<(?![A-Za-z/!?])")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^\s<>]*|[\w.+-]+@[\w.-]+)>")
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)>")
_PHRASES = (
    "a abbr acronym b bdi bdo big blink button cite code data del dfn em font i ins kbd label mark "
    "marquee math meter nobr optgroup option output picture progress q rb rp rt rtc ruby s samp "
    "script select slot small span strike strong style sub sup svg template textarea time tt u var "
    "video audio canvas iframe datalist head title applet noembed"
)
_TAG_NAMES = frozenset(_PHRASES.split())


def read(path: Path) -> SourceText:
    """The text at `path`. Raises BookError, LimitExceeded."""
    text = _FIRST_COMMENT.sub("", decode_text(path.read_bytes()).text)
    block = _BLOCK.match(text)
    notes: dict[str, str] = {}
    body = "\n".join(_lines(text[block.end() :] if block else text, notes))
    body = _INLINE_NOTE.sub(lambda note: _kept(note[1], notes), body)
    marked = list(dict.fromkeys(mark for mark in _NOTE_MARK.findall(body) if mark in notes))
    rest = [name for name in notes if name not in marked]
    defined = frozenset(name.lower() for name in _DEFINED.findall(text))
    behind = "".join(f"\n<p>{_plain(notes[name], defined, notes)}</p>" for name in (*marked, *rest))
    read_body = read_markup(f"<p>{_plain(body, defined, notes)}</p>{behind}")
    passages = tuple(read_body.passages)
    stated = (Passage(block[0], "line 1", optional=True),) if block else ()
    return replace(read_body, passages=(*stated, *passages), notes=None, formulas=None)


def _kept(text: str, notes: dict[str, str]) -> str:
    """The mark of a note that stands in the line itself."""
    name = f"inline note {len(notes)}".replace(" ", "-")
    notes[name] = text
    return f"[^{name}]"


def _lines(text: str, notes: dict[str, str]) -> Iterator[str]:
    """The lines without the marks of blocks, as paragraphs of HTML; notes go into `notes`."""
    marked = frozenset(_MARKED.findall(text))
    fence, note, before, line, spoken = "", "", "", "", ""
    for following in text.split("\n"):
        before, line = line, following
        spoken = before if before.strip() else spoken
        mark = _FENCE.match(line)
        if fence:
            closes = mark is not None and mark[1].startswith(fence)
            fence = "" if closes else fence
            yield "</p><p>" if closes else html.escape(line).replace("\\", "&#92;")
            continue
        if mark:
            fence = mark[1]
            yield "</p><p>"
            continue
        defined = _NOTE.match(line)
        if defined and defined["name"] in marked:
            note = defined["name"]
            notes[note] = defined["text"]
        elif note and (not line.strip() or line[:1] in " \t" or (before and line[:1].isalpha())):
            notes[note] += f"\n{line.strip()}"
        else:
            note = ""
            yield _line(line, before, spoken)


def _line(line: str, before: str, spoken: str) -> str:
    """`line` with its mark read; a colon behind a table begins its caption, else a definition.

    `spoken` is the last line that was not blank.
    """
    if not line.strip() or _DROPPED.fullmatch(line):
        return "</p><p>"
    tabular = not before.strip() and ("|" in spoken or spoken.lstrip()[:1] in ("+", "-", "="))
    caption = _CAPTION.fullmatch(line) if tabular or line.startswith("Table:") else None
    if caption:
        return f"</p><{OPTIONAL}>{caption[1]}</{OPTIONAL}><p>"
    alone = _PICTURE.fullmatch(line.strip())
    if alone:
        return f"</p><p>{line} {alone[1] if alone[2].startswith('data:') else ''}</p><p>"
    heading = _HEADING.match(line) is not None
    line = _TASK.sub(lambda task: f"{task[1]}{'☐' if task[2] == ' ' else '☒'}", line)
    item = _ITEM.match(line)
    line = f"{item[1]}</p><p>{line[item.end() :]}" if item else line
    return f"</p><p>{line}</p><p>" if heading or line.lstrip()[:1] in "|-*+:" else line


def _picture(found: re.Match[str]) -> str:
    return f'<img alt="{html.escape(found[1])}" src="{html.escape(found[2] or "")}">'


def _without_ticks(text: str) -> str:
    """Code spans as HTML: each ends at the next backticks of the same number.

    https://spec.commonmark.org/0.31.2/#code-spans
    """
    runs = list(_TICKS.finditer(text))
    ends: dict[int, int] = {}
    closing: dict[int, int] = {}
    for at in range(len(runs) - 1, -1, -1):
        length = len(runs[at][0])
        if length in ends:
            closing[at] = ends[length]
        ends[length] = at
    parts, done, at = [], 0, 0
    while at < len(runs):
        if end := closing.get(at):
            code = text[runs[at].end() : runs[end].start()]
            parts += [text[done : runs[at].start()], html.escape(code)]
            done = runs[end].end()
        at = (end or at) + 1
    return "".join((*parts, text[done:]))


def _shown_tag(tag: re.Match[str]) -> str:
    """A tag that no browser knows, and that nothing closes, is a word: ``<Enter>``."""
    name = tag[1].lower()
    known = name in _TAG_NAMES | BLOCKS | VOID or f"</{name}" in tag.string.lower()
    return tag[0] if known else f"&lt;{tag[1]}&gt;"


def _plain(text: str, defined: frozenset[str], notes: Collection[str]) -> str:
    """`text` without the marks of phrases; HTML in it stays.

    Links are `defined` by name, and so are `notes`.
    """
    text = _FORMULA.sub(" ", _DISPLAY.sub(" ", text))
    text = _without_ticks(text)
    text = _PICTURE.sub(_picture, text)
    text = _NOTE_MARK.sub(lambda mark: " " if mark[1] in notes else f"[{mark[1]}]", text)
    for _ in range(2):  # a link's words may hold brackets of their own
        text = _LINK.sub(r"\1", text)
    text = _REFERENCE.sub(
        lambda link: link[1] if (link[2] or link[1]).lower() in defined else link[0], text
    )
    text = _AUTOLINK.sub(r"\1", text)
    text = _PAIRED.sub(r"\2", _ATTRIBUTES.sub(" ", text))
    text = _TAG.sub(_shown_tag, text)
    text = re.sub(r"\\([^\w\s])", lambda escaped: f"&#{ord(escaped[1])};", text)
    return _BARE_SIGN.sub("&lt;", re.sub(r"\*+", "", text))
