"""Package documents: EPUB 3.3 §5."""

from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub.package import PackageDocument, parse_package, read_package
from ebook_pipeline.books.formats.epub.paths import resolve, with_fragment
from ebook_pipeline.books.records import Identifier, Series, Subject
from ebook_pipeline.foundation.errors import BookError
from tests.support.books.epub import METADATA, epub, package


def read(metadata: str = "", manifest: str = "", **kwargs: str) -> PackageDocument:
    return parse_package(package(metadata, manifest, **kwargs).encode(), "EPUB/package.opf")


def test_a_tiny_book_is_read(tmp_path: Path) -> None:
    found = read_package(epub(tmp_path / "b.epub"))
    assert (found.path, found.version, found.title) == ("EPUB/package.opf", "3.0", "A Tiny Book")
    assert found.unique_identifier == "urn:uuid:12345678-1234-4123-8123-123456789abc"
    assert [item.path for item in found.spine_items] == ["EPUB/one.xhtml"]
    assert (found.nav, found.ncx, found.cover) == ("EPUB/nav.xhtml", None, None)


def test_titles_are_told_apart_by_their_type() -> None:
    found = read(
        '<dc:title id="s">Sub</dc:title><meta refines="#s" property="title-type">subtitle</meta>'
        '<dc:title id="m">Main</dc:title><meta refines="#m" property="title-type">main</meta>'
        '<meta refines="#m" property="file-as">Main, The</meta>'
    )
    assert (found.title, found.subtitle) == ("Main", "Sub")
    assert found.titles[1].file_as == "Main, The"


def test_people_have_every_role_that_is_said_of_them() -> None:
    found = read(
        '<dc:creator id="a">Ann</dc:creator><meta refines="#a" property="role">aut</meta>'
        '<meta refines="#a" property="role">ill</meta>'
        '<dc:contributor xmlns:opf="http://www.idpf.org/2007/opf" opf:role="edt" '
        'opf:file-as="B, B">B B</dc:contributor>'
    )
    assert found.creators[0].roles == ("aut", "ill")
    assert (found.contributors[0].roles, found.contributors[0].file_as) == (("edt",), "B, B")


def test_an_isbn_is_known_however_it_is_written() -> None:
    found = read(
        '<dc:identifier id="uid">urn:isbn:9780306406157</dc:identifier>'
        '<dc:identifier id="j">0-306-40615-2</dc:identifier>'
        '<meta refines="#j" property="identifier-type" scheme="onix:codelist5">02</meta>'
    )
    assert found.identifiers == (
        Identifier(value="urn:isbn:9780306406157", unique=True, isbn13="9780306406157"),
        Identifier(value="0-306-40615-2", scheme="isbn", isbn13="9780306406157"),
    )


def test_subjects_carry_their_scheme_and_code() -> None:
    found = read(
        '<dc:subject id="s">Romance</dc:subject>'
        '<meta refines="#s" property="authority">BISAC</meta>'
        '<meta refines="#s" property="term">FIC027000</meta>'
    )
    assert found.subjects == (Subject(term="Romance", scheme="bisac", code="FIC027000"),)


def test_a_series_in_both_vocabularies_is_one() -> None:
    found = read(
        '<meta property="belongs-to-collection" id="c">Fog Harbour</meta>'
        '<meta refines="#c" property="collection-type">series</meta>'
        '<meta name="calibre:series" content="Fog harbour"/>'
        '<meta name="calibre:series_index" content="2.0"/>'
    )
    assert found.series == (Series(name="Fog Harbour", position="2.0"),)


@pytest.mark.parametrize(
    ("dates", "published"),
    [
        ('<dc:date opf:event="modification">2026</dc:date>', None),
        ('<dc:date opf:event="creation">2019</dc:date><dc:date>2020</dc:date>', "2020"),
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", None),
        ('<meta property="dcterms:issued">2021</meta>', "2021"),
    ],
)
def test_a_date_is_of_publication_or_none(dates: str, published: str | None) -> None:
    spaced = dates.replace("<dc:date ", '<dc:date xmlns:opf="http://www.idpf.org/2007/opf" ')
    assert read(spaced).published == published


