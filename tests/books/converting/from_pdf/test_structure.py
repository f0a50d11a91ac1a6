"""A tagged PDF → EPUB: its structure tree says what is what, where it can be trusted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.support.books.pdf_lines import Set, markup, prose, typeset


@pytest.fixture
def book(tmp_path: Path) -> Callable[[Path], str]:
    """What a PDF becomes: its documents' markup."""

    def made(pdf: Path) -> str:
        return markup(pdf, tmp_path / "made.epub")

    return made


def tagged(tmp_path: Path, kinds: Any, pages: Any) -> Path:
    """A PDF whose pieces of marked content are elements of these kinds."""
    path = typeset(tmp_path / "plain.pdf", *pages)
    with pikepdf.open(path) as pdf:
        root = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
        kids = [
            pdf.make_indirect(
                pikepdf.Dictionary(
                    S=pikepdf.Name(f"/{kind}"),
                    P=root,
                    K=pikepdf.Array(
                        [
                            pikepdf.Dictionary(
                                Type=pikepdf.Name.MCR, Pg=pdf.pages[page].obj, MCID=mark
                            )
                            for page, mark in refs
                        ]
                    ),
                )
            )
            for kind, refs in kinds
        ]
        root.K = pikepdf.Array(kids)
        pdf.Root.StructTreeRoot = root
        pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
        pdf.save(tmp_path / "tagged.pdf")
    return tmp_path / "tagged.pdf"


def test_the_documents_own_tags_say_what_is_what(
    tmp_path: Path, book: Callable[[Path], str]
) -> None:
    first = [Set("Not larger", tag=0), Set("A short line.", y=480, tag=1), Set("7", 200, 30)]
    second = [Set("Still the same paragraph.", y=540, tag=0)]
    pdf = tagged(tmp_path, [("H2", [(0, 0)]), ("P", [(0, 1), (1, 0)])], [first, second])
    assert (
        book(pdf) == '<h2 id="at-1">Not larger</h2>\n<p>A short line. Still the same paragraph.</p>'
    )


def test_tags_that_leave_out_text_are_not_followed(
    tmp_path: Path, book: Callable[[Path], str]
) -> None:
    page = [Set("Tagged.", tag=0), *prose(4, 400)]
    text = book(tagged(tmp_path, [("P", [(0, 0)])], [page]))
    assert text.count("<p") == 5


def test_a_loop_of_tags_ends(tmp_path: Path, book: Callable[[Path], str]) -> None:
    pdf = tagged(tmp_path, [("P", [(0, 0)])], [[Set("A sentence of a few words.", tag=0)]])
    with pikepdf.open(pdf, allow_overwriting_input=True) as opened:
        element = opened.Root.StructTreeRoot.K[0]
        element.K.append(element)
        opened.save(pdf)
    assert "A sentence of a few words." in book(pdf)
