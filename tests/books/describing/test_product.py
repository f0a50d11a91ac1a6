"""A book described by its submitter, its file and its text."""

import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from ebook_pipeline.books.describing.duplicates import work_key
from ebook_pipeline.books.describing.field_lengths import bounded
from ebook_pipeline.books.describing.product import DescriptionSources, describe
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.formats.pdf import metadata as pdf_metadata
from ebook_pipeline.books.records import (
    BookFormat,
    Claims,
    Contributor,
    Origin,
    Price,
    Product,
    Provenance,
    Subject,
)
from ebook_pipeline.books.text import IDEOGRAPHS
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.tools import sandbox
from tests.support.corpus import entries, named, needs_corpus

PRINTED = "Emma\n\nISBN 978-3-16-148410-0 (hardback)\n\nISBN 978-1-4028-9462-6 (ebook)"
AUSTEN = """
<dc:title>Emma</dc:title><dc:creator id="c">Jane Austen</dc:creator>
<meta refines="#c" property="role" scheme="marc:relators">aut</meta>
<meta refines="#c" property="file-as">Austen, Jane</meta>
<dc:language>en-GB</dc:language><dc:publisher>Murray</dc:publisher>
<dc:identifier>urn:isbn:9780306406157</dc:identifier><dc:subject>Love stories</dc:subject>
<dc:description>&lt;p&gt;A &lt;b&gt;young&lt;/b&gt; lady.&lt;/p&gt;
&lt;p&gt;Her match.&lt;/p&gt;</dc:description>
"""
SILENT = Claims()
TRANSLATER = Contributor(name="Edith Grossman", roles=("translater",))
MARY = Contributor(name="Mary Shelley", roles=("AUT",))
NAMESPACES = 'xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def epub(folder: Path, metadata: str = AUSTEN) -> Path:
    path = folder / "book.epub"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/epub+zip")
        file.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="p.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
        )
        package = f"<metadata>{metadata}</metadata><manifest/><spine/>"
        file.writestr("p.opf", f'<package {NAMESPACES} version="3.0">{package}</package>')
    return path


def described(
    folder: Path,
    claims: Claims = SILENT,
    *,
    metadata: str = AUSTEN,
    text: str = "",
    pdf: Path | None = None,
) -> Product:
    body = folder / "book.txt"
    body.write_text(text, encoding="utf-8")
    form = BookFormat.PDF if pdf else BookFormat.EPUB
    return describe(DescriptionSources(epub(folder, metadata), body, claims, pdf, form, 7))


def rules(product: Product) -> list[str]:
    return sorted(finding.rule for finding in product.findings)


def pdf(folder: Path, *, info: str = "Info title", **xmp: Any) -> Path:
    path = folder / "book.pdf"
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Title"] = info
        document.docinfo["/Author"] = "Ann One; Bob Two"
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
            for name, value in xmp.items():
                meta[f"dc:{name}"] = value
        document.save(path)
    return path


def test_a_file_speaks_for_itself(tmp_path: Path) -> None:
    product = described(tmp_path, text="It is a truth\nuniversally acknowledged.")
    assert product.title == "Emma"
    assert product.creators == (
        Contributor(name="Jane Austen", roles=("aut",), file_as="Austen, Jane"),
    )
    assert product.identifiers[0].isbn13 == "9780306406157"
    assert product.description == "A young lady.\n\nHer match."
    assert (product.word_count, product.pages) == (6, 7)
    assert {said.origin for said in product.provenance.values()} == {"file", "text"}
    assert product.findings == ()


def test_the_submitter_is_believed_before_the_file(tmp_path: Path) -> None:
    claims = Claims(
        title="Emma: A Novel", publisher="Penguin", language="en", isbn="978-0-14-143958-7",
        subjects=("FIC027070", "thema:FBC", "love  stories", "Matches"),
        price=Price(amount="4.99", currency="EUR"),
    )  # fmt: skip
    product = described(tmp_path, claims)
    assert (product.title, product.publishers) == ("Emma: A Novel", ("Penguin",))
    assert product.provenance["title"].origin == "submitter"
    assert product.provenance["creators"].origin == "file"
    assert [one.isbn13 for one in product.identifiers] == ["9780141439587", "9780306406157"]
    assert product.subjects == (
        Subject(term="FIC027070", scheme="bisac", code="FIC027070"),
        Subject(term="FBC", scheme="thema", code="FBC"),
        Subject(term="love stories"),
        Subject(term="Matches"),
    )
    assert rules(product) == [
        "metadata.isbn-conflict", "metadata.publisher-conflict", "metadata.title-conflict",
    ]  # fmt: skip


def test_a_claimed_author_keeps_the_role_and_sort_name_of_the_file(tmp_path: Path) -> None:
    product = described(tmp_path, Claims(authors=("JANE AUSTEN", "Another Lady")))
    assert product.creators == (
        Contributor(name="Jane Austen", roles=("aut",), file_as="Austen, Jane"),
        Contributor(name="Another Lady", roles=("aut",)),
    )
    assert product.findings == ()


