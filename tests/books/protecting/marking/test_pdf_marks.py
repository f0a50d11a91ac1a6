"""Marked PDFs: what one reads in them, and the order that they lead back to."""

from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from ebook_pipeline.books.protecting.marking.pdf import mark_pdf, tokens_in_pdf
from ebook_pipeline.books.protecting.marking.token import Buyer, token_of, traced
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.secrets import Secret
from tests.support.books import pdf as pdfs

SECRET = Secret(bytes(range(32)))


def copy_of(tmp_path: Path, buyer: Buyer) -> Path:
    target = tmp_path / f"{buyer.order}.pdf"
    mark_pdf(pdfs.book(tmp_path / "plain.pdf", pages=3), target, buyer, SECRET)
    return target


def texts(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


def test_every_page_names_the_buyer(tmp_path: Path) -> None:
    said = "This copy was made for Zoë (& co) \\, order A-1."
    pages = texts(copy_of(tmp_path, Buyer(order="A-1", name="Zoë (& co) \\")))
    assert len(pages) == 4
    assert "Ex libris" in pages[1]
    assert all(said in page for page in pages)


def test_a_name_in_other_letters_leaves_the_order(tmp_path: Path) -> None:
    pages = texts(copy_of(tmp_path, Buyer(order="A-2", name="村上春樹")))
    assert all("This copy was made, order A-2." in page for page in pages)


def test_a_page_taken_out_still_leads_to_the_order(tmp_path: Path) -> None:
    one = tmp_path / "one.pdf"
    with pikepdf.open(copy_of(tmp_path, Buyer(order="A-1"))) as pdf, pikepdf.new() as other:
        other.pages.append(pdf.pages[2])
        other.save(one, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    (trace,) = traced(tokens_in_pdf(one), ["A-0", "A-1", "A-2"], SECRET)
    assert (trace.order, trace.marks) == ("A-1", 1)
    assert traced(tokens_in_pdf(one), ["A-1"], Secret(bytes(32))) == ()


def test_the_order_itself_is_not_in_the_mark(tmp_path: Path) -> None:
    assert set(tokens_in_pdf(copy_of(tmp_path, Buyer(order="A-1")))) == {token_of("A-1", SECRET)}


def test_what_is_no_pdf_is_the_books_fault(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"no pdf")
    with pytest.raises(BookError):
        mark_pdf(tmp_path / "x.pdf", tmp_path / "y.pdf", Buyer(order="A-1"), SECRET)
