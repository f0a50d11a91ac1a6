"""XMP says what a PDF is; the older dictionary where it is silent. Packets have many shapes."""

from pathlib import Path

import pikepdf
import pytest

from ebook_pipeline.books.converting.from_pdf import epub_from_pdf
from ebook_pipeline.books.formats.pdf.metadata import PdfMetadata, read_metadata
from ebook_pipeline.books.records import Claims
from tests.support.corpus import case, needs_cases

PACKET = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description'
    ' rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    ' xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/" {attributes}>{properties}'
    "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
)
ISBN = "9780306406157"


def described(folder: Path, properties: str = "", attributes: str = "", **info: str) -> PdfMetadata:
    path = folder / "a.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        packet = PACKET.format(properties=properties, attributes=attributes).encode()
        pdf.Root.Metadata = pdf.make_stream(packet, Type=pikepdf.Name.Metadata)
        for key, value in info.items():
            pdf.docinfo[f"/{key}"] = value
        pdf.save(path, fix_metadata_version=False)
    return read_metadata(path)


@pytest.mark.parametrize(
    "property_",
    [
        f"<dc:identifier>urn:isbn:{ISBN}</dc:identifier>",
        "<dc:identifier>ISBN 978-0-306-40615-7</dc:identifier>",
        f"<dc:identifier><rdf:Bag><rdf:li>x-7</rdf:li><rdf:li>{ISBN}</rdf:li></rdf:Bag>"
        "</dc:identifier>",
        "<prism:isbn>0-306-40615-2</prism:isbn>",
        "<prism:eIsbn>978-0-306-40615-7</prism:eIsbn>",
        f"<pdfx:ISBN>{ISBN}</pdfx:ISBN>",
    ],
)
def test_an_isbn_is_found_wherever_a_packet_puts_it(tmp_path: Path, property_: str) -> None:
    assert described(tmp_path, property_).isbn == ISBN


def test_an_isbn_of_the_older_dictionary_counts_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    assert described(tmp_path, ISBN="978-0-306-40615-7").isbn == ISBN
    assert described(tmp_path, "<prism:isbn>978-0-306-40615-8</prism:isbn>").isbn == ""


def test_attributes_are_properties_too(tmp_path: Path) -> None:
    told = described(tmp_path, attributes=f'dc:identifier="{ISBN}" dc:language="fr"')
    assert (told.isbn, told.language) == (ISBN, "fr")


def test_a_title_in_languages_is_the_default_one(tmp_path: Path) -> None:
    title = (
        '<dc:title><rdf:Alt><rdf:li xml:lang="de">Das Licht</rdf:li>'
        '<rdf:li xml:lang="x-default">The Light</rdf:li></rdf:Alt></dc:title>'
    )
    assert described(tmp_path, title, Title="Old").title == "The Light"


@pytest.mark.parametrize("junk", ["Untitled-1", "Microsoft Word - a.docx", "book_final.indd"])
def test_a_file_name_is_no_title_wherever_it_stands(tmp_path: Path, junk: str) -> None:
    title = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{junk}</rdf:li></rdf:Alt></dc:title>'
    assert described(tmp_path, title, Title="The Light").title == "The Light"
    assert described(tmp_path, Title=junk).title == ""


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("<rdf:li>A B</rdf:li><rdf:li>C D</rdf:li>", ("A B", "C D")),
        ("<rdf:li>A B; C D</rdf:li>", ("A B", "C D")),
        ("", ("Old One",)),
    ],
)
def test_creators_are_those_of_the_packet(
    tmp_path: Path, stated: str, authors: tuple[str, ...]
) -> None:
    creators = f"<dc:creator><rdf:Seq>{stated}</rdf:Seq></dc:creator>" if stated else ""
    assert described(tmp_path, creators, Author="Old One").authors == authors


def test_a_packet_that_is_no_xml_leaves_the_older_dictionary(tmp_path: Path) -> None:
    assert described(tmp_path, "<dc:title>", Title="The Light").title == "The Light"


@needs_cases
def test_the_epub_says_what_the_metadata_says(tmp_path: Path) -> None:
    path = case("117-pdf-xmp-authors.pdf")
    told = read_metadata(path)
    assert (told.title, told.authors) == ("The North Light", ("Petra Vos", "Idris Kalu"))
    assert (told.isbn, told.language) == (ISBN, "en-GB")
    metadata = epub_from_pdf(path, tmp_path / "out.epub", Claims()).metadata
    assert (metadata.title, metadata.authors) == (told.title, told.authors)
    assert (metadata.language, metadata.isbn) == ("en-GB", ISBN)


def test_an_empty_item_of_a_packet_is_none(tmp_path: Path) -> None:
    subjects = "<dc:subject><rdf:Bag><rdf:li/><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>"
    assert described(tmp_path, subjects).keywords == ("sea",)
