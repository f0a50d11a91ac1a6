"""RTF without what acts or reaches out: objects, templates and fields are cut out of its tokens."""

import re
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.formats.manuscripts import (
    manuscript_findings,
    rtf_content,
    rtf_headings,
    symbol_fonts,
)
from ebook_pipeline.books.formats.manuscripts.cleaned import (
    CleanedManuscript,
    ManuscriptMetadata,
    manuscript_metadata,
)
from ebook_pipeline.books.formats.manuscripts.encodings import LARGEST_TEXT
from ebook_pipeline.books.formats.manuscripts.extent import check_extent
from ebook_pipeline.books.formats.manuscripts.manuscript_findings import FindingCollector
from ebook_pipeline.books.formats.manuscripts.rtf_tokens import RtfToken, tokenize

_DEEPEST = 500
"""Groups within each other."""
_OBJECTS = frozenset({b"object"})
_GONE = frozenset(
    b"objdata objclass objname template datastore htmltag fldtype xmlopen userprops factoidname "
    b"linkval private passwordhash writereservhash password mailmerge wgrffmtfilter xe tc "
    b"rxe".split()
)
_CHANGED = frozenset({b"deleted", b"revised", b"mvf", b"mvt"})
_FIELD = re.compile(
    rb"\s*(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|DDEAUTO|DDE|LINK|RD|EMBED|DATABASE|MACROBUTTON"
    rb"|AUTOTEXT|GOTOBUTTON|PRINT)\b",
    re.IGNORECASE,
)
_LINK = re.compile(rb'\s*HYPERLINK\s+"?([^"\s]*)', re.IGNORECASE)
_CONTENTS = re.compile(rb"\s*(?:TOC|TOA)\b", re.IGNORECASE)
_WEB = re.compile(rb"(https?|mailto|tel|ftp):", re.IGNORECASE)


def cleaned_rtf(path: Path) -> CleanedManuscript:
    """The RTF at `path` without what acts or reaches out.

    Raises BookError (``manuscript.nesting``, ``manuscript.size``).
    """
    data = path.read_bytes()
    if len(data) > LARGEST_TEXT:
        raise manuscript_findings.too_large()
    check_extent({"": data})
    collector = FindingCollector()
    kept = list(rtf_content.simplify(_Cutter(collector).cut(tokenize(data)), collector))
    if sum(token.kind == "open" for token in kept) == 0:
        kept = [RtfToken("open", b"{"), *kept, RtfToken("close", b"}")]
    recovered = rtf_headings.mark_headings(kept)
    if recovered is not None:
        collector.report(manuscript_findings.no_headings(recovered))
    return CleanedManuscript(
        collector.findings, {"": b"".join(token.raw for token in kept)}, _about(kept)
    )


class _Cutter:
    """Copies tokens, leaves groups out; groups are judged when they are closed."""

    def __init__(self, collector: FindingCollector) -> None:
        self._noted = collector
        self._kept: list[RtfToken] = []
        self._starts: list[int] = []
        self._results: list[list[RtfToken]] = []

    def cut(self, tokens_read: Iterator[RtfToken]) -> list[RtfToken]:
        for token in tokens_read:
            if token.kind == "open":
                if len(self._starts) >= _DEEPEST:
                    raise manuscript_findings.too_deep()
                self._starts.append(len(self._kept))
                self._kept.append(token)
            elif token.kind == "close":
                if self._starts:
                    self._kept.append(token)
                    self._close(self._starts.pop())
            else:
                self._add(token)
        self._kept += [RtfToken("close", b"}")] * len(self._starts)
        return self._kept

    def _add(self, token: RtfToken) -> None:
        """Footnotes are no destination that a reader may pass over, though some writers say so."""
        last = self._kept[-1] if self._kept else token
        if token.word == b"footnote" and last.raw == b"\\*":
            self._kept.pop()
        self._kept.append(token)

    def _close(self, start: int) -> None:
        group = self._kept[start:] if self._is_short_or_named(start) else []
        name = _destination(self._kept, start)
        if name in _OBJECTS:
            self._object(start)
        elif name in _GONE:
            if name == b"template":
                words = b"".join(token.raw for token in group[2:-1])
                self._noted.add("manuscript.external", words.decode("cp1252", "replace"))
            del self._kept[start:]
        elif name == b"fldinst":
            self._field(start)
        elif name == b"field":
            self._whole_field(start)
        elif name in (b"annotation", b"atnid", b"atnauthor"):
            if name == b"annotation":
                self._noted.add("manuscript.comments", "in the margin")
            del self._kept[start:]
        elif any(token.word in _CHANGED for token in self._kept[start + 1 : start + 8]):
            self._change(start)

    def _is_short_or_named(self, start: int) -> bool:
        return _destination(self._kept, start) in _GONE

    def _object(self, start: int) -> None:
        """An object leaves the picture that stands for it, its ``\\result`` group."""
        result = _inner(self._kept, start, b"result")
        self._noted.add("manuscript.embedded", "object")
        self._kept[start:] = result

    def _field(self, start: int) -> None:
        code = _code(self._kept[start:])
        harm, link = _FIELD.match(code), _LINK.match(code)
        if harm:
            self._noted.add("manuscript.external", _readable(code))
            del self._kept[start:]
        elif link and link[1] and not link[1].startswith(b"\\") and not _WEB.match(link[1]):
            self._noted.add("manuscript.local-link", _readable(link[1]))
            del self._kept[start:]

    def _whole_field(self, start: int) -> None:
        """Contents that the word processor made go: their page numbers are another edition's.

        Of a field whose code was taken out stays what it shows.
        """
        inside = _inner(self._kept, start, b"fldinst")
        if not inside:  # it was taken out: readers pass over what such a field shows
            shown = _inner(self._kept, start, b"fldrslt")
            self._kept[start:] = [token for token in shown if token.word != b"fldrslt"]
        elif sign := self._sign(start, inside):
            self._kept[start:] = sign
        elif _CONTENTS.match(_code(inside)):
            words = rtf_headings.group_text(_inner(self._kept, start, b"fldrslt"), 0)
            self._noted.add("manuscript.contents", words[:60])
            del self._kept[start:]

    def _sign(self, start: int, inside: list[RtfToken]) -> list[RtfToken]:
        """The sign that a field without a result stands for, RTF 1.9.1 and ECMA-376 §17.16.5.62."""
        sign = symbol_fonts.sign_of_field(_code(inside).decode("latin-1"))
        shown = rtf_headings.group_text(_inner(self._kept, start, b"fldrslt"), 0)
        return [] if shown.strip() else list(tokenize(sign.encode()))

    def _change(self, start: int) -> None:
        head = self._kept[start + 1 : start + 8]
        moved = any(token.word in (b"mvf", b"mvt") for token in head)
        deleted = any(token.word in (b"deleted", b"mvf") and token.number != 0 for token in head)
        kind = "moved" if moved else "deleted" if deleted else "inserted"
        self._noted.add("manuscript.tracked-changes", kind)
        if deleted:
            del self._kept[start:]


