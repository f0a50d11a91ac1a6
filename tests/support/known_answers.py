"""What is right for a file of a field's fault, and a judge who says what is not so.

An answer is a table of `tests/known_answers/cases.toml`; `Answer` says what its keys mean. The
judge looks at what was made (the EPUB's text, order, links, pictures, metadata; check's verdict),
by the product's own parts with tools that all files share.
"""

import re
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from lxml import etree

from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.books.formats.epub.content import spine_documents, write_plain_text
from ebook_pipeline.books.formats.epub.navigation import toc
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging.assessor import AssessmentInput, QualityAssessor
from ebook_pipeline.books.records import BookFormat, Claims, Product, ValidationReport
from ebook_pipeline.books.records.converted_book import TITLE_GUESSED
from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.validating import validation
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.identifiers import book_id
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.book_tools import conversion_tools, quality_assessor
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools import sandbox
from tests.support import in_process
from tests.support.paths import PROJECT

CASES = PROJECT / "tests" / "known_answers" / "cases.toml"
_LOSS = re.compile(r"convert\.(text-.*|.*-lost|dead-link)")


@dataclass(frozen=True)
class Answer:
    """What is right; a field that is None is not looked at."""

    check: str | tuple[str, ...] = "valid"
    """The verdict of `ebooks check`, or those that are right; its findings have `rules`."""
    rules: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    remedies: bool = False
    """Whether every finding of `rules` says what to do."""
    convert: bool = True
    """Whether it is looked at what becomes of the file."""
    made: bool = True
    """Whether an EPUB can be made of it at all."""
    epubcheck: tuple[str, ...] = ()
    """Rules of EPUBCheck, warnings and worse, that the EPUB may break because its source does."""
    said: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    """Rules of findings that the conversion says, and does not say."""
    title: str | None = None
    subtitle: str | None = None
    authors: tuple[str, ...] | None = None
    roles: tuple[str, ...] = ()
    """``name: MARC code`` of contributors."""
    series: tuple[str, ...] | None = None
    """``name position`` of each."""
    language: str | None = None
    published: str | tuple[str, ...] | None = None
    """The date, or dates of which one is right; the empty one is none."""
    publisher: str | None = None
    description: str | None = None
    isbn: tuple[str, ...] | None = None
    onix: tuple[str, ...] = ()
    onix_once: str = ""
    """What the ONIX message has, and what it has exactly once."""
    package: tuple[str, ...] = ()
    """What stands in the EPUB's package document."""
    files: tuple[str, ...] = ()
    cover: str = ""
    """How the name of the cover's picture ends."""
    contents: tuple[str, ...] | None = None
    """The lines of the contents, ``level title``."""
    text: tuple[str, ...] = ()
    """What the documents say, in this order, however their markup and spaces lie."""
    once: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    pictures: tuple[str, ...] | None = None
    """The alternative texts of all pictures, in their order."""
    links: tuple[str, ...] = ()
    """``words: target``; of a place in the book only the fragment."""
    notes: int | None = None
    elements: dict[str, int] = field(default_factory=dict)
    """How often an element, by an XPath without namespaces, stands in the documents."""
    markup: tuple[str, ...] = ()
    direction: str = ""
    """How pages progress; the default is not written."""
    printed_pages: int | None = None
    quality: str = ""
    alarms: tuple[str, ...] | None = None
    """The rules of all warnings and worse that the judgement of quality finds."""
    quick: bool = False
    """Whether it is looked at in every run of the tests, not only with the long proofs."""
    slow: bool = False
    """Whether only thorough proofs look at it: EPUBCheck needs minutes."""


def answers(path: Path = CASES) -> dict[str, Answer]:
    """The answers by their files' names."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: answer_of(table) for name, table in tables.items()}


def answer_of(table: dict[str, Any]) -> Answer:
    """The answer that a table of TOML says."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    return Answer(**values)


@dataclass(frozen=True)
class MadeBook:
    """An EPUB that was made, what was said of it, and what can be read in it."""

    path: Path
    plain_text: Path
    product: Product
    findings: tuple[Finding, ...]

    @cached_property
    def trees(self) -> list[Any]:
        documents = spine_documents(self.path, read_package(self.path))
        return [etree.fromstring(document.data) for document in documents]

    @cached_property
    def bodies(self) -> list[Any]:
        """The bodies of the documents, without namespaces, in the order of the spine."""
        found = []
        for tree in self.trees:
            for element in tree.iter(etree.Element):
                element.tag = etree.QName(element).localname
            body = tree.find("body")
            found.append(tree if body is None else body)
        return found

    @cached_property
    def text(self) -> str:
        """All words, with one space where markup or spaces part them."""
        return " ".join(" ".join(_words(body)) for body in self.bodies)

    @cached_property
    def package(self) -> str:
        with ZipFile(self.path) as book:
            return book.read(read_package(self.path).path).decode()

    @cached_property
    def names(self) -> list[str]:
        with ZipFile(self.path) as book:
            return book.namelist()

    @cached_property
    def contents(self) -> tuple[str, ...]:
        entries = toc(self.path, read_package(self.path))
        return tuple(f"{entry.level} {entry.title}" for entry in entries)