def test_a_series_is_found_in_both_vocabularies() -> None:
    found = read(
        '<meta property="belongs-to-collection" id="c">Epic</meta>'
        '<meta refines="#c" property="collection-type">series</meta>'
        '<meta refines="#c" property="group-position">2</meta>'
        '<meta property="belongs-to-collection">A list of bests</meta>'
        '<meta name="calibre:series" content="Saga"/>'
        '<meta name="calibre:series_index" content="3.0"/>'
    )
    assert found.series == (Series(name="Epic", position="2"), Series(name="Saga", position="3.0"))
    assert len(found.collections) == 3


def test_accessibility_is_read_from_both_vocabularies() -> None:
    found = read(
        '<meta property="schema:accessMode">textual</meta>'
        '<meta name="schema:accessibilityFeature" content="alternativeText"/>'
        '<link rel="dcterms:conformsTo" href="https://www.w3.org/TR/x"/>'
    ).accessibility
    assert (found.access_modes, found.features) == (("textual",), ("alternativeText",))
    assert found.conforms_to == ("https://www.w3.org/TR/x",)


@pytest.mark.parametrize(
    ("metadata", "item"),
    [
        ("", '<item id="x" href="c.png" media-type="image/png" properties="cover-image"/>'),
        ('<meta name="cover" content="x"/>', '<item id="x" href="c.png" media-type="image/png"/>'),
    ],
)
def test_the_cover_is_found_as_each_version_says_it(metadata: str, item: str) -> None:
    cover = read(metadata, item).cover
    assert cover is not None
    assert cover.path == "EPUB/c.png"


def test_fixed_layout_and_direction_are_read() -> None:
    text = package('<meta property="rendition:layout">pre-paginated</meta>').replace(
        "<spine>", '<spine page-progression-direction="rtl">'
    )
    found = parse_package(text.encode(), "p.opf")
    assert (found.layout, found.page_progression) == ("pre-paginated", "rtl")


def test_an_external_entity_is_refused_and_nothing_is_read() -> None:
    text = '<!DOCTYPE package [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + package(METADATA)
    with pytest.raises(BookError) as caught:
        parse_package(text.replace('<?xml version="1.0" encoding="UTF-8"?>', "").encode(), "p")
    assert caught.value.finding.rule == "xml.entity"


def test_a_package_document_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        read_package(epub(tmp_path / "b.epub", {"EPUB/package.opf": None}))
    assert caught.value.finding.rule == "package.missing"


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("text/a%20b.xhtml#x", "EPUB/text/a b.xhtml"),
        ("../META-INF/x", "META-INF/x"),
        ("../../../x", "x"),
        ("/x", "x"),
        ("#here", "EPUB/p.opf"),
        ("https://example.org/x", None),
        ("data:text/plain,x", None),
    ],
)
def test_references_resolve_inside_the_container(href: str, path: str | None) -> None:
    assert resolve("EPUB/p.opf", href) == path


def test_fragments_are_kept_where_they_are_wanted() -> None:
    assert with_fragment("EPUB/nav.xhtml", "a.xhtml#b") == "EPUB/a.xhtml#b"


@pytest.mark.parametrize(
    ("stated", "language", "right"),
    [
        ("default", "fa", True),
        ("default", "he-IL", True),
        ("default", "ar-Latn", False),
        ("ltr", "he", False),
        ("rtl", "ja", True),
        ("default", "ja", False),
        ("default", "", False),
    ],
)
def test_pages_turn_as_they_say_or_as_their_language_is_written(
    stated: str, language: str, right: bool
) -> None:
    found = PackageDocument(
        path="p.opf",
        version="3.0",
        page_progression=stated,
        languages=(language,) if language else (),
    )
    assert found.turns_from_right == right


@pytest.mark.parametrize(
    ("language", "stated", "version", "told"),
    [
        ("fa", "default", "3.0", True),
        ("ar-EG", "default", "3.3", True),
        ("fa", "rtl", "3.0", False),
        ("fa", "ltr", "3.0", False),
        ("fa", "default", "2.0", False),
        ("az-Latn", "default", "3.0", False),
        ("ku", "default", "3.0", False),
        ("ur-Latn", "default", "3.0", False),
        ("", "default", "3.0", False),
    ],
)
def test_a_book_from_the_right_that_does_not_say_so_is_told(
    language: str, stated: str, version: str, told: bool
) -> None:
    found = PackageDocument(
        path="book.opf",
        version=version,
        page_progression=stated,
        languages=(language,) if language else (),
    ).findings
    assert [(one.rule, one.place) for one in found] == [
        ("package.no-progression", "book.opf")
    ] * told
    assert all("page-progression-direction" in one.remedy for one in found)
