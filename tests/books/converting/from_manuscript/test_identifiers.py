"""Ids in every script: kept where XML allows them, renamed once where it does not."""

import re

import pytest

from ebook_pipeline.books.converting.to_epub.element_ids import element_id, safe_fragment
from ebook_pipeline.books.records import BookFormat
from tests.books.converting.from_manuscript.conftest import MakeBook
from tests.support.corpus import case, needs_cases

HEADINGS = {
    "de": "Über die Fähre",
    "fr": "Été à Besançon",
    "es": "Año nuevo",
    "pl": "Żółw i ślimak",
    "cs": "Příliš žluťoučký kůň",
    "tr": "Işık ve gölge",
    "vi": "Người lái đò",
    "el": "Το φως",
    "ru": "Ёжик в тумане",
    "uk": "Її ґанок",
    "hy": "Լույսը",
    "ka": "სინათლე",
    "he": "המעבורת",
    "ar": "الفصل الأول",
    "fa": "گربه و ماه",
    "hi": "पहला अध्याय",
    "th": "บทที่หนึ่ง",
    "zh": "第一章 灯塔",
    "ja": "灯台の光",
    "ko": "제1장 등대",
    "am": "ምዕራፍ አንድ",
}


def links_lead_home(bodies: list[str]) -> bool:
    """Whether every fragment is an id of its file, and every label names one."""
    files = {f"chapter-{n:04}.xhtml": body for n, body in enumerate(bodies[1:], 1)}
    ids = {name: set(re.findall(r' id="([^"]+)"', body)) for name, body in files.items()}
    for name, body in files.items():
        for file, fragment in re.findall(r'href="([^"#]*)#([^"]+)"', body):
            if fragment not in ids[file or name]:
                return False
        if not set(re.findall(r'aria-labelledby="([^"]+)"', body)) <= ids[name]:
            return False
    return True


@pytest.mark.parametrize("language", HEADINGS)
def test_headings_in_every_script_are_labels_and_links_lead_to_them(
    book_of: MakeBook, language: str
) -> None:
    heading = HEADINGS[language]
    book = book_of(
        f"---\ntitle: T\nlang: {language}\n---\n\n# {heading}\n\nA [link][{heading}].\n\n"
        f"# One\n\nBack to [it][{heading}].\n",
        BookFormat.MARKDOWN,
    )
    assert links_lead_home(book.bodies)
    assert len(re.findall(r"href=.[^#]*#", "".join(book.bodies[1:]))) == 2
    assert "convert.dead-link" not in book.rules


@needs_cases
@pytest.mark.parametrize(
    "name",
    [
        "221-md-umlaut-links.md",
        "39-hebrew.docx",
        "40-localised-headings.docx",
        "41-ruby.docx",
        "80-html-charset-conflict.html",
        "80b-html-meta-wrong-utf8-bytes.html",
        "81b-html-no-charset-cp1251.html",
    ],
)
def test_labels_of_headings_name_their_ids(book_of: MakeBook, name: str) -> None:
    assert links_lead_home(book_of(case(name)).bodies)


@pytest.mark.parametrize("identifier", ["1", "a b", "§ 3", "a:b", "x%20y", "-", "🎉", "é%C3%A9"])
def test_an_id_that_xml_forbids_is_renamed_where_it_stands_and_where_it_is_named(
    book_of: MakeBook, identifier: str
) -> None:
    page = (
        f'<h1>One</h1><p id="{identifier}">Here.</p><h1>Two</h1><p aria-describedby="gone">x</p>'
        f'<p><a href="#{identifier}">there</a></p><table><tr><th id="h {identifier}">A</th></tr>'
        f'<tr><td headers="{identifier}">b</td></tr></table>'
    )
    book = book_of(f"<html><head><title>T</title></head><body>{page}</body></html>")
    assert "convert.dead-link" not in book.rules
    assert links_lead_home(book.bodies)
    assert 'href="chapter-0001.xhtml#' in book.bodies[2]


def test_an_id_and_its_link_are_renamed_alike_however_the_link_is_written() -> None:
    for identifier in ("début", "a b", "%", "x%20y"):
        assert safe_fragment(f"#{identifier}") == f"#{element_id(identifier)}"
    assert safe_fragment("#d%C3%A9but") == "#début"
    assert safe_fragment("other.xhtml#a b") == "other.xhtml#a b"


def test_a_link_to_nowhere_keeps_its_words_and_is_said(book_of: MakeBook) -> None:
    book = book_of("# One\n\nGo [there](#nowhere).\n\n# Two\n\nEnd.", BookFormat.MARKDOWN)
    assert "<a>there</a>" in book.bodies[1]
    assert "convert.dead-link" in book.rules
