"""Fonts that the pages use: embedded, cut to a subset, readable as text.

ISO 32000-2 §9.6 to §9.10. Fonts are found from the pages' resources, so that those of a form's
defaults, which nothing on the pages needs, do not count.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import Fonts
from ebook_pipeline.books.formats.pdf.objects import ObjectId
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted, listed

STANDARD_14 = frozenset(
    f"{family}{style}"
    for family, styles in {
        "Courier": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "Helvetica": ("", "-Bold", "-Oblique", "-BoldOblique"),
        "Times": ("-Roman", "-Bold", "-Italic", "-BoldItalic"),
        "Symbol": ("",),
        "ZapfDingbats": ("",),
    }.items()
    for style in styles
)
_MOST_FONTS = 20_000
_MOST_RESOURCES = 200_000
_SYMBOLIC = 4
"""The flag of a font whose characters are of its own making, §9.8.2."""
_SUBSET = re.compile(r"[A-Z]{6}\+")
_NUMBERED = re.compile(r"(?:[A-Za-z]|cid|glyph|index|uni?known)?[-_]?\d{1,5}")
_CJK = frozenset({"Japan1", "Japan2", "GB1", "CNS1", "Korea1", "KR"})
_EMBED = "Embed all fonts when exporting (most programs: PDF/X or PDF/A settings)."


@dataclass(frozen=True)
class Font:
    """A font as a page uses it; `readable` says that its glyphs can be mapped to characters."""

    name: str
    kind: str
    embedded: bool
    subset: bool
    readable: bool
    page: int

    @property
    def standard(self) -> bool:
        """One of the 14 that older readers brought with them (§9.6.2.2)."""
        return self.name in STANDARD_14


def check(pages: Sequence[object]) -> tuple[Fonts, list[Finding]]:
    """The fonts that the pages' resources name, those of forms, patterns and notes included."""
    used = list(used_fonts(pages))
    missing = [font for font in used if not font.embedded]
    facts = Fonts(
        total=len(used),
        embedded=len(used) - len(missing),
        subset=sum(font.subset for font in used),
        type3=sum(font.kind == "Type3" for font in used),
        unreadable=sum(not font.readable for font in used),
        missing=tuple(sorted({font.name for font in missing})),
    )
    return facts, [*_missing(missing), *_unreadable(used), *_bitmaps(used)]


def used_fonts(pages: Sequence[object]) -> Iterator[Font]:
    """Each font that the pages name, once, with the first page that does."""
    walk = _Walk()
    for place, page in enumerate(pages, 1):
        yield from (read_font(font, place) for font in walk.of_page(page))


class _Walk:
    """Resources within resources, each seen once, up to a bound."""

    def __init__(self) -> None:
        self._seen: set[ObjectId] = set()
        self._resources = 0
        self._fonts = 0

    def of_page(self, page: object) -> Iterator[object]:
        """The fonts that no page before had."""
        waiting = [objects.inherited(page, "/Resources")]
        for note in objects.array_items(objects.entry(page, "/Annots")):
            waiting += self._looks(note)
        while waiting and self._resources < _MOST_RESOURCES:
            resources = waiting.pop()
            if not self._is_new(resources):
                continue
            self._resources += 1
            for _, font in objects.dictionary_items(objects.entry(resources, "/Font")):
                if self._fonts < _MOST_FONTS and self._is_new(font):
                    self._fonts += 1
                    waiting.append(objects.entry(font, "/Resources"))
                    yield font
            waiting += self._inner(resources)

    def _is_new(self, value: object) -> bool:
        if objects.dictionary(value) is None:
            return False
        identity = objects.object_id(value)
        if identity in self._seen:
            return False
        if identity is not None:
            self._seen.add(identity)
        return True

    def _inner(self, resources: object) -> list[object]:
        """Resources of the forms and patterns in these."""
        inner = []
        for group in ("/XObject", "/Pattern"):
            for _, part in objects.dictionary_items(objects.entry(resources, group)):
                if objects.object_id(part) not in self._seen:
                    inner.append(objects.entry(part, "/Resources"))
        return [nested for nested in inner if nested is not None]

    def _looks(self, note: object) -> list[object]:
        """Resources of a note's normal appearance, or of each of its states (§12.5.5)."""
        appearance = objects.entry(note, "/AP", "/N")
        states = [
            appearance,
            *(state for _, state in objects.dictionary_items(appearance) if _is_form(state)),
        ]
        return [objects.entry(state, "/Resources") for state in states if _is_form(state)]


