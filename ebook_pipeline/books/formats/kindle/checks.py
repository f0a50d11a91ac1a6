"""A Kindle file against what its own tables say: damage, protection, what conversion will lose."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from ebook_pipeline.books.formats.kindle import book as books
from ebook_pipeline.books.formats.kindle.book import KindleBook, KindleFile
from ebook_pipeline.books.formats.kindle.code_pages import code_page_label
from ebook_pipeline.books.formats.kindle.contents import contents
from ebook_pipeline.books.formats.kindle.encodings import UTF8
from ebook_pipeline.books.formats.kindle.exth import Exth
from ebook_pipeline.books.formats.kindle.header import ABSENT, COMPRESSIONS
from ebook_pipeline.books.formats.kindle.kf8 import assemble
from ebook_pipeline.books.formats.kindle.palm_database import damaged
from ebook_pipeline.books.formats.kindle.resources import FONT_TYPES, IMAGE_TYPES, Resource
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

_REPLICA = b"%MOP"
_DICTIONARY = "The book is a dictionary: its entries stay, its index of words is lost."


@dataclass(frozen=True)
class MobiFacts:
    """What a Kindle file is; `version` is its first part's: 6, 8 (KF8), 0 for PalmDOC."""

    name: str = ""
    title: str = ""
    records: int = 0
    version: int = 0
    compression: str = ""
    codepage: int = 0
    text_length: int = 0
    text_records: int = 0
    encryption: int = 0
    hybrid: bool = False
    dictionary: bool = False
    has_cover: bool = False
    images: int = 0
    fonts: int = 0
    obfuscated_fonts: int = 0
    contents: int = 0
    fixed_layout: bool = False
    exth: Exth = field(default_factory=Exth)

    @property
    def encrypted(self) -> bool:
        return self.encryption != 0

    def as_facts(self) -> dict[str, bool | int | float | str]:
        """What a report shows, by names that a person understands."""
        shown: dict[str, bool | int | float | str] = {
            "kindle_version": self.version,
            "records": self.records,
            "compression": self.compression,
            "codepage": self.codepage,
            "text_bytes": self.text_length,
            "hybrid": self.hybrid,
            "dictionary": self.dictionary,
            "fixed_layout": self.fixed_layout,
            "cover": self.has_cover,
            "images": self.images,
            "fonts": self.fonts,
            "contents_entries": self.contents,
        }
        named = (("asin", "asin"), ("kindle_type", "cdetype"), ("isbn", "isbn"))
        identifiers = ((key, self.exth.first(name)) for key, name in named)
        return shown | {key: text for key, text in identifiers if text}


def inspect(path: Path) -> tuple[tuple[Finding, ...], MobiFacts]:
    """Whether the book is whole and readable, and what it is; never raises for a bad file."""
    facts = MobiFacts()
    try:
        with books.opened(path) as file:
            facts = _facts(file)
            findings = tuple(_findings(file, facts))
            return findings, _counted(file, facts) if not facts.encrypted else facts
    except BookError as error:
        return (error.finding,), facts


def read_exth(path: Path) -> Exth:
    """What the book at `path` says of itself. Raises BookError (``mobi.…``)."""
    with books.opened(path) as file:
        return file.best.exth


def _facts(file: KindleFile) -> MobiFacts:
    first = file.mobipocket or file.best
    head, exth = first.header, file.best.exth
    return MobiFacts(
        name=file.database.name,
        title=file.best.title,
        records=len(file.database),
        version=head.version,
        compression=COMPRESSIONS.get(head.compression, str(head.compression)),
        codepage=head.codepage,
        text_length=head.text_length,
        text_records=head.text_records,
        encryption=head.encryption or file.best.header.encryption,
        hybrid=file.is_hybrid,
        dictionary=head.orth_index != ABSENT,
        has_cover=_says_cover(exth),
        fixed_layout=exth.first("fixed_layout").lower() == "true",
        exth=exth,
    )


def _says_cover(exth: Exth) -> bool:
    return exth.number("cover_offset") is not None or bool(exth.first("cover_uri"))


