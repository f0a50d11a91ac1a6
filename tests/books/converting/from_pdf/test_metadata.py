"""What the EPUB says of itself: claims before the PDF, the PDF before its text."""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest

from ebook_pipeline.books.converting.from_pdf import metadata
from ebook_pipeline.books.converting.from_pdf.blocks import Block, BlockKind
from ebook_pipeline.books.converting.to_epub.authoring import EpubMetadata
from ebook_pipeline.books.records import Claims
from tests.support.books.built_lines import block

ENGLISH = "It was the best of times, it was the worst of times, it was the age of wisdom. "
GERMAN = "Es war die beste aller Zeiten, es war die schlechteste aller Zeiten, so sagte er. "


@pytest.fixture
def says() -> Iterator[Callable[..., EpubMetadata]]:
    """What is said of a PDF with this information, and of its blocks."""
    opened = []

    def told(
        info: dict[str, str] | None = None,
        root: dict[str, Any] | None = None,
        claims: Claims | None = None,
        blocks: Sequence[Block] = (),
    ) -> EpubMetadata:
        written = io.BytesIO()
        pdf = pikepdf.new()
        pdf.add_blank_page()
        for key, value in (info or {}).items():
            pdf.docinfo[f"/{key}"] = value
        for key, value in (root or {}).items():
            pdf.Root[f"/{key}"] = value
        pdf.save(written)
        document = pdfium.PdfDocument(written.getvalue())
        opened.extend([document, pdf])
        return metadata.epub_metadata(pdf, claims or Claims(), blocks)

    yield told
    for one in opened:
        one.close()


def test_the_submission_goes_before_what_the_file_says(says: Callable[..., EpubMetadata]) -> None:
    claims = Claims(title="Claimed", authors=("Ann", "Bo"), language="fr", publisher="House")
    told = says({"Title": "Of the file", "Author": "Cy"}, {"Lang": "en"}, claims)
    assert (told.title, told.authors, told.language) == ("Claimed", ("Ann", "Bo"), "fr")
    assert told.publisher == "House"


def test_the_file_goes_before_its_text(says: Callable[..., EpubMetadata]) -> None:
    told = says(
        {"Title": "Of the\tfile", "Author": "Cy Über"}, blocks=[block("Sunrise", BlockKind.HEADING)]
    )
    assert (told.title, told.authors) == ("Of the file", ("Cy Über",))


@pytest.mark.parametrize(
    "title",
    ["Microsoft Word - book.docx", "untitled-3", "Document1", "manuscript.indd", "thesis.tex", ""],
)
def test_a_title_that_a_program_made_up_is_none(
    says: Callable[..., EpubMetadata], title: str
) -> None:
    told = says({"Title": title}, blocks=[block("Text."), block("Sun\nrise", BlockKind.HEADING)])
    assert told.title == "Sun rise"


def test_a_book_without_any_title_is_untitled_and_of_no_author(
    says: Callable[..., EpubMetadata],
) -> None:
    told = says()
    assert (told.title, told.authors, told.language) == ("Untitled", (), "und")


def test_a_language_tag_is_believed_unless_much_text_is_in_another(
    says: Callable[..., EpubMetadata],
) -> None:
    assert says(root={"Lang": "en-GB"}).language == "en-GB"
    assert says(root={"Lang": "de"}, blocks=[block(ENGLISH)]).language == "de"
    assert says(root={"Lang": "de"}, blocks=[block(ENGLISH * 40)]).language == "en"
    assert says(root={"Lang": "de-AT"}, blocks=[block(GERMAN * 40)]).language == "de-AT"


def test_without_a_tag_the_text_says_the_language_where_there_is_enough(
    says: Callable[..., EpubMetadata],
) -> None:
    assert says(blocks=[block(GERMAN * 3)]).language == "de"
    assert says(blocks=[block("Es war.")]).language == "und"
    assert says(root={"Lang": "no language!"}, blocks=[block(GERMAN * 3)]).language == "de"


@pytest.mark.parametrize(
    ("preferences", "progression"),
    [
        (pikepdf.Dictionary(Direction=pikepdf.Name.R2L), "rtl"),
        (pikepdf.Dictionary(Direction=pikepdf.Name.L2R), ""),
        (pikepdf.Dictionary(), ""),
        (pikepdf.Name.R2L, ""),
    ],
)
def test_a_book_is_turned_to_the_right_where_it_says_so(
    says: Callable[..., EpubMetadata], preferences: Any, progression: str
) -> None:
    assert says(root={"ViewerPreferences": preferences}).progression == progression