def _is_form(value: object) -> bool:
    return objects.entry(value, "/Resources") is not None


def read_font(font: object, page: int) -> Font:
    """What a font dictionary says, used first on `page`."""
    kind = objects.name(objects.entry(font, "/Subtype")) or "unknown"
    printed = objects.name(objects.entry(font, "/BaseFont"))
    inner = font
    if kind == "Type0":
        inner = next(iter(objects.array_items(objects.entry(font, "/DescendantFonts"))), None)
    descriptor = objects.entry(inner, "/FontDescriptor")
    files = (objects.entry(descriptor, key) for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return Font(
        name=_SUBSET.sub("", printed, count=1) or "(without name)",
        kind=kind,
        embedded=kind == "Type3" or any(objects.dictionary(file) is not None for file in files),
        subset=_SUBSET.match(printed) is not None,
        readable=_is_readable(font, inner, kind),
        page=page,
    )


def _is_readable(font: object, inner: object, kind: str) -> bool:
    """Whether a reader can map codes to characters (§9.10.2)."""
    if objects.entry(font, "/ToUnicode") is not None:
        return True
    encoding = objects.entry(font, "/Encoding")
    if kind == "Type0":
        return _is_known_collection(encoding, inner)
    differences = [
        named
        for difference in objects.array_items(objects.entry(encoding, "/Differences"))
        if (named := objects.name(difference)) and named != ".notdef"
    ]
    if differences and all(map(_NUMBERED.fullmatch, differences)):
        return False
    if kind == "Type3":
        return bool(differences)
    flags = int(objects.number(objects.entry(inner, "/FontDescriptor", "/Flags")) or 0)
    return not (kind == "TrueType" and encoding is None and flags & _SYMBOLIC)


def _is_known_collection(encoding: object, inner: object) -> bool:
    ordering = objects.text(objects.entry(inner, "/CIDSystemInfo", "/Ordering"))
    named = objects.name(encoding)
    return ordering in _CJK or (bool(named) and not named.startswith("Identity"))


def _missing(fonts: Sequence[Font]) -> Iterator[Finding]:
    for group, why in (
        ([font for font in fonts if not font.standard], "readers put another one in their place"),
        ([font for font in fonts if font.standard], "readers use what resembles them"),
    ):
        if group:
            names = listed(sorted({font.name for font in group}))
            count = counted(len(group), "font")
            text = f"{count} not embedded, {why}: {names}."
            place = pdf_findings.page_ranges(font.page for font in group)
            yield pdf_findings.warning("pdf.font-not-embedded", text, _EMBED, place)


def _unreadable(fonts: Sequence[Font]) -> Iterator[Finding]:
    unreadable = [font for font in fonts if not font.readable]
    if unreadable:
        names = listed(sorted({font.name for font in unreadable}))
        text = (
            f"{counted(len(unreadable), 'font')} without a table of characters (ToUnicode): "
            f"their text can be neither searched nor read aloud nor converted: {names}."
        )
        remedy = "Export the PDF from the original document, with its text kept as text."
        place = pdf_findings.page_ranges(font.page for font in unreadable)
        yield pdf_findings.warning("pdf.font-unreadable", text, remedy, place)


def _bitmaps(fonts: Sequence[Font]) -> Iterator[Finding]:
    bitmaps = [font for font in fonts if font.kind == "Type3"]
    if bitmaps:
        count = counted(len(bitmaps), "font")
        text = f"{count} drawn glyph by glyph (Type 3): often bitmaps, rough when enlarged."
        remedy = "Use outline fonts where the program offers them (in LaTeX: the cm-super fonts)."
        yield pdf_findings.info(
            "pdf.font-type3", text, remedy, pdf_findings.page_ranges(font.page for font in bitmaps)
        )