def test_claimed_contributors_have_roles_of_either_list(tmp_path: Path) -> None:
    people = (
        Contributor(
            name=" Edith  Grossman", roles=("B06", "wpr", "trl"), file_as="Grossman, Edith"
        ),
        Contributor(name="Another Lady", roles=("A01", "ill")),
    )
    claims = Claims(authors=("Jane Austen",), subtitle=" A  Novel ", contributors=people)
    product = described(tmp_path, claims)
    assert product.subtitle == "A Novel"
    assert product.creators == (
        Contributor(name="Jane Austen", roles=("aut",), file_as="Austen, Jane"),
        Contributor(name="Another Lady", roles=("aut", "ill")),
    )
    assert product.contributors == (
        Contributor(name="Edith Grossman", roles=("trl", "wpr"), file_as="Grossman, Edith"),
    )
    assert product.provenance["contributors"].origin == "submitter"
    assert product.findings == ()


@pytest.mark.parametrize(
    ("claims", "rule"),
    [
        (Claims(title="Persuasion"), "metadata.title-conflict"),
        (Claims(authors=("Mary Shelley",)), "metadata.creator-conflict"),
        (Claims(language="fr"), "metadata.language-conflict"),
        (Claims(isbn="9780306406158"), "metadata.isbn"),
        (Claims(language="English"), "metadata.language"),
        (Claims(contributors=(TRANSLATER,)), "metadata.contributors"),
        (Claims(contributors=(MARY,)), "metadata.creator-conflict"),
    ],
)
def test_a_doubtful_claim_is_a_finding_with_a_remedy(
    tmp_path: Path, claims: Claims, rule: str
) -> None:
    found = {finding.rule: finding for finding in described(tmp_path, claims).findings}
    assert rule in found
    assert found[rule].remedy


@pytest.mark.parametrize(
    "claims",
    [
        Claims(title="EMMA."),
        Claims(title="Em", subtitle="Ma"),
        Claims(authors=("Austen, Jane",)),
        Claims(isbn="0-306-40615-2"),
        Claims(language="en-US"),
    ],
)
def test_another_spelling_of_the_same_is_no_conflict(tmp_path: Path, claims: Claims) -> None:
    assert described(tmp_path, claims).findings == ()


def test_a_wrong_isbn_never_becomes_an_identifier(tmp_path: Path) -> None:
    product = described(tmp_path, Claims(isbn="9780306406158"))
    assert [one.isbn13 for one in product.identifiers] == ["9780306406157"]


def test_wrong_isbns_in_file_and_text_are_named_with_their_place(tmp_path: Path) -> None:
    metadata = AUSTEN.replace("9780306406157", "9780306406150")
    text = "Copyright\nISBN 978-0-14-143958-7\nISBN-13: 978-0-14-143958-1\nISBN 0-306-40615-3"
    findings = described(tmp_path, metadata=metadata, text=text).findings
    assert [(one.rule, one.place) for one in findings] == [
        ("metadata.isbn", "package document"), ("metadata.isbn", "text"), ("metadata.isbn", "text"),
    ]  # fmt: skip


def test_a_book_without_metadata_is_named_by_its_first_line(tmp_path: Path) -> None:
    product = described(tmp_path, metadata="", text="\n  A  Tale \nOnce upon a time.")
    assert (product.title, product.provenance["title"].origin) == ("A Tale", "text")
    assert rules(product) == [
        f"metadata.{field}-missing"
        for field in ("creator", "description", "language", "publishers", "subjects", "title")
    ]


def test_a_book_without_anything_is_untitled(tmp_path: Path) -> None:
    assert described(tmp_path, metadata="").title == "Untitled"


def test_a_pdf_speaks_by_xmp_before_its_information_dictionary(tmp_path: Path) -> None:
    manuscript = pdf(tmp_path, title="XMP title", publisher={"House"}, language={"fr"})
    product = described(tmp_path, metadata="<dc:title>made</dc:title>", pdf=manuscript)
    assert product.title == "XMP title"
    assert [creator.name for creator in product.creators] == ["Ann One", "Bob Two"]
    assert (product.publishers, product.languages) == (("House",), ("fr",))
    assert product.provenance["title"].origin == "file"


def test_claims_come_before_a_pdf(tmp_path: Path) -> None:
    product = described(tmp_path, Claims(title="Mine"), metadata="", pdf=pdf(tmp_path))
    assert (product.title, product.provenance["title"].origin) == ("Mine", "submitter")
    assert "metadata.title-conflict" in rules(product)


def test_a_file_name_is_no_title(tmp_path: Path) -> None:
    junk = "Microsoft Word - final2.docx"
    assert pdf_metadata.read_metadata(pdf(tmp_path, info=junk, title=junk)).title == ""


def test_where_xmp_names_a_file_the_older_dictionary_may_know_the_title(tmp_path: Path) -> None:
    manuscript = pdf(tmp_path, title="Microsoft Word - final2.docx")
    assert pdf_metadata.read_metadata(manuscript).title == "Info title"


