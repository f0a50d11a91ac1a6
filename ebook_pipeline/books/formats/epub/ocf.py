"""The OCF container judged before any parser or checker sees what is in it.

Only what EPUBCheck does not say, or what must be known before it may run: EPUB 3.3 §4,
https://www.w3.org/TR/epub-33/#sec-ocf. A FATAL finding forbids to go on with the file.
"""

import posixpath
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ebook_pipeline.books.formats.epub import protection, xml, zip_structure
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.protection import ContainerProtection
from ebook_pipeline.books.formats.epub.svg_uses import UsedDrawings
from ebook_pipeline.books.formats.epub.zip_structure import Bounds, EntryMeasure, fatal
from ebook_pipeline.books.formats.zip_faults import zip_faults
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity, worst_first

_REPACK = "Pack the book with an ordinary EPUB tool."
_RENAME = "Give the file a plain relative name such as text/chapter-1.xhtml."
_DAMAGED = "Export the book again: a file in it was damaged."
_BOMB = "Submit the book without filler data; split very large files."
_ARCHIVES = (
    b"PK\x03\x04",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"MSCF\x00\x00\x00\x00",
)
_KINDS = (0, stat.S_IFREG, stat.S_IFDIR)
_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_METHODS = (zip_structure.STORED, zip_structure.DEFLATED)
LARGEST_FONT = 64 << 20
"""Bytes of an unpacked font; whole Chinese, Japanese and Korean in one have 20 MB. Chromium took
428 MB for fonts that claim 112 MB, 176 for those of 28."""
_PACKED_FONTS, _FONT_SIZE = (b"wOFF", b"wOF2"), slice(16, 20)
"""`totalSfntSize` of both versions: https://www.w3.org/TR/WOFF2/#woff20Header."""
_MOST_FINDINGS = 100
"""Findings on one container that its author is told."""
DEFAULT_BOUNDS = Bounds()
UNPROTECTED = ContainerProtection()


@dataclass(frozen=True)
class Container:
    """What the inspection measured; sizes in bytes."""

    entries: int
    uncompressed_bytes: int
    findings: tuple[Finding, ...]
    protection: ContainerProtection = UNPROTECTED

    @property
    def may_be_opened(self) -> bool:
        """Whether nothing forbids to hand the file to other tools."""
        return not any(finding.severity >= Severity.FATAL for finding in self.findings)


