"""What pandoc leaves behind is mended before typst sees it."""

from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import LimitExceeded
from ebook_pipeline.tools import sandbox, typesetter
from ebook_pipeline.tools.typesetter import Typesetter, markdown_seconds, without_dangling_links
from tests.support.books.epub import epub


def test_a_link_whose_label_is_missing_becomes_plain_text() -> None:
    text = '= One <one>\n#link(<one>)[back] #link(<gone>)[away] #link("https://x.example")[out]'
    mended = '= One <one>\n#link(<one>)[back] #[away] #link("https://x.example")[out]'
    assert without_dangling_links(text) == (mended, 1)
    assert without_dangling_links(mended) == (mended, 0)


def test_links_to_labels_that_are_spelled_otherwise_and_to_nowhere_become_plain_text() -> None:
    text = '<a_b>\n#link(label("a#b"))[one] #link("")[two] #link("https://x.example")[three]'
    assert without_dangling_links(text) == (
        '<a_b>\n#[one] #[two] #link("https://x.example")[three]',
        2,
    )


@pytest.mark.parametrize("fragment", ["ä", "", "a#b", "a b", "a<b", "x" * 9000])
def test_no_fragment_costs_the_whole_book(tmp_path: Path, fragment: str) -> None:
    written = fragment.replace("<", "&lt;")
    body = f'<h1 id="{written}">A</h1><p><a href="#{written}">go</a> {"Once. " * 20}</p>'
    book = epub(tmp_path / "a.epub", {"EPUB/one.xhtml": f"{body}<pre>&lt;{written}&gt;</pre>"})
    Typesetter().print_pdf(book, tmp_path / "a.pdf", tmp_path / "work")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_markdown_of_brackets_that_nothing_closes_ends_after_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = tmp_path / "a.md"
    book.write_text("# One\n\n" + "[a](" * 500)
    assert 3 < markdown_seconds(book.stat().st_size) < 3.1
    assert markdown_seconds(120_000) < 6
    monkeypatch.setattr(typesetter, "markdown_seconds", lambda _: 1.0)
    monkeypatch.setattr(sandbox, "BUSY", 200)  # where 200 others use the machine, it takes as long
    with pytest.raises(LimitExceeded, match="within 1 seconds") as caught:
        Typesetter().read(book, "markdown", tmp_path)
    assert caught.value.finding.rule == "manuscript.brackets"
