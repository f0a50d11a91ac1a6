"""EPUB 2 as EPUB 3: what EPUBCheck passes is never made invalid, and what is said stays said."""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from ebook_pipeline.books.converting.to_epub.canonical import canonical_epub
from ebook_pipeline.books.converting.to_epub.conforming import XHTML
from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.epub.navigation import landmarks, toc
from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.language_tags import language_tag
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.epub2 import Oddity, epub2
from tests.support.books.epub2_oddities import GUIDE, NCX, ODDITIES, PACKAGE
from tests.support.corpus import (
    THOROUGH,
    case,
    cases,
    entries,
    named,
    needs_cases,
    needs_corpus,
)
from tests.support.existing import existing

QUICK = (
    "language: language en_US",
    "guide: cover page outside the spine",
    "body: table of columns",
)
STEP = 1 if THOROUGH else 6
"""Of oddities and books one in so many is tried."""
NAMES = [name for number, name in enumerate(ODDITIES) if name in QUICK or number % STEP == 0]
VALID = [entry for entry in entries("epubcheck", "novel", "w3c-test", "sample") if entry["valid"]]


def is_valid(epubcheck: EpubCheck, path: Path) -> bool:
    return all(finding.severity < Severity.ERROR for finding in epubcheck.check(path))


def upgraded(tmp_path: Path, *oddities: Oddity) -> Path:
    target = tmp_path / "new.epub"
    canonical_epub(epub2(tmp_path / "old.epub", *oddities), target)
    return target


def package_of(tmp_path: Path, *oddities: Oddity) -> PackageDocument:
    return read_package(upgraded(tmp_path, *oddities))


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else [pytest.mark.prove]) for name in NAMES],
)
def test_an_epub_2_that_is_valid_is_a_valid_epub_3(
    tmp_path: Path, epubcheck: EpubCheck, name: str
) -> None:
    source = epub2(tmp_path / "old.epub", ODDITIES[name])
    target = tmp_path / "new.epub"
    canonical_epub(source, target)
    assert is_valid(epubcheck, target) or not is_valid(epubcheck, source)


def test_a_talking_book_is_read_as_a_page(tmp_path: Path) -> None:
    made = upgraded(tmp_path, PACKAGE["talking book"])
    with archive.opened(made) as opened:
        page = etree.fromstring(opened.read("OPS/d.xml"))
    assert page.findtext(f"{XHTML}body/{XHTML}div/{XHTML}section/{XHTML}h1") == "Talking"
    assert page.findtext(f".//{XHTML}p") == "Spoken words."


@needs_corpus
@pytest.mark.corpus
@pytest.mark.prove
@pytest.mark.parametrize("entry", VALID[::STEP], ids=lambda entry: str(entry["name"]))
def test_a_valid_book_of_the_corpus_stays_valid(
    tmp_path: Path, epubcheck: EpubCheck, entry: dict[str, Any]
) -> None:
    target = tmp_path / "new.epub"
    _written_or_refused(named(entry["name"]), target)
    assert is_valid(epubcheck, target)


@needs_cases
@pytest.mark.prove
@pytest.mark.parametrize("name", [name for name in cases(".epub") if "huge" not in name])
def test_a_valid_case_stays_valid(tmp_path: Path, epubcheck: EpubCheck, name: str) -> None:
    target = tmp_path / "new.epub"
    _written_or_refused(case(name), target)
    assert is_valid(epubcheck, target) or not is_valid(epubcheck, case(name))


def _written_or_refused(source: Path, target: Path) -> None:
    try:
        canonical_epub(source, target)
    except BookError as error:
        pytest.skip(f"our own checks refuse its container: {error.finding.rule}")


@needs_cases
@pytest.mark.parametrize(
    ("name", "cover"),
    [
        ("08a-cover-meta-href.epub", "OPS/img/front.png"),
        ("08b-cover-guide-page.epub", "OPS/img/front.png"),
        ("08c-cover-guide-in-spine.epub", "OPS/img/front.png"),
    ],
)
def test_a_cover_is_found_however_it_is_named(tmp_path: Path, name: str, cover: str) -> None:
    target = tmp_path / "new.epub"
    canonical_epub(case(name), target)
    for path in (case(name), target):
        assert existing(read_package(path).cover).path == cover
    assert "cover-image" in existing(read_package(target).cover).properties


