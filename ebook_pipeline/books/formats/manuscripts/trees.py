"""Elements taken out of trees."""

from lxml import etree


def remove(element: etree._Element) -> None:
    """Take `element` and what is in it out; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail, before = element.tail or "", element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)
