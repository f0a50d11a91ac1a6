"""Style sheets of many documents made to stand in one: scoped, their URLs absolute, ids renamed.

A small reader of CSS Syntax Level 3 (https://www.w3.org/TR/css-syntax-3/): rules, nothing finer.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from ebook_pipeline.books.formats.epub.paths import resolve

SheetLoader = Callable[[str], str | None]

_SKIPPED = re.compile(
    r"""/\*.*?(?:\*/|\Z) | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | \\.
        | url\(\s*+[^"')\s][^)]*+(?:\)|\Z) | [{};]""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_URL = re.compile(
    r"""url\(\s*+(?:"([^"]*+)"|'([^']*+)'|([^"'()\s]++(?:\s++[^"'()\s]++)*+))\s*+\)""",
    re.IGNORECASE,
)
_IMPORT = re.compile(
    r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?\s*(.*)""", re.IGNORECASE | re.DOTALL
)
_ID = re.compile(r"#(-?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)")
_HOISTED = ("@font-face", "@keyframes", "@-webkit-keyframes", "@counter-style", "@font-feature")
_NESTING = ("@media", "@supports", "@layer", "@container")
_DEEPEST = 8
"""Imports, and conditions such as ``@media``, within each other."""
_VIEWPORT = re.compile(
    r"(?<![\w./#-])(-?(?:\d++(?:\.\d*+)?|\.\d++))[dls]?(vh|vw|vmin|vmax)\b", re.IGNORECASE
)
_VERTICAL = re.compile(
    r"(?:^|[;{\s])(?:-(?:epub|webkit)-)?writing-mode\s*:\s*(vertical-\w\w|tb-rl)"
)


@dataclass(frozen=True)
class CssRule:
    """A rule's part before its block, and the block without braces; None for ``@import …;``."""

    prelude: str
    block: str | None


@dataclass
class ScopedSheet:
    """What became of a style sheet: `namespaces` and `global_rules` stand outside the scope."""

    namespaces: list[str] = field(default_factory=list)
    global_rules: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    vertical: list[tuple[str, str]] = field(default_factory=list)
    remote: set[str] = field(default_factory=set)

    def text(self, scope: str) -> str:
        """The sheet as CSS in force below the elements that `scope` selects."""
        inner = "\n".join(self.rules)
        return "\n".join(
            [*self.namespaces, *self.global_rules, f"@scope ({scope}) {{\n{inner}\n}}"]
        )


def split_rules(text: str) -> Iterator[CssRule]:
    """The rules of `text` in order; what is not closed ends with the text."""
    start = position = 0
    while match := _SKIPPED.search(text, position):
        position = match.end()
        if match[0] == ";":
            yield CssRule(_bare(text[start : position - 1]), None)
            start = position
        elif match[0] == "{":
            end = _closing(text, position)
            yield CssRule(_bare(text[start : position - 1]), text[position:end])
            start = position = end + 1
        elif match[0] == "}":
            start = position


def read_sheet(text: str, base: str, load: SheetLoader) -> ScopedSheet:
    """The sheet at `base` in the container, with what it imports.

    `load` gives the text of another sheet by its name, or None.
    """
    sheet = ScopedSheet()
    _read(text, base, load, sheet, 0)
    return sheet


def rewrite_declarations(declarations: str, base: str, remote: set[str]) -> str:
    """Declarations with URLs from the container's root; remote ones are emptied, and in `remote`.

    Viewport units become shares of the page's own variables, for pages differ in size.
    """
    flowing = re.sub(r"position\s*:\s*(fixed|sticky)", "position: absolute", declarations)
    flowing = _VIEWPORT.sub(_share_of_page, flowing)

    def absolute(match: re.Match[str]) -> str:
        url = (match[1] or match[2] or match[3] or "").strip()
        if url.startswith(("#", "data:")):
            return match[0]
        path = resolve(base, url)
        if path is None:
            remote.add(url)
            return 'url("data:,")'
        return f'url("/{quote(path)}")'

    return _URL.sub(absolute, flowing)


def _share_of_page(match: re.Match[str]) -> str:
    return f"calc({match[1]} * var(--ebook-{match[2].lower()}))"


def vertical_mode(declarations: str) -> str | None:
    """The vertical writing mode that the declarations ask for, or None."""
    match = _VERTICAL.search(declarations)
    return None if match is None else match[1].replace("tb-rl", "vertical-rl")


def _read(text: str, base: str, load: SheetLoader, sheet: ScopedSheet, depth: int) -> None:
    for rule in split_rules(text):
        name = rule.prelude.split("(")[0].split(" ")[0].lower()
        if name == "@import":
            _import(rule, base, load, sheet, depth)
        elif name == "@namespace":
            sheet.namespaces.append(f"{rule.prelude};")
        elif rule.block is None or name == "@page":
            continue
        elif name.startswith(_HOISTED):
            block = rewrite_declarations(rule.block, base, sheet.remote)
            sheet.global_rules.append(f"{rule.prelude} {{{block}}}")
        else:
            sheet.rules.append(_scoped(rule, base, sheet, 0))


def _import(rule: CssRule, base: str, load: SheetLoader, sheet: ScopedSheet, depth: int) -> None:
    match = _IMPORT.match(rule.prelude)
    if match is None or depth >= _DEEPEST:
        return
    path = resolve(base, match[1])
    if path is None:
        sheet.remote.add(match[1])
        return
    text = load(path)
    if text is not None:
        media = match[2].strip()
        wrapped = f"@media {media} {{{text}}}" if media and not media.startswith("layer") else text
        _read(wrapped, path, load, sheet, depth + 1)


def _scoped(rule: CssRule, base: str, sheet: ScopedSheet, depth: int) -> str:
    block = rule.block or ""
    if rule.prelude.lower().startswith(_NESTING) and depth < _DEEPEST:
        inner = "\n".join(
            _scoped(inner_rule, base, sheet, depth + 1)
            for inner_rule in split_rules(block)
            if inner_rule.block is not None
        )
        return f"{rule.prelude} {{\n{inner}\n}}"
    mode = vertical_mode(block)
    if mode:
        sheet.vertical.append((rule.prelude, mode))
    return f"{_selector(rule.prelude)} {{{rewrite_declarations(block, base, sheet.remote)}}}"


def _selector(prelude: str) -> str:
    """The root is the scope's; an id matches the renamed element with an id's own weight."""
    if prelude.startswith("@"):
        return prelude
    return _ID.sub(r':is(#\1, [data-id="\1"])', prelude.replace(":root", ":scope"))


def _bare(prelude: str) -> str:
    return _COMMENT.sub(" ", prelude).replace("<!--", "").replace("-->", "").strip()


def _closing(text: str, position: int) -> int:
    """Where the block that starts at `position` ends."""
    depth = 1
    while match := _SKIPPED.search(text, position):
        position = match.end()
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.start()
    return len(text)
