"""Elements that must be made of certain parts in a certain order, or else become neutral.

HTML §4.5.10 (ruby), §4.11.1 (details), §4.3.8 (header, footer, address): https://html.spec.whatwg.org/
"""

import re

from lxml import etree

_H = "{http://www.w3.org/1999/xhtml}"
_RUBY = re.compile(r"(?:b+(?:t+|ptp))+")
_APART = frozenset({f"{_H}header", f"{_H}footer", f"{_H}address"})


def mend_model(element: etree._Element) -> None:
    """Make a ruby, details, header or footer neutral where its parts or its place are wrong."""
    if element.tag == f"{_H}ruby" and not _RUBY.fullmatch(_ruby_parts(element)):
        element.tag = f"{_H}span"
        _neutral(element, "span", "rt", "rp")
    elif element.tag == f"{_H}details" and not _is_details(element):
        element.tag = f"{_H}div"
        _neutral(element, "div", "summary")
    elif element.tag in _APART and any(outer.tag in _APART for outer in element.iterancestors()):
        element.tag = f"{_H}div"


def _ruby_parts(ruby: etree._Element) -> str:
    """Base text, ``rt`` and ``rp`` as b, t and p, in order."""
    parts = ["b" if (ruby.text or "").strip() else ""]
    for child in ruby:
        parts.append({f"{_H}rt": "t", f"{_H}rp": "p"}.get(str(child.tag), "b"))
        parts.append("b" if (child.tail or "").strip() else "")
    return "".join(parts)


def _is_details(details: etree._Element) -> bool:
    summaries = details.findall(f"{_H}summary")
    first = len(details) > 0 and details[0].tag == f"{_H}summary" and len(summaries) == 1
    linked = any(outer.tag == f"{_H}a" for outer in details.iterancestors())
    return first and not (details.text or "").strip() and not linked


def _neutral(element: etree._Element, name: str, *parts: str) -> None:
    for part in parts:
        for child in element.findall(f"{_H}{part}"):
            child.tag = f"{_H}{name}"