@pytest.mark.parametrize(
    ("stated", "tag"),
    [
        ("en_US", "en-US"),
        ("en_us", "en-US"),
        ("eng", "en"),
        ("English", "en"),
        ("Français", "fr"),
        ("zh_Hant_TW", "zh-Hant-TW"),
        ("ru-RU.UTF-8", "ru-RU"),
        ("fr, en", "fr"),
        ("x-none", "x-none"),
        ("no language", ""),
        ("--", ""),
    ],
)
def test_a_language_is_a_tag_in_whatever_form_it_is_stated(
    tmp_path: Path, stated: str, tag: str
) -> None:
    assert language_tag(stated) == tag
    assert package_of(tmp_path, {"language": stated}).languages == (tag or "und",)


def test_a_language_that_is_written_otherwise_is_told(tmp_path: Path) -> None:
    source = epub2(tmp_path / "old.epub", {"language": "en_US"})
    _, told = canonical_epub(source, tmp_path / "new.epub")
    assert (told.rule, told.severity) == ("convert.language", Severity.INFO)
    assert "en-US" in told.message


def test_a_landmark_keeps_its_place_and_one_outside_the_spine_is_none(tmp_path: Path) -> None:
    target = upgraded(tmp_path, GUIDE["places within"], GUIDE["cover page outside the spine"])
    marks = landmarks(target, read_package(target))
    assert [mark.href for mark in marks] == ["OPS/c1.xhtml#start", "OPS/c2.xhtml#start"]


def test_an_escaped_fragment_keeps_its_place(tmp_path: Path) -> None:
    target = upgraded(tmp_path, NCX["escaped fragment"])
    assert toc(target, read_package(target))[1].href == "OPS/c1.xhtml#caf%C3%A9"


def test_what_the_contents_or_a_link_lead_to_is_in_the_spine(tmp_path: Path) -> None:
    for oddity in ("linked document outside the spine", "contents outside the spine"):
        package = package_of(tmp_path, PACKAGE[oddity])
        assert [(ref.idref, ref.linear) for ref in package.spine][-1] == ("c3", False)


def test_what_is_not_linear_and_linked_from_nowhere_stands_in_the_contents(tmp_path: Path) -> None:
    target = upgraded(tmp_path, PACKAGE["all not linear"])
    assert toc(target, read_package(target))[-1].href == "OPS/c3.xhtml"


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        ({"modification": "2026-07-29", "creation": "2019-01-05"}, []),
        ({"creation": "2019", "publication": "2011"}, ["2011"]),
        ({"original-publication": "1925", "ops-publication": "2011"}, ["2011"]),
        ({"": "2011-03"}, ["2011-03"]),
    ],
)
def test_only_a_date_of_publication_is_the_date(
    tmp_path: Path, dates: dict[str, str], published: list[str]
) -> None:
    stated = "".join(
        f'<dc:date opf:event="{event}">{value}</dc:date>'
        if event
        else f"<dc:date>{value}</dc:date>"
        for event, value in dates.items()
    )
    package = package_of(tmp_path, {"metadata": stated})
    assert [date.value for date in package.dates] == published


def test_complex_ruby_keeps_its_bases_and_annotations(tmp_path: Path) -> None:
    ruby = "<ruby><rbc><rb>a</rb><rb>b</rb></rbc><rtc><rt>1</rt><rt>2</rt></rtc></ruby>"
    target = upgraded(tmp_path, {"body": f"<p>{ruby}</p>"})
    with archive.opened(target) as opened:
        page = opened.read("OPS/c1.xhtml").decode()
    assert "<ruby><rb>a</rb><rt>1</rt><rb>b</rb><rt>2</rt></ruby>" in page
