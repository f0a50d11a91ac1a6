"""Whole books: the same by seed, nothing on faces, nothing cut, nobody another on the next page."""

import re
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from ebook_pipeline.books.formats.epub import metadata
from ebook_pipeline.books.picture_books.book_maker import make_book
from ebook_pipeline.books.picture_books.brief import AgeGroup, BookKind, Brief, Language
from ebook_pipeline.books.picture_books.brief_check import refusals
from ebook_pipeline.books.picture_books.drawing.graph import Group, parts
from ebook_pipeline.books.picture_books.layout.frames import FrameKind
from ebook_pipeline.books.picture_books.layout.story_pages import Composition, compose
from ebook_pipeline.books.picture_books.reading_pdf import reading_pdf
from ebook_pipeline.books.picture_books.reflowable_epub import reflowable_epub
from ebook_pipeline.books.picture_books.sequels import sequel
from ebook_pipeline.books.picture_books.story.facts import contradictions
from ebook_pipeline.books.picture_books.story.planner import write_story
from ebook_pipeline.books.picture_books.text_fitting import (
    TextStyle,
    balanced,
    height,
    lines,
    widest,
)
from ebook_pipeline.books.picture_books.trim_sizes import TrimSize, trim_box
from ebook_pipeline.books.picture_books.typefaces import TEXT_FAMILY
from ebook_pipeline.books.picture_books.wording_of_books import in_series
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.corpus import THOROUGH

LANGUAGES: tuple[Language, ...] = ("en", "de")


