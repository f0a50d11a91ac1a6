"""What others say of our PDFs: qpdf (through pikepdf), and Ghostscript's `ink_cov` where it is.

Ghostscript is AGPL and no part of the project: it judges in tests alone, and is skipped elsewhere.
"""

import io
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.picture_books.book_maker import make_book
from ebook_pipeline.books.picture_books.brief import Brief
from ebook_pipeline.books.producing import print_package
from ebook_pipeline.books.producing.inks import INK_LIMIT

_PAGE = re.compile(r"^" + r"\s*([\d.]+)\s+" * 4 + r"CMYK OK$", re.MULTILINE)
GHOSTSCRIPT = shutil.which("gs")


@cache
def files() -> dict[str, bytes]:
    made = print_package.make_files(make_book(Brief(seed=6, pages=24)))
    return {name: data for name, data in made.items() if name.endswith(".pdf")}


@pytest.mark.prove
def test_qpdf_finds_no_fault_in_any_pdf_of_a_package() -> None:
    assert len(files()) == 5
    for name, data in files().items():
        with pikepdf.open(io.BytesIO(data)) as opened:
            assert opened.check_pdf_syntax() == [], name


@pytest.mark.prove
@pytest.mark.skipif(GHOSTSCRIPT is None, reason="no Ghostscript: apt install ghostscript")
def test_ghostscript_sees_no_more_ink_than_we_promise(tmp_path: Path) -> None:
    """`ink_cov` tells each ink's per cent of a whole page, so no page has more than a place may.

    Black editions have no colour at all.
    """
    assert GHOSTSCRIPT is not None
    for name, data in files().items():
        path = tmp_path / name.replace("/", "-")
        path.write_bytes(data)
        said = subprocess.run(
            [GHOSTSCRIPT, "-q", "-o", "-", "-sDEVICE=ink_cov", str(path)],
            capture_output=True, text=True, check=True, timeout=300,
        ).stdout  # fmt: skip
        pages = [[float(ink) for ink in page] for page in _PAGE.findall(said)]
        with pikepdf.open(path) as opened:
            assert len(pages) == len(opened.pages)
        assert 0 < max(map(sum, pages)) <= INK_LIMIT, name
        if name.startswith(("workbook", "colouring/interior")):
            assert all(page[:3] == [0, 0, 0] for page in pages), name