def test_an_unreadable_pdf_is_a_book_error_without_our_paths(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\n")
    with pytest.raises(BookError) as caught:
        pdf_metadata.read_metadata(broken)
    assert str(tmp_path) not in caught.value.finding.message


def test_describing_works_in_the_sandbox(tmp_path: Path) -> None:
    body = tmp_path / "book.txt"
    body.write_text("One two three.")
    book, claims = epub(tmp_path), Claims(title="Emma")
    product = sandbox.call(describe, DescriptionSources(book, body, claims, pages=1))
    assert product.word_count == 3


CORPUS_EPUBS = [
    entry
    for entry in entries("novel", "sample", "epubcheck", "w3c-test")
    if entry["format"] == "epub" and entry["valid"] and entry["expect"].get("title")
]


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", CORPUS_EPUBS, ids=lambda entry: entry["name"])
def test_real_books_are_described_as_the_manifest_knows_them(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    expect, book = entry["expect"], named(entry["name"])
    package = read_package(book)
    body = tmp_path / "book.txt"
    body.write_text("\n".join(text for _, text in content.texts(book, package)))
    product = describe(DescriptionSources(book, body, SILENT, pages=1))
    assert product.title == expect["title"]
    assert product.languages == tuple(expect.get("languages") or ())
    assert [one.term for one in product.subjects] == (expect.get("subjects") or [])
    assert (package.cover is not None) == expect.get("has_cover", False)
    assert [(one.value, one.unique) for one in product.identifiers] == [
        (one["value"], one.get("unique", False)) for one in expect.get("identifiers") or []
    ]
    assert [(one.name, sorted(one.roles), one.file_as) for one in product.creators] == [
        (one["name"], sorted(one.get("roles", ())), one.get("file_as"))
        for one in expect.get("creators") or []
    ]
    spaced = not IDEOGRAPHS.search(body.read_text())  # the manifest counts what spaces part
    if entry["class"] in ("novel", "sample") and spaced:
        assert product.word_count == pytest.approx(expect["word_count"], rel=0.01)


def test_a_product_of_the_first_schema_is_still_read() -> None:
    old = {"title": "A Tale", "provenance": {"title": "submitter"}}
    product = Product.upgrade(old, 1)
    assert product.provenance["title"].origin is Origin.SUBMITTER


def test_what_a_model_made_is_said_to_be_made() -> None:
    made = Provenance(origin=Origin.MODEL, model="minilm 6", confidence=0.7)
    product = Product(title="A Tale", keywords=("moles",), provenance={"keywords": made})
    assert product.generated == ("keywords",)


def test_an_isbn_printed_as_the_ebooks_names_a_book_that_nobody_else_does(tmp_path: Path) -> None:
    silent = described(tmp_path, metadata="<dc:title>Emma</dc:title>", text=PRINTED)
    assert [one.isbn13 for one in silent.identifiers] == ["9781402894626"]
    assert silent.provenance["identifiers"].origin == "text"
    named = described(tmp_path, text=PRINTED)
    assert [one.isbn13 for one in named.identifiers] == ["9780306406157"]
    assert named.printed_isbns == silent.printed_isbns == ("9783161484100", "9781402894626")


def test_an_author_whom_a_program_made_up_is_nobody(tmp_path: Path) -> None:
    product = described(tmp_path, metadata="<dc:creator>Unknown</dc:creator>")
    assert "metadata.creator-missing" in [one.rule for one in product.findings]


def test_a_code_that_the_file_prints_as_a_word_is_a_code(tmp_path: Path) -> None:
    product = described(tmp_path, metadata="<dc:subject>FIC019000</dc:subject>")
    assert product.subjects == (Subject(term="FIC019000", scheme="bisac", code="FIC019000"),)


def test_a_title_that_a_conversion_gave_is_the_texts_and_somebody_should_send_one(
    tmp_path: Path,
) -> None:
    body = tmp_path / "book.txt"
    body.write_text("Once upon a time.", encoding="utf-8")
    product = describe(DescriptionSources(epub(tmp_path), body, SILENT, guessed=True))
    assert (product.title, product.provenance["title"].origin) == ("Emma", "text")
    assert product.provenance["creators"].origin == "file"
    assert "metadata.title-missing" in rules(product)


def test_what_only_the_epub_of_a_pdf_says_was_read_in_its_text(tmp_path: Path) -> None:
    manuscript = pdf(tmp_path, title="XMP title")
    product = described(tmp_path, metadata="<dc:language>fr</dc:language>", pdf=manuscript)
    assert product.provenance["title"].origin == "file"
    assert product.provenance["languages"].origin == "text"


def test_fields_of_any_length_are_cut_and_it_is_said(tmp_path: Path) -> None:
    long = "word " * 5000
    claims = Claims(title=long, authors=(long,), publisher=long, subjects=(long,) * 600)
    product = described(tmp_path, claims, metadata=AUSTEN.replace("Emma", long))
    assert len(product.title) == len(product.creators[0].name) == len(product.publishers[0]) == 500
    assert product.title.endswith("…")
    assert len(product.subjects) <= 500
    cut = [found.message for found in product.findings if found.rule == "metadata.too-long"]
    assert any("title" in message for message in cut)
    assert max(len(found.message) for found in product.findings) < 1500
    assert len(work_key(product)) <= 601
    assert bounded(product) == product
