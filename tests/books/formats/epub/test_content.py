"""Text and contents of books: EPUB 3.3 §6 and §7."""

from pathlib import Path

import pytest
from lxml import etree

from ebook_pipeline.books import text as prose
from ebook_pipeline.books.formats.epub import content, navigation, xml
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import TocEntry
from ebook_pipeline.foundation.errors import BookError
from tests.support.books.epub import MANIFEST, METADATA, epub, package, page

NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><navMap>
<navPoint><navLabel><text>Part</text></navLabel><content src="one.xhtml"/>
<navPoint><navLabel><text>Chapter</text></navLabel><content src="one.xhtml#c"/></navPoint>
</navPoint></navMap><pageList><pageTarget><navLabel><text>7</text></navLabel>
<content src="one.xhtml#p7"/></pageTarget></pageList></ncx>"""


def text(body: str) -> str:
    return content.text_of(page(body).encode())


def test_blocks_are_lines_and_inline_markup_splits_no_word() -> None:
    assert text("<h1>A</h1><p>un<em>believ</em>able\n  day</p>") == "A\nunbelievable day"


def test_line_breaks_and_cells_separate_words() -> None:
    assert text("<p>a<br/>b</p><table><tr><td>c</td><td>d</td></tr></table>").split() == list(
        "abcd"
    )


def test_ruby_annotations_mathematics_and_scripts_are_left_out() -> None:
    body = (
        "<p><ruby>漢<rt>kan</rt></ruby> tail <math xmlns='http://www.w3.org/1998/Math/MathML'>"
        "<mi>x</mi></math>after<script>no()</script><!-- no --> end</p>"
    )
    assert text(body) == "漢 tail after end"


def test_htmls_named_entities_work_without_a_dtd() -> None:
    assert text("<p>caf&eacute;&nbsp;&amp; &lt;tea&gt;</p>") == "café & <tea>"


def test_a_short_internal_entity_works_and_a_nested_one_is_refused() -> None:
    assert xml.parse(b'<!DOCTYPE a [<!ENTITY e "ok">]><a>&e;</a>').text == "ok"
    for bad in (
        '<!ENTITY e "&f;&f;"><!ENTITY f "x">',
        '<!ENTITY % e "x">',
        '<!ENTITY e PUBLIC "a" "b">',
    ):
        with pytest.raises(BookError) as caught:
            xml.parse(f"<!DOCTYPE a [{bad}]><a/>".encode())
        assert caught.value.finding.rule == "xml.entity"


def test_malformed_xml_names_its_place() -> None:
    with pytest.raises(BookError) as caught:
        xml.parse(b"<a>\n<b></a>", place="x.xhtml")
    assert caught.value.finding.rule == "xml.malformed"
    assert caught.value.finding.place.startswith("x.xhtml:2:")


def test_malformed_text_is_read_as_far_as_it_goes() -> None:
    assert "before" in content.text_of(page("<p>before</b> after</p>").encode())


@pytest.mark.parametrize("data", [b"", b" \n", b"\xff\xd8\xff\xe0", b"<!-- -->", b"<"])
def test_a_document_without_any_element_has_no_text(data: bytes) -> None:
    assert content.text_of(data) == ""
    with pytest.raises(BookError):
        xml.parse(data)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_documents_are_read_in_their_encoding(encoding: str) -> None:
    declared = page("<p>naïve</p>").replace("UTF-8", "cp1252" if encoding == "cp1252" else "UTF-8")
    assert content.text_of(declared.encode(encoding)) == "naïve"


def test_words_are_split_at_white_space_and_em_dashes() -> None:
    assert prose.word_count("one two—three  … – four-five don’t") == 5


def test_the_navigation_document_is_read_with_its_levels(tmp_path: Path) -> None:
    nav = (
        '<nav epub:type="landmarks"><ol><li><a href="x">no</a></li></ol></nav>'
        '<nav epub:type="toc"><ol><li><span>Part <em>One</em></span><ol>'
        '<li><a href="one.xhtml#a">Chap<b>ter</b></a></li></ol></li></ol></nav>'
    )
    book = epub(tmp_path / "b.epub", {"EPUB/nav.xhtml": nav})
    assert navigation.toc(book, read_package(book)) == (
        TocEntry(title="Part One"),
        TocEntry(title="Chapter", href="EPUB/one.xhtml#a", level=2),
    )


def test_the_ncx_is_read_where_there_is_no_navigation_document(tmp_path: Path) -> None:
    manifest = MANIFEST.replace(' properties="nav"', "") + (
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    )
    files = {"EPUB/package.opf": package(METADATA, manifest), "EPUB/toc.ncx": NCX}
    book = epub(tmp_path / "b.epub", files)
    found = read_package(book)
    assert [(one.title, one.level) for one in navigation.toc(book, found)] == [
        ("Part", 1),
        ("Chapter", 2),
    ]
    assert navigation.page_list(book, found)[0].href == "EPUB/one.xhtml#p7"


def test_the_spine_is_read_in_order(tmp_path: Path) -> None:
    book = epub(tmp_path / "b.epub")
    found = read_package(book)
    assert list(content.texts(book, found)) == [("EPUB/one.xhtml", "One\nOnce upon a time.")]
    assert content.word_count(book, found) == 5


@pytest.mark.parametrize(
    ("broken", "named"), [("p:", "p"), ("foo:bar", "foo-bar"), (":", "unknown")]
)
def test_a_mended_document_has_names_that_can_be_read(broken: str, named: str) -> None:
    root = xml.parse(page(f"<{broken}>inside</{broken}>\x02").encode(), recover=True)
    assert named in [xml.element_name(one) for one in root.iter("*")]
    assert b"inside" in etree.tostring(root)