def brief_of(seed: int) -> Brief:
    """A brief for each seed, through all trims, ages, languages and lengths."""
    return Brief(
        seed=seed,
        language=LANGUAGES[seed % 2],
        age_group=list(AgeGroup)[seed // 2 % 4],
        trim=list(TrimSize)[seed % 7],
        pages=(24, 28, 32, 36, 40)[seed % 5],
        kind=BookKind.COLOURING if seed % 11 == 10 else BookKind.STORY,
    )


def faults(seed: int) -> list[str]:
    """What is wrong with a book, by page."""
    brief = brief_of(seed)
    identities: dict[str, dict[str, str]] = {}
    found = []
    for page in compose(brief, write_story(brief)):
        wrong = [*misplaced_words(page), *cut_figures(page, brief)]
        wrong += list(contradictions(page.paragraphs, page.scene, brief.language))
        for role, parts_of in figures(page.picture.graph):
            if identities.setdefault(role, parts_of) != parts_of:
                wrong.append(f"{role} is another")
        if sorted(labelled(page.picture.graph, "thing:")) != sorted(page.scene.things):
            wrong.append(f"not all of {page.scene.things} is shown")
        found += [f"page {page.number}: {one}" for one in wrong]
    return found


def labelled(graph: Group, prefix: str) -> list[str]:
    """What the labels of a graph name behind `prefix`."""
    found = [graph.label.removeprefix(prefix)] if graph.label.startswith(prefix) else []
    groups = [child for child in graph.children if isinstance(child, Group)]
    return found + [name for child in groups for name in labelled(child, prefix)]


def misplaced_words(page: Composition) -> list[str]:
    words, style = page.frame.words, page.frame.style
    checks = {
        "words are too high": height(page.paragraphs, style, words.width) > words.height + 0.1,
        "words are too wide": widest(page.paragraphs, style, words.width) > words.width,
        "words on a face": any(head.meets(words) for head in page.picture.heads),
    }
    return [said for said, is_so in checks.items() if is_so]


def cut_figures(page: Composition, brief: Brief) -> list[str]:
    trim = trim_box(brief.trim)
    return [
        f"a figure is cut: {body}"
        for body in page.picture.bodies
        if body.x < trim.x
        or body.right > trim.right
        or body.y < trim.y
        or body.bottom > trim.bottom + 1
    ]


def figures(graph: Group) -> list[tuple[str, dict[str, str]]]:
    """The parts of each actor of a picture, by their hashes."""
    found = []
    for child in graph.children:
        if isinstance(child, Group):
            if child.label.startswith("actor:"):
                found.append((child.label, dict(parts(child))))
            else:
                found += figures(child)
    return found


@pytest.mark.parametrize("seed", [*range(8), 133])
def test_a_book_is_whole_whatever_its_seed_and_trim(seed: int) -> None:
    assert faults(seed) == []


@pytest.mark.prove
def test_a_thousand_books_are_whole() -> None:
    seeds = range(8, 1000 if THOROUGH else 64)
    assert {seed: found for seed in seeds if (found := faults(seed))} == {}


def test_the_same_brief_is_the_same_book_byte_for_byte() -> None:
    brief = brief_of(7)
    assert make_book(brief).data_version == make_book(brief).data_version
    assert make_book(brief).data_version != make_book(brief_of(8)).data_version


def test_every_page_has_its_number_and_only_opaque_paths() -> None:
    book = make_book(brief_of(12))
    assert [page.number for page in book.pages] == list(range(1, 33))
    for page in (*book.pages, book.cover.front, book.cover.back):
        for picture in (page.colour, page.line_art):
            assert set(re.findall(r"<([a-z]+)", picture)) <= {"svg", "g", "path"}
            assert not re.search(r"opacity|url\(|gradient|clip|style=", picture)
            assert set(re.findall(r'(?:fill|stroke)="(?!none|#[0-9a-f]{6}")', picture)) == set()


def test_line_art_is_black_and_white() -> None:
    for page in make_book(brief_of(3)).pages:
        colours = set(re.findall(r'"(#[0-9a-f]{6})"', page.line_art))
        assert colours <= {"#ffffff", "#1a1a1a", "#2b2320"}, page.number


def test_no_two_spreads_are_alike() -> None:
    brief = brief_of(2)
    pages = compose(brief, write_story(brief))[1:]
    spreads = list(zip(pages[::2], pages[1::2], strict=True))
    seen = [
        tuple((page.frame.kind, page.scene.model_dump_json()) for page in spread)
        for spread in spreads
    ]
    assert len(set(seen)) == len(seen)
    assert len({page.frame.kind for page in pages}) >= 4
    assert FrameKind.BARE not in {page.frame.kind for page in pages}


def test_a_colouring_book_has_a_picture_on_every_recto_and_words_behind() -> None:
    book = make_book(Brief(kind=BookKind.COLOURING, seed=5))
    inside = book.pages[2:-1]
    assert len(book.pages) == 32
    assert all(bool(page.blocks) == (page.number % 2 == 0) for page in inside)


def test_epub_and_pdf_are_the_same_bytes_again_and_epubcheck_finds_nothing(
    tmp_path: Path, epubcheck: EpubCheck
) -> None:
    book = make_book(brief_of(5))
    epub = tmp_path / "book.epub"
    epub.write_bytes(reflowable_epub(book))
    assert reflowable_epub(book) == epub.read_bytes()
    assert reading_pdf(book) == reading_pdf(book)
    assert not [one for one in epubcheck.check(epub, "default") if one.severity > Severity.INFO]


@pytest.mark.parametrize(
    ("text", "measure", "broken"),
    [
        ("Pip and the Lost Lantern", 400, ["Pip and the", "Lost Lantern"]),
        ("Here comes Pip, a little hedgehog. Say hello to Pip!", 800,
         ["Here comes Pip, a little hedgehog.", "Say hello to Pip!"]),
        ("Good night.", 700, ["Good night."]),
    ],
)  # fmt: skip
def test_lines_end_where_one_breathes(text: str, measure: float, broken: list[str]) -> None:
    style = TextStyle(family=TEXT_FAMILY, size=40)
    narrow = balanced((text,), style, measure)
    assert narrow <= measure
    assert lines(text, style, narrow) == broken


def test_a_series_has_the_same_characters_in_other_stories() -> None:
    """The third book's figures are the first one's, by the hashes of their parts."""
    first = Brief(seed=4, language="de", pages=24)
    books = [first]
    for _ in range(2):
        books.append(sequel(books[-1]))
    assert [refusals(brief) for brief in books] == [[], [], []]
    assert [brief.volume for brief in books] == [0, 2, 3]
    assert books[1].series == books[2].series
    stories = [write_story(brief) for brief in books]
    assert stories[0].plot != stories[1].plot
    played: dict[str, dict[str, str]] = {}
    for brief, story in zip(books, stories, strict=True):
        for page in compose(brief, story):
            for role, parts_of in figures(page.picture.graph):
                assert played.setdefault(role, parts_of) == parts_of


def test_a_series_is_told_on_the_title_page_and_in_the_epub(
    tmp_path: Path, epubcheck: EpubCheck
) -> None:
    book = make_book(sequel(Brief(seed=4, pages=24)))
    line = in_series(book.series, 2, "en")
    assert line.endswith(", book 2")
    for page in (book.pages[0], book.cover.front):
        assert any(line in block.paragraphs for block in page.blocks)
    epub = tmp_path / "book.epub"
    epub.write_bytes(reflowable_epub(book))
    found = epubcheck.check(epub, "default")
    assert [one for one in found if one.severity > Severity.INFO] == []
    with zipfile.ZipFile(epub) as opened:
        root = etree.fromstring(opened.read("EPUB/package.opf"))
    (series,) = metadata.read(root).fields()["collections"]
    assert (series.name, series.type, series.position) == (book.series, "series", "2")