def inspect(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> Container:
    """Sizes, names, headers, checksums, entities and protection of the container at `path`."""
    finding = zip_structure.directory_finding(path, bounds)
    if finding is not None:
        return Container(0, 0, (finding,))
    try:
        with zip_faults(), zipfile.ZipFile(path) as file:
            return _inspect(path, file, bounds)
    except zipfile.BadZipFile as error:
        return Container(0, 0, (_unreadable(error),))
    except BookError as error:
        return Container(0, 0, (error.finding,))


def refuse_unsafe(path: Path) -> None:
    """Raise the BookError that says why the container at `path` is not to be opened, if so.

    For those who read an EPUB that was never validated.
    """
    container = inspect(path)
    if not container.may_be_opened:
        worst = max(container.findings, key=lambda finding: finding.severity.rank)
        raise BookError.of(worst)


def _unreadable(error: Exception) -> Finding:
    return fatal(
        "container.unreadable",
        f"The container can not be read: {error}",
        remedy="Export the book again and compare the sizes: it may have been cut off on its way.",
    )


def _inspect(path: Path, file: zipfile.ZipFile, bounds: Bounds) -> Container:
    entries = file.infolist()
    if len(entries) > bounds.entries:
        text = f"The book has {len(entries)} files; {bounds.entries} are allowed."
        return Container(len(entries), 0, (fatal("container.entries", text, remedy=_BOMB),))
    findings = [
        *_name_findings(entries, bounds),
        *_kind_findings(entries),
        *zip_structure.layout_findings(path, entries),
    ]
    total = 0
    if not any(finding.rule in ("container.overlap", "container.header") for finding in findings):
        total, measured = _measured(path, file, bounds)
        findings += measured
    locked = ContainerProtection()
    if not any(finding.severity >= Severity.FATAL for finding in findings):
        locked = protection.detect_protection(Archive(file))
        drm = protection.protection_finding(locked)
        findings += [drm] if drm else []
    return Container(len(entries), total, _told(findings), locked)


def _told(findings: list[Finding]) -> tuple[Finding, ...]:
    """What the author is told of many findings: the worst, and how many more there are.

    The gate judges by these, so whatever forbids to go on stands among them.
    """
    if len(findings) <= _MOST_FINDINGS:
        return tuple(findings)
    ordered = worst_first(findings)
    kept, left = ordered[: _MOST_FINDINGS - 1], ordered[_MOST_FINDINGS - 1 :]
    more = Finding(
        rule="container.more",
        severity=left[0].severity,
        message=f"There are {len(left)} more findings about the container.",
        remedy="Mend those that are named, then check the book again.",
    )
    return (*kept, more)


def _name_findings(entries: list[zipfile.ZipInfo], bounds: Bounds) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for entry in entries:
        name = entry.orig_filename
        yield from _name_finding(name, bounds)
        folded = _folded(name)
        if folded in seen:
            yield _duplicate(name, seen[folded])
        seen.setdefault(folded, name)
        for folder in _folders(folded[: bounds.name_length]):
            folders.setdefault(folder, name)
    for folded, name in seen.items():
        if folded in folders and not name.endswith("/"):
            yield _duplicate(name, f"the folder of {folders[folded]}")


def _folders(name: str) -> Iterator[str]:
    while name := posixpath.dirname(name).rstrip("/"):
        yield name


def _folded(name: str) -> str:
    """One text for all names that some file system takes for the same file."""
    alike = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return posixpath.normpath(alike)


def unsafe_name(name: str) -> Finding | None:
    """Why an entry of this name is neither read nor written, if so: it leads out of the book."""
    segments = re.split(r"[/\\]", name)
    leads_out = ".." in segments or name.startswith(("/", "\\"))
    if leads_out or re.match(r"[A-Za-z]:", name):
        text = "The name leads out of the book."
        return fatal("container.path-escape", text, _printable(name), _RENAME)
    return None


def _name_finding(name: str, bounds: Bounds) -> Iterator[Finding]:
    place = _printable(name)
    unsafe = unsafe_name(name)
    if unsafe is not None:
        yield unsafe
    elif "\\" in name:
        yield _error("container.path-backslash", "The name has a backslash.", place, _RENAME)
    if any(unicodedata.category(letter) == "Cc" or letter in _DIRECTION_MARKS for letter in name):
        yield _error("container.path-control", "The name has control characters.", place, _RENAME)
    if len(name.encode("utf-8", "replace")) > bounds.name_length:
        yield _error("container.path-length", "The name is too long.", place, _RENAME)


def _duplicate(name: str, other: str) -> Finding:
    what = "a name twice" if name == other else f"a name that some systems take for {other}"
    text = f"The book has {what}: which of the two files counts is anybody's guess."
    return _error("container.duplicate", text, _printable(name), "Take one of the two files out.")


def _kind_findings(entries: list[zipfile.ZipInfo]) -> Iterator[Finding]:
    for entry in entries:
        place = _printable(entry.filename)
        if stat.S_ISLNK(entry.external_attr >> 16):
            text = "The entry is a link to another file."
            yield fatal("container.symlink", text, place, "Put the file itself into the book.")
        elif stat.S_IFMT(entry.external_attr >> 16) not in _KINDS:
            text = "The entry is no file but a device or a pipe."
            yield fatal("container.special", text, place, "Take it out of the book.")
        if zip_structure.is_encrypted(entry):
            text = "The entry is locked with a ZIP password."
            yield fatal("protection.zip-password", text, place, "Pack it without a password.")
        elif entry.compress_type not in _METHODS:
            text = f"The compression method {entry.compress_type} is not allowed in a book."
            yield fatal("container.compression", text, place, _REPACK)


def _measured(path: Path, container: zipfile.ZipFile, bounds: Bounds) -> tuple[int, list[Finding]]:
    """The bytes that the entries inflate to, and what is wrong with them; stops at a bomb."""
    findings: list[Finding] = []
    total = 0
    most = bounds.most_bytes(path.stat().st_size)
    drawings = UsedDrawings(Archive(container))
    with path.open("rb") as file:
        for entry in container.infolist():
            if zip_structure.is_encrypted(entry) or entry.compress_type not in _METHODS:
                continue
            measured = zip_structure.measure_entry(file, entry, bounds, most - total)
            total += measured.length
            findings += _size_findings(entry, measured)
            findings += _content_findings(entry, measured, container, drawings)
            if measured.trouble in ("size", "ratio"):
                return total, findings
    drawn = drawings.finding()
    if drawn is not None:
        findings.append(drawn.model_copy(update={"place": _printable(drawn.place)}))
    return total, findings


def _size_findings(entry: zipfile.ZipInfo, measured: EntryMeasure) -> Iterator[Finding]:
    place = _printable(entry.filename)
    trouble = measured.trouble
    if trouble in ("size", "ratio"):
        text = "The file, or the whole book, unpacks to far more than a book may hold."
        yield fatal("container.bomb", text, place, _BOMB)
    elif trouble:
        yield _error("container.damaged", f"The file is damaged ({trouble}).", place, _DAMAGED)
    elif measured.length != entry.file_size:
        text = f"The file says it has {entry.file_size} bytes and has {measured.length}."
        yield fatal("container.size", text, place, _REPACK)
    elif measured.crc != entry.CRC:
        text = "The file is damaged: its checksum is wrong."
        yield _error("container.crc", text, place, _DAMAGED)


def _content_findings(
    entry: zipfile.ZipInfo,
    measured: EntryMeasure,
    file: zipfile.ZipFile,
    drawings: UsedDrawings,
) -> Iterator[Finding]:
    place = _printable(entry.filename)
    if measured.head.startswith(_ARCHIVES):
        yield Finding(
            rule="container.nested-archive",
            severity=Severity.WARNING,
            message="The book holds an archive; nobody looks into it.",
            place=place,
        )
    yield from _font_finding(measured.head, place)
    whole = measured.trouble is None and measured.crc == entry.CRC
    if whole and _is_markup(measured.head):
        with file.open(entry) as stream:
            data = stream.read(xml.LARGEST_DOCUMENT)
        if xml.overgrown_element_in(data):
            yield fatal("xml.attributes", xml.TOO_MANY_ATTRIBUTES, place, _REPACK)
        elif xml.nests_too_deeply(data):
            yield fatal("xml.nesting", xml.TOO_DEEP, place, _REPACK)
        else:
            drawings.add(entry.filename, data)
    if measured.declares and measured.trouble is None:
        with file.open(entry) as stream:
            harm = xml.harmful_entity_in(stream.read(xml.LARGEST_DOCUMENT + 1))
        if harm:
            yield fatal("xml.entity", harm, place, xml.ENTITY_REMEDY)


def _font_finding(head: bytes, place: str) -> Iterator[Finding]:
    """A WOFF font that says it unpacks too far: browsers set that aside before they unpack it."""
    unpacked = int.from_bytes(head[_FONT_SIZE], "big") if head.startswith(_PACKED_FONTS) else 0
    if unpacked > LARGEST_FONT:
        text = f"The font unpacks to {unpacked >> 20} MiB, by its header."
        yield fatal("container.bomb", text, place, "Embed only the letters that the book uses.")


def _is_markup(head: bytes) -> bool:
    """Whether an entry begins as XML does, whatever its encoding."""
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def _error(rule: str, message: str, place: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.ERROR, message=message, place=place, remedy=remedy)


def _printable(name: str) -> str:
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name
    )
