"""Identifiers of elements as XML allows them, and everything that names one, by one rule.

The same identifier becomes the same wherever it stands, so nothing needs to be looked up.
XML 1.0 §2.3, https://www.w3.org/TR/xml/#NT-Name; Namespaces §3 (no colon).
"""

import re
from urllib.parse import unquote

_STARTS = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_FOLLOWS = _STARTS + "\\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
_NAME = re.compile(f"[{_STARTS}][{_FOLLOWS}]*")
_UNFIT = re.compile(f"[^{_FOLLOWS}]")
_LONGEST = 200
"""Characters of an identifier that had to be renamed."""
NAMING = frozenset(
    {
        "headers",
        "aria-activedescendant",
        "aria-controls",
        "aria-describedby",
        "aria-details",
        "aria-errormessage",
        "aria-flowto",
        "aria-labelledby",
        "aria-owns",
    }
)
"""Attributes whose words are identifiers of other elements: HTML §4.9.11, WAI-ARIA 1.2 §6.2."""


def safe_id(identifier: str) -> str:
    """`identifier` as XML allows it; one that it does allow, in any script, is kept."""
    if _NAME.fullmatch(identifier):
        return identifier
    return "id-" + _UNFIT.sub(lambda match: f"_{ord(match[0]):x}", identifier)[:_LONGEST]


def element_id(value: str) -> str:
    """The value of an ``id`` attribute as `safe_fragment` would name it; empty for none."""
    plain = unquote(value.strip())
    return safe_id(plain) if plain else ""


def safe_fragment(href: str) -> str:
    """`href`, where it leads into its own document, with the identifier as `element_id` has it."""
    stripped = href.strip()
    return f"#{element_id(stripped[1:])}" if stripped.startswith("#") else href


def safe_names(value: str) -> str:
    """The identifiers in the value of an attribute that is `NAMING` others."""
    return " ".join(element_id(identifier) for identifier in value.split())
