"""Kindle books as EPUB 3: valid, every word kept, chapters, links, pictures, what they say."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from ebook_pipeline.books.converting.from_kindle import epub_from_mobi
from ebook_pipeline.books.formats.epub import archive, navigation
from ebook_pipeline.books.formats.epub.content import texts
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.kindle import Exth, kf8, mobi6, palm
from tests.support.corpus import case, entries, named, needs_cases, needs_corpus
from tests.support.existing import existing
from tests.support.markup import text_of

H = "{http://www.w3.org/1999/xhtml}"
READABLE = [one for one in entries("mobi") if "drm" not in one["case"]]
NOVELS = {
    "frankenstein.mobi": "mary-shelley_frankenstein",
    "flatland.azw3": "edwin-a-abbott_flatland",
    "wind-in-the-willows.mobi": "kenneth-grahame_the-wind-in-the-willows",
}


def picture(kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (60, 90), "teal").save(written, kind)
    return written.getvalue()


def words(epub: Path) -> list[str]:
    """Counted as the manifest does: at white space and em dashes, with a letter or digit."""
    text = " ".join(text for _, text in texts(epub, read_package(epub)))
    return [word for word in re.split(r"[\s—]+", text) if re.search(r"\w", word)]


def headings(epub: Path) -> set[str]:
    package, found = read_package(epub), set()
    with archive.opened(epub) as opened:
        for item in package.spine_items:
            root = etree.fromstring(opened.read(existing(item.path)))
            for element in root.iter(*(f"{H}h{level}" for level in range(1, 7))):
                said = text_of(element).casefold()
                found.add("".join(letter for letter in said if letter.isalnum()))
    return found


def errors(epubcheck: EpubCheck, epub: Path) -> list[Finding]:
    return [one for one in epubcheck.check(epub) if one.severity >= Severity.ERROR]


def document(epub: Path, number: int) -> str:
    with zipfile.ZipFile(epub) as opened:
        return opened.read(f"EPUB/text/part{number:04}.xhtml").decode()


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", READABLE, ids=lambda one: one["name"].rpartition("/")[2])
def test_a_book_of_the_corpus_keeps_its_words_and_is_valid(
    entry: dict[str, Any], tmp_path: Path, epubcheck: EpubCheck
) -> None:
    made = tmp_path / "made.epub"
    epub_from_mobi(named(entry["name"]), made, Claims())
    assert len(words(made)) == pytest.approx(entry["expect"]["word_count_by_calibre"], rel=0.01)
    assert errors(epubcheck, made) == []


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(("name", "novel"), NOVELS.items())
def test_headings_and_contents_are_those_of_the_novel(
    name: str, novel: str, tmp_path: Path
) -> None:
    made, original = tmp_path / "made.epub", named(f"novels/{novel}.epub")
    epub_from_mobi(named(f"mobi/{name}"), made, Claims())
    assert headings(original) <= headings(made)
    said = [navigation.toc(one, read_package(one)) for one in (original, made)]
    assert [(one.title, one.level) for one in said[0]] == [
        (one.title, one.level) for one in said[1]
    ] or [one.title for one in said[0]] == [one.title for one in said[1]]
    assert all(one.href for one in said[1])


@needs_corpus
@pytest.mark.corpus
def test_the_same_book_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("a.epub", "b.epub"):
        epub_from_mobi(named("mobi/kf8-fonts.azw3"), tmp_path / name, Claims())
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


@needs_corpus
@pytest.mark.corpus
def test_an_obfuscated_font_is_readable_in_the_epub(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    epub_from_mobi(named("mobi/kf8-fonts.azw3"), made, Claims())
    with zipfile.ZipFile(made) as opened:
        fonts = [name for name in opened.namelist() if name.startswith("EPUB/fonts/")]
        assert [opened.read(name)[:4] for name in fonts] == [b"OTTO"]
        assert b"../fonts/font-" in opened.read("EPUB/styles/style-0001.css")


@needs_corpus
@pytest.mark.corpus
def test_a_dictionary_keeps_its_entries_and_says_what_is_lost(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    findings = epub_from_mobi(named("mobi/dictionary-inflections.mobi"), made, Claims())
    assert [one.rule for one in findings] == ["convert.dictionary"]
    assert {"być", "mieć"} <= set(words(made))


@needs_corpus
@pytest.mark.corpus
def test_a_protected_book_is_not_converted(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        epub_from_mobi(named("mobi/drm.mobi"), tmp_path / "made.epub", Claims())
    assert caught.value.finding.rule == "protection.kindle"


SAID: Exth = {
    100: [b"Ann Author; Bob Both"],
    101: b"A House",
    103: b"<p>All <b>about</b> it.</p>",
    104: b"9780000000019",
    105: [b"One", b"Two"],
    106: b"2020-02-03T00:00:00+00:00",
    108: [b"calibre (6.13.0)", b"Ed Itor"],
    109: b"All rights",
    110: b"FIC000000",
    201: bytes(4),
    503: "Ein Büchlein".encode(),
    524: b"de_DE",
}
OLD = """<html><head><guide><reference type="toc" title="Contents" filepos={toc} /></guide></head>
<body><p align="center"><font size="7"><b>A</b></font> BOOK</p><mbp:pagebreak/>
{#toc}<p><a filepos={one}>The First</a></p><p><a filepos={two}>The Second</a></p><mbp:pagebreak/>
{#one}<p height="2em" width="-1em" align="center"><b>The First</b></p><p>Once <a
filepos={note}>1</a>.<img recindex="00001" alt="A pond" width="30">
<img recindex="00009" alt="gone"></p><mbp:pagebreak/>
<div><i>open {#two}<p><b>The Second</b></p>still {#note}here</div></body></html>"""


def test_a_mobipocket_book_becomes_chapters_with_links_and_pictures(
    tmp_path: Path, epubcheck: EpubCheck
) -> None:
    source = mobi6(tmp_path / "b.mobi", OLD, SAID, [picture()])
    made = tmp_path / "made.epub"
    findings = epub_from_mobi(source, made, Claims())
    assert [one.rule for one in findings] == ["convert.missing-picture"]
    assert errors(epubcheck, made) == []
    package = read_package(made)
    assert len(package.spine) == 4
    toc = navigation.toc(made, package)
    assert [(one.title, one.href.partition("#")[0]) for one in toc] == [
        ("The First", "EPUB/text/part0003.xhtml"),
        ("The Second", "EPUB/text/part0004.xhtml"),
    ]
    first = document(made, 3)
    assert re.search(r"<h2[^>]*><b>The First</b></h2>", first)
    assert re.search(r'href="part0004.xhtml#filepos\d+">1</a>', first)
    assert '<img alt="A pond" width="30" src="../images/image-0001.jpg"/>' in first
    assert "<span>gone</span>" in first
    assert package.cover is not None
    assert package.cover.path == "EPUB/images/image-0001.jpg"


def test_what_the_book_says_of_itself_stands_in_its_package(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    claims = Claims(title="Claimed", authors=("Somebody",), publisher="Nobody")
    epub_from_mobi(mobi6(tmp_path / "b.mobi", OLD, SAID, [picture()]), made, claims)
    package = read_package(made)
    assert package.title == "Ein Büchlein"
    assert [one.name for one in package.creators] == ["Ann Author", "Bob Both"]
    assert [one.name for one in package.contributors] == ["Ed Itor"]
    assert package.unique_identifier == "urn:isbn:9780000000019"
    assert package.languages == ("de-DE",)
    assert package.publishers == ("A House",)
    assert package.descriptions == ("All about it.",)
    assert [one.value for one in package.dates] == ["2020-02-03"]
    assert {"One", "Two"} <= {one.term for one in package.subjects}
    assert "FIC000000" in {one.code for one in package.subjects}


def test_claims_fill_what_the_book_leaves_out(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    claims = Claims(title="Claimed", authors=("Somebody",), publisher="A House")
    epub_from_mobi(mobi6(tmp_path / "b.mobi", "<p>Text</p>"), made, claims)
    package = read_package(made)
    assert package.title == "A Tiny Book"
    assert [one.name for one in package.creators] == ["Somebody"]
    assert package.publishers == ("A House",)
    assert package.languages == ("en-GB",)


def test_the_encoding_of_windows_is_read(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    source = mobi6(tmp_path / "b.mobi", "<p>“Café” – œuvre €5</p>", encoding="cp1252")
    epub_from_mobi(source, made, Claims())
    assert words(made) == ["“Café”", "œuvre", "€5"]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp1251", "Старый смотритель зажёг лампу"),
        ("cp932", "灯台守は明かりを灯し、海の音を聞いていた。"),
        ("gb18030", "老看守点亮了灯，久久地听着大海的声音。"),
    ],
)
def test_links_lead_to_letters_in_every_code_page(tmp_path: Path, page: str, text: str) -> None:
    made, number = tmp_path / "made.epub", 936 if page == "gb18030" else int(page[2:])
    html = f"<p>{text}<a filepos=0000000015>x</a></p>"
    for place in range(3, 3 + len(text.encode(page))):
        source = mobi6(
            tmp_path / "b.mobi",
            html.replace("0000000015", f"{place:010}"),
            fields={0x1C: number},
            encoding=page,
        )
        epub_from_mobi(source, made, Claims())
        assert text in re.sub(r"<[^>]*>", "", document(made, 1))


@needs_cases
@pytest.mark.parametrize(
    ("name", "title", "creator", "text"),
    [
        ("120-mobi-cp1252.mobi", "The Keeper’s Café", "Zoë Ångström", "took it: naïve, café"),
        ("123-mobi-cp1251.prc", "Маяк", "Иван Сокол", "Старый смотритель зажёг лампу"),
        ("124-mobi-lies-utf8.mobi", "The Keeper’s Café", "Zoë Ångström", "took it: naïve, café"),
        ("125-mobi-exth.mobi", "Salt & Fog: A “Tale”", "Vos, Petra", "took it: naïve, café"),
    ],
)
def test_a_case_is_read_in_the_encoding_that_it_is_in(
    tmp_path: Path, name: str, title: str, creator: str, text: str
) -> None:
    made = tmp_path / "made.epub"
    assert epub_from_mobi(case(name), made, Claims()) == ()
    package = read_package(made)
    assert (package.title, package.creators[0].name) == (title, creator)
    assert text in document(made, 1)


@needs_cases
def test_a_description_is_text_and_an_isbn_digits_in_the_package(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    epub_from_mobi(case("125-mobi-exth.mobi"), made, Claims())
    package = read_package(made)
    assert package.descriptions == ("A keeper & a bell. Then it lifts.",)
    assert package.unique_identifier == "urn:isbn:9780306406157"
    assert [one.term for one in package.subjects] == ["Fiction", "Sea stories", "FIC047000"]


def test_a_picture_of_a_type_that_no_reader_knows_is_made_into_one_that_all_know(
    tmp_path: Path, epubcheck: EpubCheck
) -> None:
    made = tmp_path / "made.epub"
    page = '<p>A <img recindex="1" alt="bmp"/><img recindex="2" alt="broken"/></p>'
    pictures = [picture("BMP"), b"\xff\xd8\xff broken"]
    findings = epub_from_mobi(mobi6(tmp_path / "b.mobi", page, {}, pictures), made, Claims())
    assert [one.rule for one in findings] == ["convert.missing-picture", "convert.damaged-picture"]
    assert 'src="../images/image-0001.png"' in document(made, 1)
    assert errors(epubcheck, made) == []


def test_bare_text_becomes_paragraphs_and_headings(tmp_path: Path, epubcheck: EpubCheck) -> None:
    made = tmp_path / "made.epub"
    text = "Tiny\r\n\r\nChapter 1\r\n\r\nOnce upon\r\na time.\r\n\r\nChapter 2\r\n\r\nAt € 5."
    data = text.encode("cp1252")
    header = b"\0\1\0\0" + len(data).to_bytes(4, "big") + b"\0\1\x10\0" + bytes(4)
    source = palm(tmp_path / "b.pdb", [header, data], b"TEXtREAd")
    epub_from_mobi(source, made, Claims(language="en"))
    assert [one.title for one in navigation.toc(made, read_package(made))] == [
        "Tiny",
        "Chapter 1",
        "Chapter 2",
    ]
    assert "<p>Once upon a time.</p>" in document(made, 1)
    assert errors(epubcheck, made) == []


PAGE = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" lang="ja"><head>
<title>{0}</title><link rel="stylesheet" href="kindle:flow:0001?mime=text/css"/></head>
<body aid="A">|<section type="chapter" aid="B"><h1>{0}</h1><p><a type="noteref"
href="kindle:pos:fid:0001:off:0000000000">on</a><a href="kindle:pos:fid:0009:off:0000000000">no</a>
<img src="kindle:flow:0002?mime=image/svg+xml" alt="drawn"/>
<img src="kindle:embed:0001?mime=image/jpeg" alt="shot"/></p></section>|</body></html>"""
SHEET = b"""@charset "utf-8"; h1 { color: red; filter: invert(100%); direction: rtl }
p { background: url(kindle:embed:0001?mime=image/jpeg) } > b { color: red } }} x
@font-face { font-family: f; src: url(kindle:embed:0008) } @media amzn-kf8 { i { color: blue } }
@media amzn-mobi { i { color: green } } u { background: url(http://elsewhere.example/x) }"""
DRAWING = (
    b'<svg viewBox="0 0 60 90"><script>x</script>'
    b'<image width="60" height="90" xlink:href="kindle:embed:0001?mime=image/jpeg"/></svg>'
)
FIXED = {122: b"true", 126: b"600x900", 527: b"rtl", 524: b"ja", 201: bytes(4), 124: b"landscape"}


@pytest.fixture
def comic(tmp_path: Path) -> Path:
    made = tmp_path / "made.epub"
    documents = [PAGE.format("One"), PAGE.format("Two")]
    contents = [("First", 0), ("Second", 1)]
    flows = [SHEET, DRAWING]
    source = kf8(tmp_path / "b.azw3", documents, flows, FIXED, [picture()], contents)
    assert epub_from_mobi(source, made, Claims()) == ()
    return made


def test_a_fixed_layout_book_stays_one(comic: Path, epubcheck: EpubCheck) -> None:
    package = read_package(comic)
    assert package.layout == "pre-paginated"
    assert package.page_progression == "rtl"
    assert package.cover is not None
    assert 'content="width=600, height=900"' in document(comic, 1)
    assert errors(epubcheck, comic) == []


def test_addresses_of_kindle_lead_to_files(comic: Path) -> None:
    page = document(comic, 1)
    assert "kindle:" not in page
    assert re.search(r'epub:type="noteref" href="part0002.xhtml#place\d+">on</a><a>no</a>', page)
    assert 'epub:type="chapter"' in page
    assert 'xlink:href="../images/image-0001.jpg"' in page
    assert 'aria-label="drawn"' in page
    assert "<script" not in page
    toc = navigation.toc(comic, read_package(comic))
    assert [one.href.partition("#")[0][-8:] for one in toc] == ["01.xhtml", "02.xhtml"]


def test_a_style_sheet_keeps_what_parses_and_what_kindles_know(comic: Path) -> None:
    with zipfile.ZipFile(comic) as opened:
        css = opened.read("EPUB/styles/style-0001.css").decode()
    assert css.splitlines() == [
        "h1 { color: red }",
        'p { background: url("../images/image-0001.jpg") }',
        "@media all {",
        "i { color: blue }",
        "}",
    ]


def test_a_book_without_text_is_refused(tmp_path: Path) -> None:
    empty = "<html><body><mbp:pagebreak/><p></p></body></html>"
    with pytest.raises(BookError) as caught:
        epub_from_mobi(mobi6(tmp_path / "b.mobi", empty), tmp_path / "made.epub", Claims())
    assert caught.value.finding.rule == "convert.empty"
    source = kf8(tmp_path / "b.azw3", ["<html><body>|<p/>|</body></html>"])
    with pytest.raises(BookError) as caught:
        epub_from_mobi(source, tmp_path / "made.epub", Claims())
    assert caught.value.finding.rule == "convert.empty"


def test_a_book_that_names_no_contents_gets_them_from_its_headings(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    page = "<h1>Book</h1><h2>One</h2><p>x</p><h2>Two</h2><p>y</p>"
    epub_from_mobi(mobi6(tmp_path / "b.mobi", page), made, Claims())
    toc = navigation.toc(made, read_package(made))
    assert [(one.title, one.level) for one in toc] == [("Book", 1), ("One", 2), ("Two", 2)]


def test_a_long_page_without_breaks_is_cut_at_headings_and_by_length(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    words_ = "<p>" + "word " * 200 + "</p>"
    chapters = "".join(f"<h2>{n}</h2>{words_}" for n in range(3)) + words_ * 600
    epub_from_mobi(mobi6(tmp_path / "b.mobi", chapters), made, Claims())
    assert len(read_package(made).spine) == 3 + 2
    assert len(words(made)) == 603 * 200 + 3


def test_more_page_breaks_than_any_book_has_are_not_all_honoured(tmp_path: Path) -> None:
    made = tmp_path / "made.epub"
    nested = "<div><mbp:pagebreak/>x " * 100
    epub_from_mobi(mobi6(tmp_path / "b.mobi", nested), made, Claims())
    assert len(read_package(made).spine) < 50
    assert len(words(made)) == 100
