"""A finished picture book as files: what presses, shops and readers get, judged by others too."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.picture_books.book_maker import make_book
from ebook_pipeline.books.picture_books.brief import AgeGroup, BookKind, Brief, Paper
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize
from ebook_pipeline.books.printing.preflight import Part, PrintJob, judged
from ebook_pipeline.books.printing.preflight import cut_of as cut_of_job
from ebook_pipeline.books.printing.preflight.drawn_pages import draw
from ebook_pipeline.books.printing.preflight.examination import examine
from ebook_pipeline.books.printing.preflight.job import layout_of
from ebook_pipeline.books.printing.print_rules import (
    CoverTemplate,
    PaperKind,
    Printer,
    rules_of,
)
from ebook_pipeline.books.producing import print_package
from ebook_pipeline.books.producing.cover import cover_of, cover_pdf, pages_of
from ebook_pipeline.books.producing.fixed_layout_epub import write_fixed_layout
from ebook_pipeline.books.producing.inks import INK_LIMIT, cmyk_of, ink_total
from ebook_pipeline.books.producing.interior import colouring_pdf, interior_pdf, trim_of
from ebook_pipeline.books.producing.kdp_sheet import MOST_KEYWORDS, as_markdown, kdp_sheet
from ebook_pipeline.books.producing.read_aloud import PageAudio
from ebook_pipeline.books.producing.reflowable_epub import write_reflowable
from ebook_pipeline.books.validating.accessibility import checking
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.epubcheck import EpubCheck

KDP = rules_of(Printer.KDP_PAPERBACK)
_SHARE = st.floats(0, 1)


@cache
def book() -> PictureBook:
    return make_book(Brief(seed=3, pages=24, author="Ada Lark"))


@cache
def interior() -> bytes:
    return interior_pdf(book(), KDP)


def findings(pdf: bytes, job: PrintJob, folder: Path) -> list[Finding]:
    path = folder / "file.pdf"
    path.write_bytes(pdf)
    facts = examine(path)
    layout = layout_of(job, facts)
    found = judged(facts, draw(path, cut_of_job(job, layout)), job, layout)
    return [one.finding for one in found]


def job(part: Part = Part.INTERIOR, paper: PaperKind = PaperKind.PREMIUM_COLOUR) -> PrintJob:
    return PrintJob(
        printer=Printer.KDP_PAPERBACK,
        part=part,
        trim=trim_of(book()),
        paper=paper,
        pages=24 if part is Part.COVER else None,
    )


@given(_SHARE, _SHARE, _SHARE)
def test_no_colour_of_the_screen_takes_more_ink_than_the_limit(
    red: float, green: float, blue: float
) -> None:
    inks = cmyk_of(red, green, blue)
    assert ink_total(inks) <= INK_LIMIT + 1e-6
    assert min(inks[:3]) == 0 or ink_total(inks) == 100
    assert all(0 <= ink <= 1 for ink in inks)


def test_greys_and_black_are_black_ink_alone() -> None:
    assert cmyk_of(0, 0, 0) == (0, 0, 0, 1)
    assert cmyk_of(0.5, 0.5, 0.5) == (0, 0, 0, 0.5)
    assert cmyk_of(1, 1, 1) == (0, 0, 0, 0)


@pytest.mark.prove
def test_an_interior_has_native_inks_boxes_and_nothing_but_pages(tmp_path: Path) -> None:
    assert findings(interior(), job(), tmp_path) == []
    facts = examine(tmp_path / "file.pdf")
    assert {kind for page in facts.pages for kind in page.content.colours} <= {"cmyk", "gray"}
    assert all(page.content.ink_known for page in facts.pages)
    assert max(page.content.heaviest_ink for page in facts.pages) <= INK_LIMIT
    assert [page.trim for page in facts.pages[:2]] == [(0, 9, 612, 621), (9, 9, 621, 621)]
    with pikepdf.open(io.BytesIO(interior())) as pdf:
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
        assert pdf.check_pdf_syntax() == []
        assert b"ICCBased" not in b"".join(thing.unparse() for thing in pdf.objects)


def test_the_same_book_gives_the_same_bytes() -> None:
    assert interior_pdf(book(), KDP) == interior()
    assert cover_pdf(book(), interior(), KDP) == cover_pdf(book(), interior(), KDP)


@pytest.mark.prove
def test_a_colouring_edition_is_printed_in_black_alone(tmp_path: Path) -> None:
    pdf = colouring_pdf(book(), KDP)
    assert findings(pdf, job(paper=PaperKind.WHITE), tmp_path) == []
    facts = examine(tmp_path / "file.pdf")
    assert {kind for page in facts.pages for kind in page.content.colours} == {"gray"}


def test_a_cover_is_as_wide_as_the_interior_that_was_built(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(interior())) as pdf:
        for _ in range(8):
            pdf.pages.append(pdf.pages[-1])
        longer = io.BytesIO()
        pdf.save(longer)
    made = cover_pdf(book(), longer.getvalue(), KDP)
    assert pages_of(longer.getvalue()) == 32
    with pikepdf.open(io.BytesIO(made)) as cover:
        width = float(cover.pages[0].mediabox[2]) / 72
    assert width == pytest.approx(17.3251, abs=0.001)
    wrong = findings(made, job(Part.COVER), tmp_path)
    assert [one.rule for one in wrong if one.severity > Severity.INFO] == ["print.cover-size"]
    assert findings(cover_pdf(book(), interior(), KDP), job(Part.COVER), tmp_path) == []


@pytest.mark.parametrize(
    "template",
    [
        CoverTemplate(width=17.325, height=8.75, spine=0.075),
        CoverTemplate(width=18.825, height=10.25, spine=0.325),
    ],
    ids=["paperback", "case laminate"],
)
def test_a_cover_by_the_printer_s_template_passes_its_preflight(
    template: CoverTemplate, tmp_path: Path
) -> None:
    made = cover_pdf(book(), interior(), rules_of(Printer.INGRAM), template)
    with pikepdf.open(io.BytesIO(made)) as cover:
        size = tuple(float(side) / 72 for side in cover.pages[0].mediabox[2:])
    assert size == pytest.approx((template.width, template.height), abs=0.001)
    asked = job(Part.COVER).model_copy(update={"printer": Printer.INGRAM, "template": template})
    found = findings(made, asked, tmp_path)
    assert [one.rule for one in found if one.severity > Severity.INFO] == []
    other = asked.model_copy(update={"template": template.model_copy(update={"spine": 2.5})})
    assert "print.template" in {one.rule for one in findings(made, other, tmp_path)}


def test_the_inside_passes_ingramspark_s_preflight_too(tmp_path: Path) -> None:
    made = interior_pdf(book(), rules_of(Printer.INGRAM))
    asked = job().model_copy(update={"printer": Printer.INGRAM})
    found = findings(made, asked, tmp_path)
    assert [one.rule for one in found if one.severity > Severity.INFO] == []


def test_a_thick_book_has_its_title_on_the_spine() -> None:
    assert cover_of(book(), 24, KDP).spine_text is None
    assert cover_of(book(), 100, KDP).spine_text is not None


EPUBS = {"fixed": write_fixed_layout, "flowing": write_reflowable}


@pytest.mark.parametrize("form", EPUBS)
def test_an_epub_is_valid_and_accessible_by_our_rules(
    form: str, tmp_path: Path, epubcheck: EpubCheck
) -> None:
    path = tmp_path / "book.epub"
    EPUBS[form](book(), path)
    found = [*epubcheck.check(path, "default"), *checking.check(path).findings]
    assert [one for one in found if one.severity > Severity.INFO] == []


def test_pages_with_a_recording_are_read_aloud(tmp_path: Path, epubcheck: EpubCheck) -> None:
    path = tmp_path / "book.epub"
    audio = {3: PageAudio(data=b"ID3\x03" + bytes(400), seconds=2.5)}
    write_fixed_layout(book(), path, audio)
    assert [one for one in epubcheck.check(path, "default") if one.severity > Severity.INFO] == []
    with zipfile.ZipFile(path) as opened:
        smil = opened.read("EPUB/page-003.smil").decode()
        package = opened.read("EPUB/package.opf").decode()
    assert 'clipEnd="0:00:02.500"' in smil
    assert "synchronizedAudioText" in package


def test_every_word_and_every_description_of_the_book_is_in_its_epub(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    write_fixed_layout(book(), path)
    with zipfile.ZipFile(path) as opened:
        for page in book().pages:
            text = opened.read(f"EPUB/page-{page.number:03d}.xhtml").decode()
            assert f'aria-label="{page.number}"' in text
            for block in page.blocks:
                assert all(line.replace("&", "&amp;") in text for line in block.paragraphs)


def test_the_sheet_for_kdp_says_what_its_form_asks() -> None:
    sheet = kdp_sheet(book(), 24, KDP)
    assert 0 < len(sheet.keywords) <= MOST_KEYWORDS
    assert sheet.reading_age == ("3", "5")
    assert [part.declare for part in sheet.ai] == [False] * len(sheet.ai)
    assert sheet.price is not None
    assert sheet.price.printing_cost == 4.20
    assert sheet.price.earned_per_copy > 0
    assert "AI-generated content" in as_markdown(sheet)


def test_what_a_model_made_is_declared_with_its_name() -> None:
    written = book().credits[0].model_copy(update={"ai": "generated", "model": "a-model"})
    sheet = kdp_sheet(book().model_copy(update={"credits": (written,)}), 24, KDP)
    assert "Yes: entire work, made with a-model" in as_markdown(sheet)


@pytest.mark.prove
def test_a_package_holds_all_files_and_what_preflight_says(tmp_path: Path) -> None:
    """That every PDF in it passes, the test of the chain says."""
    files = print_package.make_files(book())
    reports = print_package.judge_files(book(), {"interior.pdf": interior()})
    assert [file.report.passes for file in reports] == [True]
    print_package.write_package(files, reports, tmp_path / "package.zip")
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        assert sorted(package.namelist()) == sorted([*files, "preflight.json"])
        said = json.loads(package.read("preflight.json"))
    assert [(file["file"], file["passes"]) for file in said] == [("interior.pdf", True)]


@pytest.mark.prove
@settings(max_examples=6, deadline=None)
@given(
    st.integers(0, 1000),
    st.sampled_from(TrimSize),
    st.sampled_from([Paper.PREMIUM_COLOUR, Paper.WHITE]),
    st.sampled_from(AgeGroup),
    st.sampled_from(["en", "de"]),
)
def test_books_of_any_trim_paper_and_age_pass_preflight(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    trim: TrimSize,
    paper: Paper,
    age: AgeGroup,
    language: str,
) -> None:
    kind = BookKind.COLOURING if paper is Paper.WHITE else BookKind.STORY
    facts = {"seed": seed, "trim": trim, "paper": paper, "kind": kind, "pages": 24}
    made = make_book(Brief.model_validate({**facts, "age_group": age, "language": language}))
    folder = tmp_path_factory.mktemp("books")
    pdf = interior_pdf(made, KDP) if kind is BookKind.STORY else colouring_pdf(made, KDP)
    files = {"interior.pdf": pdf, "cover.pdf": cover_pdf(made, pdf, KDP)}
    for name, data in files.items():
        found = findings(data, print_package.job(made, files, name), folder)
        assert [one for one in found if one.severity > Severity.INFO] == []
