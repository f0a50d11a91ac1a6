"""Elements of ONIX reference names, and text that XML can carry."""

import re
from collections.abc import Iterable

from lxml import etree

NAMESPACE = "http://ns.editeur.org/onix/3.0/reference"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(
    name: str, *content: "etree._Element | str | None", **attributes: str
) -> etree._Element:
    """`name` with text and children; None among them is left out."""
    tag = f"{{{NAMESPACE}}}{name}"
    made = etree.Element(tag, attributes, nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    for part in content:
        if isinstance(part, str):
            made.text = (made.text or "") + _FORBIDDEN.sub("", part)
        elif part is not None:
            made.append(part)
    return made


def composite(name: str, *parts: tuple[str, str]) -> etree._Element:
    """`name` with one child per (name, text)."""
    return element(name, *(element(child, text) for child, text in parts))


def block_or_none(name: str, parts: Iterable[etree._Element]) -> etree._Element | None:
    """The block `name`, or None where nothing is to be said in it."""
    listed = list(parts)
    return element(name, *listed) if listed else None
