"""Elements of XML and HTML as a reader sees them."""

from lxml import etree


def text_of(element: etree._Element) -> str:
    """All text below the element."""
    return "".join(map(str, element.itertext()))
