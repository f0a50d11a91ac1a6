"""PDFs behind a password: what opens them, and with what they are locked."""

from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf.models import EncryptionMethod

from ebook_pipeline.books.protecting.pdf_password import LONGEST, lock_pdf
from ebook_pipeline.foundation.errors import BookError, Denied
from ebook_pipeline.foundation.secrets import Secret
from tests.support.books import pdf as pdfs

PASSWORD = "schöner Wal"


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    target = tmp_path / "locked.pdf"
    lock_pdf(pdfs.book(tmp_path / "plain.pdf", pages=2), target, Secret(PASSWORD.encode()))
    return target


def test_only_the_password_opens_it(locked: Path) -> None:
    with pikepdf.open(locked, password=PASSWORD) as pdf:
        assert len(pdf.pages) == 2
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert pdf.encryption.stream_method is EncryptionMethod.aesv3
        assert not pdf.allow.modify_other
        assert pdf.allow.accessibility
    for wrong in ("", "Schöner Wal"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(locked, password=wrong)


def test_pdfium_opens_it_too(locked: Path) -> None:
    with pypdfium2.PdfDocument(locked, password=PASSWORD) as pdf:
        assert len(pdf) == 2


def test_a_locked_pdf_is_not_locked_again(locked: Path, tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        lock_pdf(locked, tmp_path / "twice.pdf", Secret(b"x"))
    assert caught.value.finding.rule == "pdf.password"


@pytest.mark.parametrize("password", [b"", b"\xff", b"x" * (LONGEST + 1)])
def test_a_password_that_readers_would_cut_or_skip_is_refused(
    password: bytes, tmp_path: Path
) -> None:
    with pytest.raises(Denied, match="password"):
        lock_pdf(tmp_path / "plain.pdf", tmp_path / "locked.pdf", Secret(password))
