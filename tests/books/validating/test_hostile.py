"""What each hostile file of the corpus must not achieve, beyond being refused or accepted."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.converting.excerpt.epub import write_excerpt
from ebook_pipeline.books.converting.to_pdf.clean_pdf import clean_pdf
from ebook_pipeline.books.describing.metadata_document.stated import stated_facts
from ebook_pipeline.books.formats import pdf
from ebook_pipeline.books.formats.epub import ocf
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.validating import validation
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.sandbox import Limits
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support.books.epub import METADATA, epub, package
from tests.support.corpus import case, named, needs_cases, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

needs_browser = pytest.mark.skipif(not Browser().available, reason="no Chromium or Chrome here")
ACCEPTED = frozenset(BookFormat) - {BookFormat.UNKNOWN}


class Told:
    """Stands for EPUBCheck where our own checks must see the matter."""

    version = "told 1"

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        return ()


@pytest.fixture
def tools() -> conversion.ConversionTools:
    return conversion.ConversionTools(Browser(), Typesetter())


def rules(name: str) -> set[str]:
    report = validation.validate(named(f"hostile/{name}"), name, "default", Told(), ACCEPTED)
    return {finding.rule for finding in report.findings}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("zip-bomb.epub", "container.bomb"),
        ("zip-slip.epub", "container.path-escape"),
        ("duplicate-entries.epub", "container.duplicate"),
        ("symlink-entry.epub", "container.symlink"),
        ("crc-mismatch.epub", "container.crc"),
        ("drm-adept.epub", "protection.adobe-adept"),
        ("macro-named.docx", "manuscript.macros"),
        ("javascript-openaction.pdf", "pdf.javascript"),
        ("truncated.mobi", "mobi.damaged"),
        ("record-offsets.mobi", "mobi.damaged"),
    ],
)
def test_it_is_named_for_what_it_is(name: str, rule: str) -> None:
    assert rule in rules(name)


@needs_cases
@pytest.mark.parametrize("name", ["bombq.pdf", "expform.pdf"])
def test_a_pdf_that_kills_its_checker_is_refused(name: str) -> None:
    report = validation.validate(case(f"hostile/{name}"), name, "default", Told(), ACCEPTED)
    assert "pdf.unsafe" in {finding.rule for finding in report.findings}
    assert validation.verdict(report) is validation.FileVerdict.REFUSED


@needs_cases
@pytest.mark.parametrize("name", ["bombq.pdf", "expform.pdf"])
def test_nor_is_such_a_pdf_described_or_judged(name: str) -> None:
    findings, _ = pdf.inspect(case(f"hostile/{name}"))
    with pytest.raises(BookError) as caught:
        pdf.refuse_unsafe(findings)
    assert caught.value.finding.rule == pdf.UNSAFE
    with pytest.raises(BookError, match="could not be checked"):
        stated_facts(case(f"hostile/{name}"), BookFormat.PDF)


@needs_cases
def test_a_page_of_a_hundred_million_signs_is_parsed_in_little_memory() -> None:
    within = Limits(seconds=60, megabytes=450)
    findings, _ = sandbox.call(pdf._syntax, case("hostile/bombq.pdf"), limits=within)
    assert findings == []


@needs_cases
@pytest.mark.parametrize("name", ["texturl.epub", "cssredos.epub", "cssdigits.epub"])
def test_a_style_sheet_that_was_written_to_cost_time_costs_none(name: str, tmp_path: Path) -> None:
    limits = Limits(seconds=10, megabytes=600)
    refused = sandbox.call(_excerpt, case(f"hostile/{name}"), tmp_path / "a.epub", limits=limits)
    assert refused != (tmp_path / "a.epub").is_file()


def _excerpt(source: Path, target: Path) -> bool:
    """Whether it was refused."""
    try:
        write_excerpt(source, target)
    except BookError:
        return True
    return False


def test_the_zip_bomb_is_refused_in_little_memory() -> None:
    within = Limits(seconds=60, megabytes=450)
    container = sandbox.call(ocf.inspect, named("hostile/zip-bomb.epub"), limits=within)
    assert not container.may_be_opened


@pytest.mark.prove
def test_five_thousand_pages_are_counted() -> None:
    book = named("hostile/5000-pages.pdf")
    assert validation.validate(book, "a.pdf", "default", Told()).pages == 5000


def test_a_script_that_opens_with_the_pdf_is_not_in_the_one_that_is_read(tmp_path: Path) -> None:
    sandbox.call(clean_pdf, named("hostile/javascript-openaction.pdf"), tmp_path / "clean.pdf")
    with pikepdf.open(tmp_path / "clean.pdf") as document:
        assert "/OpenAction" not in document.Root
        assert "/JavaScript" not in document.Root.get("/Names", {})


def test_metadata_that_would_inject_is_kept_word_for_word(
    tmp_path: Path, tools: conversion.ConversionTools
) -> None:
    book = named("hostile/metadata-injection.epub")
    made = conversion.make_epub(book, BookFormat.EPUB, Claims(), tools, tmp_path)
    before, after = read_package(book), read_package(made.path)
    assert "<script" in before.title
    assert after.title == before.title
    assert [one.name for one in after.creators] == [one.name for one in before.creators]


@pytest.mark.parametrize(
    ("name", "form"), [("xxe.docx", BookFormat.DOCX), ("xxe-opf.epub", BookFormat.EPUB)]
)
def test_a_local_file_never_comes_into_the_book(
    tmp_path: Path, tools: conversion.ConversionTools, name: str, form: BookFormat
) -> None:
    with pytest.raises(BookError, match=r"[Ee]ntit"):
        conversion.make_epub(named(f"hostile/{name}"), form, Claims(), tools, tmp_path)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"root:" in path.read_bytes() for path in left)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@needs_browser
@pytest.mark.browser
def test_a_book_that_would_call_home_is_printed_without_a_call(
    tmp_path: Path, tools: conversion.ConversionTools, listener: socket.socket
) -> None:
    home = f"http://127.0.0.1:{listener.getsockname()[1]}"
    body = (
        f'<p>Once.</p><img src="{home}/a.png" alt=""/><iframe src="{home}/b"></iframe>'
        f'<script>fetch("{home}/c"); new Image().src = "{home}/d"</script>'
        f'<link rel="stylesheet" href="{home}/e.css"/><p style="background: url({home}/f)">x</p>'
    )
    book = epub(
        tmp_path / "a.epub", {"EPUB/one.xhtml": body, "EPUB/package.opf": package(METADATA)}
    )
    (tmp_path / "made").mkdir()
    made = conversion.make_pdf(book, BookFormat.EPUB, Claims(), tools, tmp_path / "made")
    assert made.pages
    with pytest.raises(BlockingIOError):
        listener.accept()