def _code(tokens: list[RtfToken]) -> bytes:
    """A field's code; backslashes in it are written twice."""
    escaped = b"\\\\"
    return b"".join(
        token.raw.replace(escaped, b"\\")
        for token in tokens
        if token.kind == "text" or token.raw == escaped
    )


def _destination(kept: list[RtfToken], start: int) -> bytes:
    """The word that says what the group at `start` is, ``\\*`` passed over."""
    for token in kept[start + 1 : start + 4]:
        if token.kind == "word":
            return token.word
        if token.kind == "symbol" and token.raw == b"\\*":
            continue
        if token.kind == "text" and not token.raw.strip():
            continue
        break
    return b""


def _inner(kept: list[RtfToken], start: int, name: bytes) -> list[RtfToken]:
    """The group `name` within the group at `start`."""
    depth, begin = 0, -1
    for index in range(start + 1, len(kept)):
        token = kept[index]
        if token.kind == "open":
            if begin < 0 and _destination(kept, index) == name:
                begin, depth = index, 0
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if begin >= 0 and depth == 0:
                inner = kept[begin : index + 1]
                return [token for token in inner if token.word != name]
    return []


def _readable(code: bytes) -> str:
    return code.decode("cp1252", "replace").strip()


def _about(kept: list[RtfToken]) -> ManuscriptMetadata:
    title, author, language = "", "", ""
    for index, token in enumerate(kept):
        if token.kind == "open":
            name = _destination(kept, index)
            if name == b"title" and not title:
                title = rtf_headings.group_text(kept, index)
            elif name == b"author" and not author:
                author = rtf_headings.group_text(kept, index)
        elif token.word in (b"deflang", b"lang") and not language:
            language = _LANGUAGES.get(token.number or 0, "")
    return manuscript_metadata(title, [author] if author else [], language, assumed=True)


_LANGUAGES = {
    1025: "ar", 1028: "zh-TW", 1029: "cs-CZ", 1030: "da-DK", 1031: "de-DE", 1032: "el-GR",
    1033: "en-US", 1034: "es-ES", 1035: "fi-FI", 1036: "fr-FR", 1037: "he", 1038: "hu-HU",
    1040: "it-IT", 1041: "ja-JP", 1042: "ko-KR", 1043: "nl-NL", 1044: "nb-NO", 1045: "pl-PL",
    1046: "pt-BR", 1048: "ro-RO", 1049: "ru-RU", 1053: "sv-SE", 1055: "tr-TR", 1058: "uk-UA",
    2052: "zh-CN", 2055: "de-CH", 2057: "en-GB", 2070: "pt-PT", 3079: "de-AT", 3081: "en-AU",
    3082: "es-ES", 3084: "fr-CA", 4105: "en-CA", 4108: "fr-CH",
}  # fmt: skip
"""Windows' language numbers that books come with, [MS-LCID]."""