def _counted(file: KindleFile, facts: MobiFacts) -> MobiFacts:
    resources = file.resources()
    fonts = [resource for resource in resources if resource.media_type.startswith(FONT_TYPES)]
    images = [resource for resource in resources if resource.media_type.startswith(IMAGE_TYPES)]
    return replace(
        facts,
        images=len(images),
        fonts=len(fonts),
        obfuscated_fonts=sum(font.obfuscated for font in fonts),
        contents=_entries(file.best),
    )


def _entries(book: KindleBook) -> int:
    try:
        return len(contents(book))
    except BookError:
        return 0  # a finding says so


def _findings(file: KindleFile, facts: MobiFacts) -> Iterator[Finding]:
    for part in (file.mobipocket, file.kf8):
        if part is not None:
            books.refuse_protected(part.header)
            _check_text(part)
            yield from _encoding(part)
    if facts.exth.number("kf8_boundary") is not None and not file.is_hybrid and file.kf8 is None:
        yield _warning(
            "mobi.kf8-missing",
            "The book says that it has a part for new readers (KF8), which is not there.",
            "Export the book again; what it has for old readers is used.",
        )
    yield from _parts(file)
    yield from _cover(file, facts)
    if facts.dictionary:
        yield _warning("mobi.dictionary", _DICTIONARY, "Submit it as an EPUB dictionary.")


def _check_text(part: KindleBook) -> None:
    """All of the text can be read, and is as long as the header says."""
    if part.header.text_records >= len(part.database) - part.base:
        raise damaged("it lacks records of its text")
    text = part.text()
    if text.startswith(_REPLICA):
        raise BookError(
            "mobi.print-replica",
            "The book is a Print Replica: a PDF in a Kindle wrapping.",
            remedy="Submit the PDF from which it was made.",
        )
    expected = part.header.text_length
    if len(text) < expected:
        raise damaged(f"its text has {len(text)} bytes of {expected}")


def _encoding(part: KindleBook) -> Iterator[Finding]:
    """The header's word on the encoding, where it says nothing or the text says otherwise."""
    encoding, label = part.encoding, code_page_label(part.encoding.name)
    if part.header.version and encoding.name != encoding.stated:
        stated = code_page_label(encoding.stated) or f"code page {part.header.codepage}"
        yield Finding(
            rule="mobi.codepage",
            severity=Severity.INFO if encoding.name == UTF8 else Severity.WARNING,
            message=f"The text reads as {label} and is taken for it; its header says {stated}.",
            remedy="Export the book again with the encoding UTF-8, and look at its letters.",
        )
    wrong = part.text().decode(encoding.name, "replace").count("\ufffd")
    if wrong:
        yield _warning(
            "mobi.undecodable",
            f"{wrong} characters of the text can not be read as {label}.",
            "Export the book again with the encoding UTF-8.",
        )


def _parts(file: KindleFile) -> Iterator[Finding]:
    """The indices of contents and of KF8's documents can be read."""
    if file.kf8 is not None and not assemble(file.kf8).documents:
        raise damaged("its KF8 part has no document")
    try:
        contents(file.best)
    except BookError as error:
        yield _warning(
            "mobi.contents",
            f"The table of contents can not be read. {error.finding.message}",
            "Export the book again, or name its headings: contents are made from these.",
        )


def _cover(file: KindleFile, facts: MobiFacts) -> Iterator[Finding]:
    if facts.has_cover and cover_resource(file, file.resources()) is None:
        yield _warning(
            "mobi.cover-missing",
            "The book names a cover that is not in the file.",
            "Export the book again with its cover.",
        )


def cover_resource(file: KindleFile, resources: tuple[Resource, ...]) -> Resource | None:
    """The picture that the book says is its cover."""
    offset = file.best.exth.number("cover_offset")
    if offset is None and file.mobipocket is not None:
        offset = file.mobipocket.exth.number("cover_offset")
    if offset is None:
        return None
    named = (resource for resource in resources if resource.number == offset + 1)
    return next((image for image in named if image.media_type.startswith(IMAGE_TYPES)), None)


def _warning(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message=message, remedy=remedy)