_IN_LINE = """
a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q rb rp rt ruby s samp small span
strong sub sup tt u var wbr
"""
"""Elements that part no words."""


def _words(body: Any) -> list[str]:
    """The words; only what is no part of a sentence's line parts them."""
    pieces: list[str] = []

    def walk(element: Any) -> None:
        if not isinstance(element.tag, str) or element.tag in ("annotation", "rp"):
            return
        apart = element.tag not in _IN_LINE.split()
        pieces.append(" " if apart else "")
        pieces.append(element.text or "")
        for child in element:
            walk(child)
            pieces.append(child.tail or "")
        pieces.append(" " if apart else "")

    walk(body)
    return "".join(pieces).split()


class Judge:
    """Looks at files with tools that all of them share."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._tools = conversion_tools(resources)

    @cached_property
    def _editor(self) -> QualityAssessor:
        return quality_assessor(self._resources)

    def faults(self, path: Path, answer: Answer) -> list[str]:
        """What is not as it should be with the file, each in a line; none where all is right."""
        report = validation.validate(path, path.name, "default", self._resources.epubcheck)
        faults = list(_of_check(report, answer))
        if not answer.convert:
            return faults
        with tempfile.TemporaryDirectory() as folder:
            try:
                book = self._made(path, report.format, Path(folder))
            except BookError as error:
                return faults + [f"not made: {error}"] * answer.made
            if not answer.made:
                return [*faults, "made, and should be refused"]
            faults += _of_book(book, answer)
            faults += _of_product(book, answer)
            faults += self._of_epubcheck(book, answer)
            faults += self._of_quality(book, answer)
            if answer.printed_pages is not None:
                faults += self._of_pages(path, report.format, answer.printed_pages, Path(folder))
        return faults

    def _made(self, path: Path, form: BookFormat, folder: Path) -> MadeBook:
        """The EPUB that the file becomes, and the file as described: an EPUB as it is."""
        made = conversion.make_epub(path, form, Claims(), self._tools, folder)
        epub, text = path if form is BookFormat.EPUB else made.path, folder / "text.txt"
        sandbox.call(write_plain_text, epub, text)
        guessed = any(finding.rule == TITLE_GUESSED for finding in made.findings)
        sources = DescriptionSources(epub, text, Claims(), path, form, guessed=guessed)
        return MadeBook(made.path, text, sandbox.call(describe, sources), made.findings)

    def _of_epubcheck(self, book: MadeBook, answer: Answer) -> Iterator[str]:
        for finding in self._resources.epubcheck.check(book.path):
            if finding.severity >= Severity.WARNING and finding.rule not in answer.epubcheck:
                yield f"EPUBCheck: {finding.rule} at {finding.place}: {finding.message}"

    def _of_quality(self, book: MadeBook, answer: Answer) -> Iterator[str]:
        if not answer.quality and answer.alarms is None:
            return
        report = self._editor.assess(AssessmentInput(book.path, book.plain_text, book.product, ()))
        if answer.quality:
            yield from _differ("quality", report.verdict.value, answer.quality)
        if answer.alarms is not None:
            alarms = {one.rule for one in report.findings if one.severity >= Severity.WARNING}
            yield from _differ("alarms", sorted(alarms), sorted(answer.alarms))

    def _of_pages(self, path: Path, form: BookFormat, pages: int, folder: Path) -> Iterator[str]:
        target = folder / "pdf"
        target.mkdir()
        made = conversion.make_pdf(path, form, Claims(), self._tools, target)
        yield from _differ("printed pages", made.pages, pages)


def _differ(name: str, value: object, right: object) -> Iterator[str]:
    if value != right:
        yield f"{name}: {value!r}, right is {right!r}"


def _several(right: str | tuple[str, ...]) -> tuple[str, ...]:
    return right if isinstance(right, tuple) else (right,)


def _of_check(report: ValidationReport, answer: Answer) -> Iterator[str]:
    verdict = validation.verdict(report).value
    if verdict not in _several(answer.check):
        yield f"verdict: {verdict}, right is {answer.check}"
    for rule in answer.rules:
        found = [finding for finding in report.findings if finding.rule == rule]
        if not found:
            yield f"check does not say {rule}"
        if answer.remedies and not all(finding.remedy for finding in found):
            yield f"{rule} has no remedy"
    told = "\n".join(f"{finding.place} {finding.message}" for finding in report.findings)
    yield from (f"check does not name {words!r}" for words in answer.messages if words not in told)


def _of_book(book: MadeBook, answer: Answer) -> Iterator[str]:
    rules = {finding.rule for finding in book.findings}
    yield from (f"conversion does not say {rule}" for rule in answer.said if rule not in rules)
    yield from (f"conversion says {rule}" for rule in answer.unsaid if rule in rules)
    for finding in book.findings:
        if _LOSS.fullmatch(finding.rule) and finding.rule not in answer.said:
            yield f"{finding.rule}: {finding.message}"
    yield from _of_text(book.text, answer)
    yield from _of_markup(book, answer)
    for name, words in (("package", answer.package), ("files", answer.files)):
        where = book.package if name == "package" else book.names
        yield from (f"{name} without {one!r}" for one in words if one not in where)
    if answer.cover:
        cover = read_package(book.path).cover
        yield from _differ(
            "cover", str(cover.path if cover else None)[-len(answer.cover) :], answer.cover
        )
    if answer.contents is not None:
        yield from _differ("contents", book.contents, answer.contents)
    turned = 'page-progression-direction="rtl"' in book.package
    yield from _differ("right to left", turned, answer.direction == "rtl")


def _of_text(text: str, answer: Answer) -> Iterator[str]:
    place = 0
    for words in answer.text:
        found = text.find(_spaced(words), place)
        if found < 0:
            why = "out of order" if _spaced(words) in text else "lost"
            yield f"{why}: {words!r}"
        else:
            place = found
    for words in answer.once:
        yield from _differ(f"times {words!r}", text.count(words), 1)
    yield from (f"is there: {words!r}" for words in answer.absent if words in text)


def _spaced(words: str) -> str:
    return " ".join(words.split())


def _of_markup(book: MadeBook, answer: Answer) -> Iterator[str]:
    for path, count in answer.elements.items():
        found = sum(len(body.xpath(f"descendant-or-self::{path}")) for body in book.bodies)
        yield from _differ(path, found, count)
    source = "".join(etree.tostring(body, encoding="unicode") for body in book.bodies)
    yield from (f"no markup {words!r}" for words in answer.markup if words not in source)
    if answer.pictures is not None:
        alts = tuple(img.get("alt") for body in book.bodies for img in body.iter("img"))
        yield from _differ("pictures", alts, answer.pictures)
    if answer.notes is not None:
        marks = sum(len(body.xpath(".//a[@role='doc-noteref']")) for body in book.bodies)
        yield from _differ("notes", marks, answer.notes)
    links = [_link(link) for body in book.bodies for link in body.iter("a") if link.get("href")]
    yield from (f"no link {link!r} in {links}" for link in answer.links if link not in links)


def _link(link: Any) -> str:
    target = link.get("href")
    if ":" not in target:
        target = f"#{target.partition('#')[2]}"
    return f"{' '.join(''.join(link.itertext()).split())}: {target}"


def _of_product(book: MadeBook, answer: Answer) -> Iterator[str]:
    product = book.product
    values = {
        "title": product.title,
        "subtitle": product.subtitle,
        "authors": tuple(creator.name for creator in product.creators),
        "series": tuple(" ".join(filter(None, (one.name, one.position))) for one in product.series),
        "language": product.languages[0] if product.languages else None,
        "publisher": product.publishers[0] if product.publishers else None,
        "isbn": tuple(dict.fromkeys(one.isbn13 for one in product.identifiers if one.isbn13)),
        "description": " ".join((product.description or "").split()),
    }
    for name, value in values.items():
        right = getattr(answer, name)
        if right is not None:
            yield from _differ(name, value, right)
    if answer.published is not None:
        published = str(product.published or "")
        if published not in _several(answer.published):
            yield f"published: {published!r}, right is {answer.published}"
    people = [*product.creators, *product.contributors]
    roles = [f"{person.name}: {role}" for person in people for role in person.roles]
    yield from (f"no role {role!r} in {roles}" for role in answer.roles if role not in roles)
    if answer.onix or answer.onix_once:
        yield from _of_onix(product, answer)


def _of_onix(product: Product, answer: Answer) -> Iterator[str]:
    stream = BytesIO()
    listing = onix.Listing(book_id("case.epub"), product)
    onix.write(stream, [listing], onix.OnixSender("cases"), datetime.now(UTC))
    message = stream.getvalue().decode()
    yield from (f"ONIX without {words!r}" for words in answer.onix if words not in message)
    if answer.onix_once:
        yield from _differ(f"in ONIX, {answer.onix_once}", message.count(answer.onix_once), 1)


@contextmanager
def judging() -> Iterator[Judge]:
    """A judge with the tools of this process."""
    with in_process.shared_tools():
        resources = Resources(Settings())
        try:
            yield Judge(resources)
        finally:
            resources.close()
