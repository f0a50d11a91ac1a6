"""What a page's own style sheet hides: ``display: none`` and ``visibility: hidden``.

CSS Display 3 §2.5, CSS 2.2 §11.2. Looked at are rules of one simple selector (a tag, a class, an
id, or a tag with one of them): that is how pages hide text, and no rule of media is among them.
"""

import re
from collections.abc import Iterable, Mapping

_SIMPLE = re.compile(r"(?P<tag>[A-Za-z][A-Za-z0-9]*|\*)?(?:(?P<mark>[.#])(?P<name>[\w-]+))?")
_STYLE = re.compile(r"<style\b([^>]*)>(.*?)</style", re.IGNORECASE | re.DOTALL)
_OTHER_MEDIA = re.compile(r"\bmedia\s*=\s*[\"']?(?!\s*(?:all|screen))", re.IGNORECASE)
_LARGEST_SHEET = 1 << 20
"""Characters of style sheets that are looked at."""
_WEIGHTS = {"": 0, ".": 1, "#": 2}

Selector = tuple[str, str, str]
"""A tag, a mark (``.`` or ``#``) and a name, each of which may be empty."""


class HidingRules:
    """The rules that hide or show, of all style sheets of one page."""

    def __init__(self, sheets: Iterable[str]) -> None:
        self._hidden: dict[Selector, tuple[int, bool]] = {}
        for sheet in sheets:
            self._read(sheet)
        self._any = any(hides for _, hides in self._hidden.values())

    @classmethod
    def of_page(cls, markup: str) -> "HidingRules":
        """Those of the ``style`` elements in `markup`."""
        found = _STYLE.findall(markup)
        return cls(sheet for attributes, sheet in found if not _OTHER_MEDIA.search(attributes))

    def hide(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether the element is hidden, as far as its own rules go; its style goes before them."""
        if not self._any:
            return False
        own = declared(attributes.get("style", ""))
        if own is not None:
            return own
        named = [(".", name) for name in attributes.get("class", "").split()]
        named += [("#", attributes["id"])] if attributes.get("id") else []
        selectors = [(tag, "", ""), ("*", "", "")]
        selectors += [(one, mark, name) for mark, name in named for one in (tag, "", "*")]
        matching = [
            (_WEIGHTS[selector[1]], bool(selector[0]), *self._hidden[selector])
            for selector in selectors
            if selector in self._hidden
        ]
        return max(matching)[-1] if matching else False

    def _read(self, sheet: str) -> None:
        import tinycss2

        rules = tinycss2.parse_stylesheet(sheet[:_LARGEST_SHEET], True, True)
        for place, rule in enumerate(rules, len(self._hidden)):
            if rule.type != "qualified-rule":
                continue
            hides = declared(tinycss2.serialize(rule.content))
            if hides is None:
                continue
            for part in tinycss2.serialize(rule.prelude).split(","):
                simple = _SIMPLE.fullmatch(part.strip())
                if simple is not None and part.strip():
                    tag = (simple["tag"] or "").lower()
                    self._hidden[tag, simple["mark"] or "", simple["name"] or ""] = place, hides


_DISPLAY = re.compile(
    r"(?:^|;|\*/)\s*(?:display\s*:\s*(?P<display>[\w-]+)|visibility\s*:\s*(?P<visibility>[\w-]+))",
    re.IGNORECASE,
)


def declared(declarations: str) -> bool | None:
    """Whether declarations hide what they are of, or show it; None where they do not say."""
    hides: dict[str, bool] = {}
    for match in _DISPLAY.finditer(declarations):
        if match["display"]:
            hides["display"] = match["display"].lower() == "none"
        else:
            hides["visibility"] = match["visibility"].lower() == "hidden"
    return any(hides.values()) if hides else None
