"""Links and places of an ODT as HTML has them: OpenDocument 1.3 §6.1.8 and §19.918."""

import re

from lxml import etree

_OUTLINE = "|outline"
"""What a link to a heading ends in."""
_NUMBERING = re.compile(r"(?<!\d)(?:\d+\.)+\s*")


def place_id(name: str) -> str:
    """A bookmark's name as an id: without spaces, HTML 5 §3.2.6."""
    return "_".join(name.split())


def link_target(href: str) -> str:
    """The address of a link as HTML has it; a link to a heading waits for `lead_to_headings`."""
    if not href.startswith("#") or href.endswith(_OUTLINE):
        return href
    return f"#{place_id(href[1:].split('|')[0])}"


def lead_to_headings(body: etree._Element, lowest: int) -> None:
    """Let links to headings down to level `lowest`, which name them by number and
    words, lead to their ids.

    OpenDocument 1.3 §19.918 leaves such names to programs; ``#1.2.Words|outline`` is the usual one.
    """
    links = [link for link in body.iter("a") if link.get("href", "").endswith(_OUTLINE)]
    levels = [f"h{level}" for level in range(1, lowest + 1)]
    headings = {_plain(heading): heading for heading in reversed(list(body.iter(*levels)))}
    for number, link in enumerate(links, 1):
        name = " ".join(link.get("href", "")[1 : -len(_OUTLINE)].split())
        heading = headings.get(name, headings.get(_NUMBERING.sub("", name)))
        if heading is None:
            link.set("href", f"#{place_id(name)}")
            continue
        if "id" not in heading.attrib:
            heading.set("id", f"outline-{number}")
        link.set("href", f"#{heading.get('id')}")


def _plain(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())
