"""Old HTML with elements that are never closed, kept from nesting deeper than a parser follows.

libxml2 gives up below 2,048 elements, and the rest of the text is lost: books in which each
paragraph leaves a ``<font>`` open get there. Elements nested too deeply are closed.
"""

import re

DEEPEST = 200
"""Elements within each other."""
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>]*>")
_EMPTY = "area base br col embed hr img input link meta param source track wbr"
_VOID = frozenset(_EMPTY.split())
_ONE_AT_A_TIME = frozenset({"p", "li", "dt", "dd"})
_OUTERMOST = frozenset({"html", "head", "body"})
_NEAR = 64
"""Open elements, from the innermost, among which an end tag's element is looked for."""


def limit_nesting(text: str) -> str:
    """`text` with what is open deeper than `DEEPEST` closed; other markup as it is."""
    parts: list[str] = []
    opened: list[str] = []
    done = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if tag[1]:
            _close(opened, name)
        elif name not in _VOID | _OUTERMOST and not tag[0].endswith("/>"):
            _open(opened, name)
        if len(opened) > DEEPEST:
            parts += (
                text[done : tag.start()],
                *(f"</{open_name}>" for open_name in reversed(opened[:-1])),
            )
            done, opened = tag.start(), opened[-1:]
    return "".join([*parts, text[done:]])


def _open(opened: list[str], name: str) -> None:
    """A paragraph ends the one before, whether it is closed or not."""
    if name in _ONE_AT_A_TIME and name in opened[-_NEAR:]:
        del opened[len(opened) - 1 - opened[::-1].index(name)]
    opened.append(name)


def _close(opened: list[str], name: str) -> None:
    if name in opened[-_NEAR:]:
        while opened.pop() != name:
            pass
