"""A PDF as one buyer's copy: an ex-libris page, a line under every page, marks in both.

The mark is the name of the line's font in each page's resources: it stays where pages are taken
out, joined or written anew. Lines are set in Helvetica, whose letters are those of Western Europe:
where a name has others, the line says the order alone.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.protecting.marking.token import TOKEN_BYTES, Buyer, token_of
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.secrets import Secret

if TYPE_CHECKING:
    import pikepdf

_FONT = "/Mk"
_MARK = re.compile(rf"{_FONT}([0-9a-f]{{{2 * TOKEN_BYTES}}})")
_SMALL, _LARGE, _MARGIN = 7, 16, 12
_A5 = (420, 595)


def mark_pdf(source: Path, target: Path, buyer: Buyer, secret: Secret) -> None:
    """Write the plain PDF `source` as this buyer's copy `target`.

    Raises `BookError` for what is no PDF that opens without a password.
    """
    token = token_of(buyer.hidden, secret).hex()
    with opened(source) as pdf:
        font = pdf.make_indirect(_helvetica())
        for page in pdf.pages:
            _underline(page, token, font, _line(buyer))
        _add_page(pdf, token, font, buyer)
        pdf.save(target, deterministic_id=True)


def tokens_in_pdf(source: Path) -> Counter[bytes]:
    """Every mark in the file and how often; raises `BookError` as `mark_pdf` does."""
    tokens: Counter[bytes] = Counter()
    with opened(source) as pdf:
        for page in pdf.pages:
            fonts = page.resources.get("/Font")
            names = [] if fonts is None else list(fonts.keys())
            marks = filter(None, map(_MARK.fullmatch, names))
            tokens.update(bytes.fromhex(mark[1]) for mark in marks)
    return tokens


@contextmanager
def opened(source: Path) -> Iterator["pikepdf.Pdf"]:
    """The PDF without a password; `BookError` where that, or anything of it, can't be."""
    import pikepdf

    try:
        with pikepdf.open(source) as pdf:
            yield pdf
    except pikepdf.PasswordError as error:
        raise BookError(
            "pdf.password", "The PDF needs a password: take the one without."
        ) from error
    except pikepdf.PdfError as error:
        raise BookError("pdf.damaged", f"The PDF can't be read: {error}") from error


def _helvetica() -> "pikepdf.Object":
    """A font that every reader has (ISO 32000-2 §9.6.2.2)."""
    import pikepdf

    return pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )


def _underline(page: "pikepdf.Page", token: str, font: "pikepdf.Object", line: bytes) -> None:
    """A line at the foot of the page as it is shown, in a state of its own."""
    import pikepdf

    left, bottom, *_ = (float(value) for value in page.cropbox)
    name = page.add_resource(font, pikepdf.Name.Font, name=pikepdf.Name(f"{_FONT}{token}"))
    text = _text(str(name), _SMALL, left + _MARGIN, bottom + _MARGIN, line)
    page.contents_add(b"q", prepend=True)
    page.contents_add(b"Q\nq\n" + text + b"\nQ")


def _add_page(pdf: "pikepdf.Pdf", token: str, font: "pikepdf.Object", buyer: Buyer) -> None:
    """The ex-libris page, behind the first."""
    import pikepdf

    width, height = _size(pdf)
    pdf.add_blank_page(page_size=(width, height))
    page = pdf.pages[-1]
    del pdf.pages[-1]
    name = str(page.add_resource(font, pikepdf.Name.Font, name=pikepdf.Name(f"{_FONT}{token}")))
    title = _text(name, _LARGE, width / 2 - 40, height * 2 / 3, b"Ex libris")
    line = _text(name, _SMALL, _MARGIN * 2, height / 2, _line(buyer))
    page.contents_add(title + b"\n" + line)
    pdf.pages.insert(1, page)


def _size(pdf: "pikepdf.Pdf") -> tuple[float, float]:
    if not len(pdf.pages):
        return _A5
    left, bottom, right, top = (float(value) for value in pdf.pages[0].cropbox)
    return max(right - left, 3.0), max(top - bottom, 3.0)


def _text(font: str, size: float, x: float, y: float, line: bytes) -> bytes:
    """ISO 32000-2 §9.4; the string in hex, so that nothing in it is syntax."""
    start = f"BT {font} {size} Tf 0.3 g 1 0 0 1 {x:.2f} {y:.2f} Tm <".encode("ascii")
    return start + line.hex().encode() + b"> Tj ET"


def _line(buyer: Buyer) -> bytes:
    try:
        return buyer.said.encode("cp1252")
    except UnicodeEncodeError:
        return Buyer(order=buyer.order).said.encode("cp1252", "replace")
