"""A file that was cut short, or is locked in a way of its own: said, never valid, never a crash."""

import io
from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.converting.to_pdf.clean_pdf import clean_pdf
from ebook_pipeline.books.formats import pdf
from ebook_pipeline.books.formats.pdf.lenient_reader import read_leniently
from ebook_pipeline.books.formats.pdf.metadata import read_metadata
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity, blocks
from tests.support.books.pdf_lines import FULL, below, typeset
from tests.support.corpus import case, needs_cases


def found(path: Path) -> dict[str, Finding]:
    findings, _ = pdf.inspect(path)
    return {finding.rule: finding for finding in findings}


@pytest.fixture
def book(tmp_path: Path) -> bytes:
    """Thirty pages, written so that the pages' own objects come before their content."""
    path = typeset(tmp_path / "whole.pdf", *[below(*[FULL] * 30) for _ in range(30)])
    written = io.BytesIO()
    with pikepdf.open(path) as opened:
        opened.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return written.getvalue()


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_book_cut_short_is_an_error_that_says_what_is_lost(
    tmp_path: Path, book: bytes, share: float
) -> None:
    path = tmp_path / "cut.pdf"
    path.write_bytes(book[: int(len(book) * share)])
    findings, _ = pdf.inspect(path)
    assert blocks(findings)
    assert {"pdf.pages-lost", "pdf.damaged"} & {finding.rule for finding in findings}


def test_a_book_that_lacks_its_last_bytes_alone_is_repaired(tmp_path: Path, book: bytes) -> None:
    path = tmp_path / "cut.pdf"
    path.write_bytes(book[: book.rindex(b"\nxref\n") + 30])
    findings, facts = pdf.inspect(path)
    assert not blocks(findings)
    assert "pdf.repaired" in found(path)
    assert facts.pages == facts.sample.with_text == 30


def test_an_empty_page_of_a_damaged_file_is_no_loss(tmp_path: Path) -> None:
    path = tmp_path / "blank.pdf"
    with pikepdf.new() as opened:
        opened.add_blank_page()
        opened.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"startxref")])
    assert "pdf.repaired" in found(path)
    assert "pdf.pages-lost" not in found(path)


@needs_cases
def test_the_page_that_a_cut_took_is_named() -> None:
    lost = found(case("102b-pdf-truncated.pdf"))["pdf.pages-lost"]
    assert (lost.severity, lost.place) == (Severity.ERROR, "page 2")
    assert "cut short" in lost.message


@needs_cases
@pytest.mark.parametrize("name", ["102-pdf-bad-xref.pdf", "102c-pdf-junk-before.pdf"])
def test_what_a_repair_makes_whole_is_no_error(name: str) -> None:
    findings, _ = pdf.inspect(case(name))
    assert not blocks(findings)


@needs_cases
def test_what_is_written_of_a_repaired_file_says_its_size(tmp_path: Path) -> None:
    clean_pdf(case("102b-pdf-truncated.pdf"), tmp_path / "out.pdf")
    assert b"/Size 7" in (tmp_path / "out.pdf").read_bytes()


def locked(path: Path, dictionary: bytes) -> Path:
    """A file that says it is encrypted so."""
    typeset(path, below(FULL))
    with pikepdf.open(path, allow_overwriting_input=True) as opened:
        opened.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    written = path.read_bytes()
    path.write_bytes(written.replace(b"trailer <<", b"trailer << /Encrypt " + dictionary))
    return path


@pytest.mark.parametrize(
    ("dictionary", "name"),
    [
        (b"<< /Filter /Foo.Bar /V 1 /R 2 >>", "“Foo.Bar”"),
        (b"<< /Filter /My#20Lock /V 4 >>", "“My Lock”"),
        (b"<< /Filter /Standard /V 9 /R 9 /O <00> /U <00> /P -4 >>", "a kind of password"),
    ],
)
def test_an_unknown_way_of_locking_is_protection(
    tmp_path: Path, dictionary: bytes, name: str
) -> None:
    path = locked(tmp_path / "locked.pdf", dictionary)
    finding = found(path)["protection.unknown"]
    assert f"protected with {name}" in finding.message
    assert finding.remedy
    for refused in (lambda: read_metadata(path), lambda: clean_pdf(path, tmp_path / "out.pdf")):
        with pytest.raises(BookError) as stopped:
            refused()
        assert stopped.value.finding.rule == "protection.unknown"


def test_a_certificate_is_named(tmp_path: Path) -> None:
    path = locked(tmp_path / "a.pdf", b"<< /Filter /Adobe.PubSec /V 4 /SubFilter /adbe.pkcs7.s5 >>")
    assert "certificates of its readers" in found(path)["protection.certificate"].message


def test_what_pypdf_asserts_of_a_damaged_file_is_no_crash(tmp_path: Path) -> None:
    path = typeset(tmp_path / "b.pdf", below(FULL))
    with pikepdf.open(path, allow_overwriting_input=True) as opened:
        opened.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert read_leniently(path, lambda reader: len(reader.pages))
    path.write_bytes(path.read_bytes().replace(b"/Type /ObjStm", b"/Type /ObjXtm"))
    assert read_leniently(path, lambda reader: len(reader.pages)) is None
