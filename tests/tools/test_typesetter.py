"""What pandoc leaves behind is mended before typst sees it."""

from ebook_pipeline.tools.typesetter import without_dangling_links


def test_a_link_whose_label_is_missing_becomes_plain_text() -> None:
    text = '= One <one>\n#link(<one>)[back] #link(<gone>)[away] #link("https://x.example")[out]'
    mended = '= One <one>\n#link(<one>)[back] #[away] #link("https://x.example")[out]'
    assert without_dangling_links(text) == (mended, 1)
    assert without_dangling_links(mended) == (mended, 0)
