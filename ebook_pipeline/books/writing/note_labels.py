"""Labels of notes in chapters: each chapter counts its own, and one file holds them all.

Pandoc's footnotes, https://pandoc.org/MANUAL.html#footnotes: a label is one file's.
"""

import re
from collections.abc import Callable

_LABEL = re.compile(r"(?<!\\)\[\^([^\s\[\]^]{1,100})\]")


def numbered_notes(text: str) -> str:
    """Markdown whose notes are labelled 1, 2, 3 … as their labels come first."""
    numbers: dict[str, int] = {}
    return relabelled(text, lambda label: str(numbers.setdefault(label, len(numbers) + 1)))


def relabelled(text: str, label_of: Callable[[str], str]) -> str:
    """`text` with every label of a note as `label_of` makes it; linear in its length."""
    return _LABEL.sub(lambda match: f"[^{label_of(match[1])}]", text)
