"""A thousand books through all trims, papers, ages and languages: preflight finds nothing.

`make test` judges one, `make prove` ten; THOROUGH=1 takes all, about three CPU seconds each.
"""

from pathlib import Path

import pytest

from ebook_pipeline.books.picture_books.book_maker import make_book
from ebook_pipeline.books.picture_books.brief import AgeGroup, BookKind, Brief, Paper
from ebook_pipeline.books.picture_books.finished_book import PictureBook
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize
from ebook_pipeline.books.printing.preflight import Part, cut_of, judged
from ebook_pipeline.books.printing.preflight.drawn_pages import draw
from ebook_pipeline.books.printing.preflight.examination import examine
from ebook_pipeline.books.printing.preflight.job import layout_of
from ebook_pipeline.books.printing.print_rules import Printer, rules_of
from ebook_pipeline.books.producing import print_package
from ebook_pipeline.books.producing.cover import cover_of
from ebook_pipeline.books.producing.inks import INK_LIMIT
from ebook_pipeline.foundation.findings import Severity
from tests.support.corpus import THOROUGH

RULES = rules_of(Printer.KDP_PAPERBACK)
BOOKS = range(1000 if THOROUGH else 10)
WIDTH_SLACK = 0.001
"""Inches by which a cover may miss the printer's rule."""
_PAPERS = (Paper.PREMIUM_COLOUR, Paper.WHITE, Paper.CREAM)


def brief_of(seed: int) -> Brief:
    """Through seven trims by three papers, four ages and two languages, each with each."""
    paper = _PAPERS[seed // 7 % 3]
    return Brief(
        seed=seed,
        trim=list(TrimSize)[seed % 7],
        paper=paper,
        kind=BookKind.STORY if paper is Paper.PREMIUM_COLOUR else BookKind.COLOURING,
        language="en" if seed // 21 % 2 else "de",
        age_group=list(AgeGroup)[seed // 42 % 4],
        pages=(24, 32, 40)[seed % 3],
    )


def errors(book: PictureBook, folder: Path) -> list[str]:
    """What is wrong with the book's inside and cover, warnings too."""
    inside = print_package.main_interior(book)
    files = {"interior.pdf": inside, "cover.pdf": print_package.main_cover(book, inside)}
    found = []
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        job, facts = print_package.job(book, files, name), examine(path)
        layout = layout_of(job, facts)
        listed = judged(facts, draw(path, cut_of(job, layout)), job, layout)
        found += [
            f"{name}: {one.finding.message}"
            for one in listed
            if one.finding.severity > Severity.INFO
        ]
        if max(page.content.heaviest_ink for page in facts.pages) > INK_LIMIT:
            found.append(f"{name}: more ink than {INK_LIMIT} %")
        if job.part is Part.COVER:
            sheet = cover_of(book, job.pages or 0, RULES).sheet
            if abs(facts.pages[0].size[0] / 72 - sheet.width) > WIDTH_SLACK:
                found.append(f"{name}: {facts.pages[0].size[0] / 72} in wide")
    return found


@pytest.mark.prove
def test_a_book_passes_preflight(tmp_path: Path) -> None:
    assert errors(make_book(brief_of(1)), tmp_path) == []


@pytest.mark.prove
def test_books_of_all_trims_and_papers_pass_preflight(tmp_path: Path) -> None:
    wrong = {seed: errors(make_book(brief_of(seed)), tmp_path) for seed in BOOKS}
    assert {seed: found for seed, found in wrong.items() if found} == {}
