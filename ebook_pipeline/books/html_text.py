"""Descriptions and rights, which come as text or as HTML in text, as plain text."""

import re
import unicodedata

_MARKUP = re.compile(r"</?[a-z][^<>]*>|&#?\w+;", re.IGNORECASE)
_ENDS_BLOCK = re.compile(r"</(?:p|div|h\d|li|blockquote)>|<br\s*/?>", re.IGNORECASE)
_MOST_ESCAPED = 2
"""Times that programs escape what was escaped already."""


def text_of_html(markup: str) -> str:
    """The words of `markup` without tags and entities; a blank line between paragraphs."""
    for _ in range(_MOST_ESCAPED):
        if not _MARKUP.search(markup):
            break
        markup = _without_tags(markup)
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", markup).splitlines())
    return "\n\n".join(line for line in lines if line)


def _without_tags(markup: str) -> str:
    from lxml import html

    root = html.fromstring(f"<div>{_ENDS_BLOCK.sub(chr(10) * 2, markup)}</div>")
    return str(html.tostring(root, method="text", encoding="unicode"))
