"""Where a PDF points: its outline, its links, the names of its pages."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name

from ebook_pipeline.books.converting.from_pdf import links
from ebook_pipeline.books.converting.from_pdf.links import LinkTargets, OutlineEntry, PagePosition


@pytest.fixture
def opened() -> Iterator[Callable[..., Any]]:
    """`with opened(change) as document`: three blank pages and what `change` makes of them."""
    documents = []

    def made(change: Callable[[pikepdf.Pdf], object] = lambda _: None, pages: int = 3) -> Any:
        written = io.BytesIO()
        with pikepdf.new() as pdf:
            for _ in range(pages):
                pdf.add_blank_page(page_size=(420, 600))
            change(pdf)
            pdf.save(written)
        documents.append(pdfium.PdfDocument(written.getvalue()))
        return documents[-1]

    yield made
    for document in documents:
        document.close()


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        (" https://a.org/ü?x=1%2 ", "https://a.org/%C3%BC?x=1%252"),
        ("HTTP://a.org/a b", "HTTP://a.org/a%20b"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("mailto:nobody", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https:///nowhere", None),
        ("https://" + "a" * 3000, None),
    ],
)
def test_only_web_and_mail_addresses_are_links(uri: str, address: str | None) -> None:
    assert links.web_address(uri) == address


def test_the_outline_is_read_in_its_order_and_depth(opened: Callable[..., Any]) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        with pdf.open_outline() as outline:
            there = pikepdf.make_page_destination(pdf, 1, "XYZ", left=0, top=470)
            first = pikepdf.OutlineItem("Sunrise\x01 over\tit", 0)
            first.children.append(pikepdf.OutlineItem("Noon ☀", there))
            outline.root.extend([first, pikepdf.OutlineItem("Sunset", 2)])

    assert links.outline(opened(change)) == [
        OutlineEntry("Sunrise over it", 0, PagePosition(0)),
        OutlineEntry("Noon ☀", 1, PagePosition(1, 470.0)),
        OutlineEntry("Sunset", 0, PagePosition(2)),
    ]


def test_entries_without_a_title_or_a_place_are_left_out(opened: Callable[..., Any]) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        with pdf.open_outline() as outline:
            outline.root.extend([pikepdf.OutlineItem("", 0), pikepdf.OutlineItem("Nowhere")])

    assert links.outline(opened(change)) == []
    assert links.outline(opened()) == []


def test_the_lower_edge_of_a_page_is_no_place_on_it(opened: Callable[..., Any]) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        with pdf.open_outline() as outline:
            there = pikepdf.make_page_destination(pdf, 1, "XYZ", left=0, top=0)
            outline.root.append(pikepdf.OutlineItem("Noon", there))

    assert links.outline(opened(change)) == [OutlineEntry("Noon", 0, PagePosition(1, None))]


def annotation(*rect: float, **more: Any) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array(rect), **more)


def test_links_are_areas_with_the_number_of_what_they_point_to(opened: Callable[..., Any]) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        there = Array([pdf.pages[2].obj, Name.XYZ, 0, 460, 0])
        pdf.pages[0].Annots = Array(
            [
                annotation(60, 475, 90, 490, A=Dictionary(S=Name.URI, URI="https://a.org/x y")),
                annotation(60, 454, 90, 439, Dest=there),
                annotation(60, 400, 90, 418, A=Dictionary(S=Name.GoTo, D=there)),
                annotation(60, 300, 90, 318, A=Dictionary(S=Name.URI, URI="javascript:alert(1)")),
                annotation(60, 200, 90, 218),
            ]
        )

    document, found = opened(change), LinkTargets()
    areas = found.areas(document, document[0])
    assert areas == [(60, 475, 90, 490, 0), (60, 439, 90, 454, 1), (60, 400, 90, 418, 2)]
    assert found.targets == ["https://a.org/x%20y", PagePosition(2, 460.0), PagePosition(2, 460.0)]
    assert found.areas(document, document[1]) == []


def test_pages_are_called_as_the_document_calls_them(opened: Callable[..., Any]) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        roman, arabic = Dictionary(S=Name.r), Dictionary(S=Name.D, P="A-")
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, roman, 1, arabic]))

    assert links.page_labels(opened(change), {}) == ["i", "A-1", "A-2"]


@pytest.mark.parametrize(
    ("printed", "labels"),
    [
        ({}, ["1", "2", "3"]),
        ({0: "7", 1: "8", 2: "9"}, ["7", "8", "9"]),
        ({1: "8", 2: "9"}, ["", "8", "9"]),
        ({2: "9"}, ["1", "2", "3"]),
        ({0: "7", 1: "7"}, ["1", "2", "3"]),
    ],
)
def test_pages_without_names_are_called_as_printed_where_most_say_so_else_counted(
    opened: Callable[..., Any], printed: dict[int, str], labels: list[str]
) -> None:
    assert links.page_labels(opened(), printed) == labels
