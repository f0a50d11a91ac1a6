"""Markdown of any program in the words of pandoc's: what it would misread is written otherwise.

https://pandoc.org/MANUAL.html#pandocs-markdown; CommonMark 0.31.2 and GitHub's dialect differ.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FENCE = re.compile(r"(?P<lead>[ ]{0,3}(?:>[ ]?)*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")
_PLAIN_INFO = re.compile(r"[\w+#.-]*|\{[^{}]*\}")
_LANGUAGE = re.compile(r"\{?\.?([\w+#-]+)")
_COMMENT = re.compile(r"\A\s*<!--.*?-->[ \t]*(?=\n)", re.DOTALL)
_NOTE = re.compile(r"(?P<lead>[ ]{0,3}\[\^(?P<name>[^\]\s]+)\]:[ \t]*)(?P<words>[^\W\d_][^\n]*)?")
_NOTE_MARK = re.compile(r"\[\^(?P<name>[^\]\s]+)\](?!:)")
_CLOSED = re.compile(r"</([A-Za-z][A-Za-z0-9-]*)")
_TAG = re.compile(r"(?<![\\`])<(?P<name>[A-Za-z][A-Za-z0-9-]*)>")
_TICKS = re.compile(r"(?<!`)(`{1,20})(?!`)(?:(?!\1)[^\n]|\n(?!\s*\n))*?(?<!`)\1(?!`)")
_ELEMENT_NAMES = """
a abbr acronym address area article aside audio b base basefont bdi bdo big blink blockquote body
br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir
div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6
head header hgroup hr html i iframe img input ins kbd keygen label legend li link listing main map
mark marquee math menu meta meter nav nobr noframes noscript object ol optgroup option output p
param picture plaintext pre progress q rb rp rt rtc ruby s samp script search section select slot
small source span strike strong style sub summary sup svg table tbody td template textarea tfoot
th thead time title tr track tt u ul var video wbr xmp
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_APOSTROPHE = re.compile(
    r"(?<![\w'’\\])'(?=(?:\d0s|tis|twas|twere|em|cause|til|bout|round|cos|neath)\b|n' )",
    re.IGNORECASE,
)
"""One that a word begins with, which is no quotation mark."""
NOTE_NAME = "data-note"
"""The attribute that says which note a copy is one of: pandoc makes one for every mark."""


@dataclass(frozen=True)
class _Said:
    """What a whole text says of its lines: how often notes are marked, which tags are closed."""

    marks: Mapping[str, int]
    closed: frozenset[str]


def without_first_comment(text: str) -> str:
    """`text` without the comment before all else, as many lines: what describes it may follow."""
    comment = _COMMENT.match(text)
    return "\n" * comment[0].count("\n") + text[comment.end() :] if comment else text


def as_pandoc_reads(text: str) -> str:
    """`text`, its line ends ``\\n``, with all its words."""
    marks = Counter(mark["name"] for mark in _NOTE_MARK.finditer(text))
    closed = frozenset(name.lower() for name in _CLOSED.findall(text))
    return "\n".join(_lines(text, _Said(marks, closed)))


def _lines(text: str, said: _Said) -> Iterator[str]:
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if found and not fence:
            fence = found["mark"]
            yield _opening(found)
            continue
        if fence:
            ends = found is not None and found["mark"].startswith(fence) and not found["info"]
            fence = "" if ends else fence
            yield line
            continue
        yield _line(line, said)


def _opening(fence: re.Match[str]) -> str:
    """The start of a block of code, of whose description the language alone stays.

    Pandoc takes one of another form for words in a line.
    """
    info = fence["info"].strip()
    if not _PLAIN_INFO.fullmatch(info):
        language = _LANGUAGE.match(info)
        info = language[1] if language else ""
    return f"{fence['lead']}{fence['mark']}{info}"


def _line(line: str, said: _Said) -> str:
    """A note that no mark leads to is a paragraph; one that several do says its name."""
    note = _NOTE.match(line)
    if note and not said.marks[note["name"]]:
        line = f"\\[\\^{note['name']}\\]:{line[note.end('name') + 2 :]}"
    elif note and note["words"] and said.marks[note["name"]] > 1:
        line = f'{note["lead"]}[]{{{NOTE_NAME[5:]}="{note["name"]}"}}{note["words"]}'
    if "<" not in line and "'" not in line:
        return line
    pieces, done = [], 0
    for code in _TICKS.finditer(line):
        pieces += [_with_signs(line[done : code.start()], said), code[0]]
        done = code.end()
    return "".join((*pieces, _with_signs(line[done:], said)))


def _with_signs(text: str, said: _Said) -> str:
    """What only looks like a tag, such as ``<Enter>``, as words: HTML knows no such element."""

    def shown(tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        known = name in _ELEMENTS or name in said.closed or "-" in name
        return tag[0] if known else f"\\<{tag['name']}\\>"

    return _APOSTROPHE.sub("’", _TAG.sub(shown, text))
