"""HTML as it is compared, by Python's own parser: the converter's is another."""

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path

from ebook_pipeline.books.converting.text_comparison.source_text import LeftOutKind, SourceText
from ebook_pipeline.books.converting.text_comparison.text_collector import TextCollector
from ebook_pipeline.books.formats.manuscripts.encodings import decode_text
from ebook_pipeline.books.formats.manuscripts.hidden_by_style import HidingRules
from ebook_pipeline.books.formats.manuscripts.html_programs import (
    BOILERPLATE,
    PAGE_NUMBER,
    WORD_CONTENTS,
)
from ebook_pipeline.books.formats.manuscripts.symbol_fonts import shown_in, styled_font
from ebook_pipeline.books.language_tags import primary_tag

_VOID_NAMES = (
    "area base basefont bgsound br col command embed frame hr img input keygen link meta param "
    "source spacer track wbr isindex"
)
VOID = frozenset(_VOID_NAMES.split())
_UNREAD = frozenset({"head", "title", "script", "style", "template", "datalist", "rp", "math"})
_OUTSIDE = frozenset({"iframe", "textarea", "select", "button", "svg", "applet"})
_BLOCK_NAMES = (
    "address article aside blockquote body br caption center col colgroup dd details dialog dir "
    "div dl dt fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr "
    "html legend li listing main map menu nav noframes noscript object ol p plaintext pre search "
    "section summary table tbody td tfoot th thead tr ul xmp"
)
BLOCKS = frozenset(_BLOCK_NAMES.split())
_CLOSES_ITSELF = frozenset({"p", "li", "dt", "dd", "td", "th", "option"})
"""Elements that end where the next block begins, closed or not."""
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_MARK = re.compile(r"\W*(?:[\divxlc]{1,5}|[a-z])?\W*", re.IGNORECASE)
_LED_TO = re.compile(r"""href\s*=\s*["']?\s*#([^"'\s>]+)""", re.IGNORECASE)
_DEEPEST = 60
"""Open elements among which the one that ends is looked for."""
OPTIONAL = "x-optional"
"""An element of ours around a passage that need not be in the book."""
_OWN_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp|tiff)\s*;", re.IGNORECASE)
_PLAINTEXT = re.compile(r"(<plaintext\b[^<>]*>)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_WEB = re.compile(r"https?://[\w.-]+(?:[:/?#]|\Z)|mailto:\S", re.IGNORECASE)


def read(path: Path) -> SourceText:
    """The document at `path`. Raises BookError, LimitExceeded."""
    return read_markup(decode_text(path.read_bytes(), declares=True).text)


def read_markup(text: str) -> SourceText:
    """The markup `text`; tables, which old pages are laid out with, are not counted."""
    collector = TextCollector()
    led_to, rules = frozenset(_LED_TO.findall(text)), HidingRules.of_page(text)
    reader = _Reader(collector, led_to, rules)
    marked, tag, rest = _before_plaintext(text)
    reader.feed(marked)
    reader.close()
    if tag:
        reader.handle_starttag("plaintext", [])
        reader.handle_data(rest)
        reader.handle_endtag("plaintext")
    reader.flush_link()
    reader.end_note()
    return replace(collector.text(), tables=None, inner_links=None)


def _before_plaintext(text: str) -> tuple[str, str, str]:
    """The page, the first tag that no comment holds after which all is text, and that text."""
    for part in _PLAINTEXT.split(text, maxsplit=0)[1:2]:
        before, tag, rest = text.partition(part)
        if before.count("<!--") == before.count("-->"):
            return before, tag, rest
    return text, "", ""


@dataclass(eq=False)
class _Block:
    """An element that is open, and whether it has said anything."""

    tag: str
    said: bool = False


class _Reader(HTMLParser):
    """Gives what a page shows to the collector."""

    def __init__(
        self, collector: TextCollector, led_to: frozenset[str], rules: HidingRules
    ) -> None:
        super().__init__(convert_charrefs=True)
        self._to = collector
        self._led_to = led_to
        self._rules = rules
        self._ids: set[str] = set()
        self._skipped: list[str] = []
        self._kind: LeftOutKind | None = None
        self._unread: list[str] = []
        self._link: list[str] | None = None
        self._fonts: list[tuple[str, str]] = []
        self._is_xml = False
        self._leads_to = ""
        self._marks: set[str] = set()
        self._blocks: list[_Block] = []
        self._note: _Block | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if self._skipped:
            self._inside_skipped(tag)
            if self._skipped:
                return
        if tag == "xmp":
            self.set_cdata_mode(tag)
        if tag not in VOID:
            font = styled_font(known.get("style", ""), known.get("face", ""))
            self._fonts.append((tag, font))
        self._is_xml = self._is_xml or (tag == "html" and "1999/xhtml" in known.get("xmlns", ""))
        skipped = self._why_unread(tag, known)
        if skipped and tag not in VOID:
            self._skipped, self._kind = [tag], skipped[0]
            return
        self._show(tag, known)

    def handle_endtag(self, tag: str) -> None:
        self._end_font(tag)
        if self._skipped:
            self._end_skipped("rp" if tag == "ruby" else tag)
            return
        if tag == "a":
            self.flush_link()
        elif tag == "rt":
            self._to.add(" ")
        elif tag in BLOCKS or tag == OPTIONAL:
            self.flush_link()
            self._to.end()
            self._end_block(tag)
            self._to.optional = False

    def _end_font(self, tag: str) -> None:
        for back in range(1, min(len(self._fonts), _DEEPEST) + 1):
            if self._fonts[-back][0] == tag:
                del self._fonts[-back:]
                return

    def unknown_decl(self, data: str) -> None:
        """Letters as they are in XML; HTML knows none."""
        if self._is_xml and data.startswith("CDATA["):
            self.handle_data(data[6:])

    def handle_data(self, data: str) -> None:
        if self._fonts and self._fonts[-1][1]:
            data = shown_in(self._fonts[-1][1], data)
        if self._skipped:
            self._unread.append(data)
        elif self._link is not None:
            self._link.append(data)
        else:
            self._say(data)

    def _say(self, text: str) -> None:
        self._to.add(text)
        if text.strip():
            for block in reversed(self._blocks):
                if block.said:
                    break
                block.said = True

    def _begin_block(self, tag: str) -> None:
        last = self._blocks[-1].tag if self._blocks else ""
        if last in _CLOSES_ITSELF and (last == tag or last == "p"):
            self._end_block(last)
        if len(self._blocks) < _DEEPEST and tag not in VOID:
            self._blocks.append(_Block(tag))

    def _end_block(self, tag: str) -> None:
        if any(block.tag == tag for block in self._blocks):
            while (ended := self._blocks.pop()) is not self._note and ended.tag != tag:
                pass
            if ended is self._note:
                self._note = None
                self._to.end_aside(note=True)

    def _begin_note(self) -> None:
        """What leads back to a mark begins a note: the largest element that had said nothing."""
        silent = next((block for block in self._blocks if not block.said), None)
        if self._note is None and silent is not None:
            self._note = silent
            self._to.begin_aside()

    def flush_link(self) -> None:
        """Give the words of a link within the page, unless it is the mark of a note.

        That is one which something leads back to.
        """
        words, self._link = "".join(self._link or ()), None
        if words.strip() and _MARK.fullmatch(words) and self._ids & self._led_to:
            self._to.add(" ")
            if self._leads_to in self._marks:
                self._begin_note()
            self._marks |= self._ids
        else:
            self._say(words)

    def end_note(self) -> None:
        """End the note that the page ends in."""
        if self._note is not None:
            self._to.end_aside(note=True)

    def _why_unread(self, tag: str, known: dict[str, str]) -> tuple[LeftOutKind | None] | tuple[()]:
        if tag in _UNREAD:
            self._to.counts["formulas"] += tag == "math"
            return (None,)
        if tag in _OUTSIDE:
            return (LeftOutKind.DRAWINGS if tag == "svg" else LeftOutKind.OBJECTS,)
        kind = f"{known.get('class', '')} {known.get('id', '')}"
        if WORD_CONTENTS.search(kind):
            return (LeftOutKind.CONTENTS,)
        if BOILERPLATE.search(kind):
            return (LeftOutKind.BOILERPLATE,)
        if PAGE_NUMBER.search(kind) and tag in ("span", "a"):
            return (LeftOutKind.RUNNING_HEADS,)
        hides = "hidden" in known or _HIDDEN.search(known.get("style", "")) is not None
        hides = hides or self._rules.hide(tag, known)
        return (LeftOutKind.HIDDEN,) if hides and tag not in ("html", "body") else ()

    def _show(self, tag: str, known: dict[str, str]) -> None:
        if tag in BLOCKS:
            self._ids.clear()
        self._ids |= {known.get("id", ""), known.get("name", "")} - {""}
        if tag == OPTIONAL:
            self._to.end()
            self._to.optional = True
        language = known.get("lang", "")
        if _LANGUAGE.fullmatch(language):
            self._to.languages.add(primary_tag(language))
        if tag == "a" and known.get("href", "").startswith("#"):
            self._link, self._leads_to = [], known["href"][1:].strip()
        elif tag == "a" and _WEB.match(known.get("href", "")):
            self._to.addresses.add(known["href"].strip())
        elif tag == "img":
            self._picture(known)
        elif tag == "input" and known.get("type", "").lower() in ("checkbox", "radio"):
            self._to.add("☒" if "checked" in known else "☐")
        elif tag == "rt":
            self._to.add(" ")
        elif tag in BLOCKS:
            self.flush_link()
            self._to.end()
            self._begin_block(tag)

    def _picture(self, known: dict[str, str]) -> None:
        alternative = " ".join(known.get("alt", "").split())
        if _OWN_PICTURE.match(known.get("src", "").strip()):
            self._to.counts["pictures"] += 1
            self._to.alternatives += [alternative] if alternative else []
        else:
            self._to.add(f" {alternative} ")

    def _inside_skipped(self, tag: str) -> None:
        """What is left out holds `tag` too, unless it ends by itself before a block."""
        if self._skipped[-1] in _CLOSES_ITSELF and tag in BLOCKS and len(self._skipped) == 1:
            self._end_skipped(self._skipped[0])
        elif self._skipped == ["head"] and tag == "body":
            self._end_skipped("head")
        elif self._skipped == ["rp"] and tag in ("rt", "rp"):
            self._end_skipped("rp")
        elif tag not in VOID and tag == self._skipped[0]:
            self._skipped.append(tag)

    def _end_skipped(self, tag: str) -> None:
        if tag != self._skipped[-1]:
            return
        self._skipped.pop()
        if not self._skipped:
            words, self._unread = "".join(self._unread), []
            if self._kind is not None:
                self._to.leave_out(self._kind, words)
