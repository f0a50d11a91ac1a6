"""A book encrypted once: what LCP 1.0 §2 asks for, and every byte back again."""

import contextlib
import shutil
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from ebook_pipeline.books.protecting.lcp import profiles
from ebook_pipeline.books.protecting.lcp.encryption import (
    EncryptionResult,
    decrypt,
    protect,
    same_resources,
)
from ebook_pipeline.foundation.errors import BookError, Damaged
from ebook_pipeline.foundation.secrets import Secret
from tests.support.books import mixed_epub as epubs
from tests.support.corpus import entries, named, needs_corpus
from tests.support.existing import existing

KEY = Secret(bytes(range(32)))
OTHER = Secret(bytes(32))
NAMES = {"enc": "http://www.w3.org/2001/04/xmlenc#", "ds": "http://www.w3.org/2000/09/xmldsig#"}
COMPRESSION = "{http://www.idpf.org/2016/encryption#compression}Compression"

OBFUSCATED = b"""<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">
<EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/>
<CipherData><CipherReference URI="EPUB/font.otf"/></CipherData></EncryptedData></encryption>"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return epubs.write(tmp_path / "plain.epub")


def shield(source: Path, key: Secret = KEY) -> tuple[Path, EncryptionResult]:
    target = source.with_name("protected.epub")
    return target, protect(source, target, key, profiles.BASIC)


def encrypted_data(path: Path) -> list[etree._Element]:
    return etree.fromstring(epubs.read(path)["META-INF/encryption.xml"]).findall(
        "enc:EncryptedData", NAMES
    )


def uris(path: Path) -> list[str]:
    return [
        existing(existing(data.find("enc:CipherData/enc:CipherReference", NAMES)).get("URI"))
        for data in encrypted_data(path)
    ]


def test_what_lcp_forbids_to_encrypt_stays_readable(book: Path) -> None:
    protected, _ = shield(book)
    before, after = epubs.read(book), epubs.read(protected)
    readable = {name for name in before if after[name] == before[name]}
    assert readable == {
        "mimetype",
        "META-INF/container.xml",
        "EPUB/package.opf",
        "EPUB/nav.xhtml",
        "EPUB/toc.ncx",
        "EPUB/cover.jpg",
    }


def test_the_cover_of_an_epub_2_stays_readable(tmp_path: Path) -> None:
    package = epubs.package(meta='<meta name="cover" content="plate"/>')
    protected, made = shield(epubs.write(tmp_path / "plain.epub", package=package))
    assert "EPUB/plate.jpg" not in made.resources
    assert epubs.read(protected)["EPUB/plate.jpg"] == epubs.JPEG


def test_the_record_names_what_was_encrypted_in_the_order_of_the_container(book: Path) -> None:
    _, made = shield(book)
    assert made.resources == (
        "EPUB/one.xhtml",
        "EPUB/plate.jpg",
        "EPUB/drawing.svg",
        epubs.ODD_NAME,
    )
    assert made.encrypted_resources == 4


def test_the_mimetype_comes_first_and_nothing_encrypted_is_compressed_by_the_zip(
    book: Path,
) -> None:
    protected, made = shield(book)
    with zipfile.ZipFile(protected) as archive:
        first, *rest = archive.infolist()
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    stored = {each.filename for each in rest if each.compress_type == zipfile.ZIP_STORED}
    assert stored == set(made.resources)


def test_text_is_deflated_before_encryption_and_pictures_are_not(book: Path) -> None:
    protected, _ = shield(book)
    facts = [existing(data.find(f".//{COMPRESSION}")) for data in encrypted_data(protected)]
    assert [(fact.get("Method"), fact.get("OriginalLength")) for fact in facts] == [
        ("8", str(len(epubs.PAGE) * 20)),
        ("0", str(len(epubs.JPEG))),
        ("8", str(len(epubs.RESOURCES["EPUB/drawing.svg"]))),
        ("8", str(len(epubs.PAGE))),
    ]


def test_the_content_key_is_looked_for_in_the_licence(book: Path) -> None:
    protected, _ = shield(book)
    for data in encrypted_data(protected):
        method = existing(data.find("ds:KeyInfo/ds:RetrievalMethod", NAMES))
        assert method.get("URI") == "license.lcpl#/encryption/content_key"
        assert method.get("Type") == "http://readium.org/2014/01/lcp#EncryptedContentKey"


def test_odd_names_are_percent_encoded(book: Path) -> None:
    protected, _ = shield(book)
    assert uris(protected)[-1] == "EPUB/caf%C3%A9,%20100%25&.xhtml"


def test_the_same_book_and_key_give_the_same_bytes(book: Path, tmp_path: Path) -> None:
    protected, _ = shield(book)
    again = tmp_path / "again.epub"
    protect(book, again, KEY, profiles.BASIC)
    assert again.read_bytes() == protected.read_bytes()


def test_no_two_resources_share_an_iv(book: Path) -> None:
    """Equal bytes at two paths, the same path under two keys: all start differently."""
    names = ("EPUB/plate.jpg", "EPUB/twin.jpg", "EPUB/one.xhtml")
    twins = {**epubs.RESOURCES, "EPUB/twin.jpg": epubs.JPEG}
    source = epubs.write(book.with_name("twins.epub"), twins)
    ivs = [epubs.read(shield(source, key)[0])[name][:16] for key in (KEY, OTHER) for name in names]
    assert len(set(ivs)) == len(ivs)


def test_decryption_gives_every_byte_back(book: Path, tmp_path: Path) -> None:
    protected, _ = shield(book)
    decrypt(protected, tmp_path / "back.epub", KEY)
    assert epubs.read(tmp_path / "back.epub") == epubs.read(book)


def test_obfuscated_fonts_stay_as_they_are_and_listed(tmp_path: Path) -> None:
    resources = {
        **epubs.RESOURCES,
        "EPUB/font.otf": b"obfuscated",
        "META-INF/encryption.xml": OBFUSCATED,
    }
    source = epubs.write(tmp_path / "plain.epub", resources)
    protected, made = shield(source)
    assert "EPUB/font.otf" not in made.resources
    assert epubs.read(protected)["EPUB/font.otf"] == b"obfuscated"
    assert uris(protected)[0] == "EPUB/font.otf"
    assert len(uris(protected)) == made.encrypted_resources + 1
    assert same_resources(source, protected, KEY) == ()
    decrypt(protected, tmp_path / "back.epub", KEY)
    assert same_resources(source, tmp_path / "back.epub", KEY) == ()
    assert uris(tmp_path / "back.epub") == ["EPUB/font.otf"]


@pytest.mark.parametrize(
    ("entry", "body"),
    [
        ("META-INF/encryption.xml", OBFUSCATED.replace(b"www.idpf.org/2008", b"drm.example")),
        ("META-INF/license.lcpl", b"{}"),
    ],
)
def test_a_book_under_other_protection_is_refused(tmp_path: Path, entry: str, body: bytes) -> None:
    source = epubs.write(tmp_path / "plain.epub", {**epubs.RESOURCES, entry: body})
    with pytest.raises(BookError, match=r"encrypted already|licence already"):
        shield(source)
    assert [path.name for path in tmp_path.iterdir()] == ["plain.epub"]


def test_an_entity_in_the_package_document_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("nav.xhtml")
    entity = f'<!DOCTYPE package [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()
    package = epubs.package(items='<item id="x" href="x.bin" media-type="&e;"/>')
    hostile = package.replace(b'<?xml version="1.0"?>', b'<?xml version="1.0"?>' + entity)
    with pytest.raises(BookError):
        shield(epubs.write(tmp_path / "plain.epub", package=hostile))


@pytest.mark.parametrize(
    ("special", "rule"),
    [
        ({"container": b"<container"}, "lcp.ill-formed"),
        ({"container": b"<container/>"}, "lcp.no-package"),
        ({"package": b""}, "lcp.ill-formed"),
    ],
)
def test_a_broken_container_is_the_books_fault(
    tmp_path: Path, special: dict[str, bytes], rule: str
) -> None:
    with pytest.raises(BookError) as caught:
        shield(epubs.write(tmp_path / "plain.epub", epubs.RESOURCES, **special))
    assert caught.value.finding.rule == rule


def test_a_file_that_is_no_zip_is_the_books_fault(tmp_path: Path) -> None:
    source = tmp_path / "plain.epub"
    source.write_bytes(b"not a zip")
    with pytest.raises(BookError):
        shield(source)


def test_an_unknown_profile_or_a_short_key_is_a_mistake_of_ours(book: Path) -> None:
    with pytest.raises(ValueError, match="no LCP encryption profile"):
        protect(book, book.with_name("x"), KEY, "http://example.org/profile")
    with pytest.raises(ValueError, match="32 bytes"):
        shield(book, Secret(b"short"))


def test_another_key_changes_every_encrypted_resource(book: Path, tmp_path: Path) -> None:
    protected, made = shield(book)
    assert same_resources(book, protected, OTHER) == tuple(sorted(made.resources))
    with pytest.raises(Damaged):
        decrypt(protected, tmp_path / "back.epub", OTHER)
    assert not (tmp_path / "back.epub").exists()


def test_changed_missing_and_added_resources_are_named(book: Path, tmp_path: Path) -> None:
    protected, _ = shield(book)
    found = epubs.read(protected)
    found["EPUB/plate.jpg"] = found["EPUB/plate.jpg"][:-17] + b"!" + found["EPUB/plate.jpg"][-16:]
    found["EPUB/extra.xhtml"] = epubs.PAGE
    del found["EPUB/one.xhtml"]
    with zipfile.ZipFile(tmp_path / "changed.epub", "w") as archive:
        for name, body in found.items():
            archive.writestr(name, body)
    assert same_resources(book, tmp_path / "changed.epub", KEY) == (
        "EPUB/extra.xhtml",
        "EPUB/one.xhtml",
        "EPUB/plate.jpg",
    )


def test_a_flipped_bit_in_the_store_is_a_difference_not_a_crash(book: Path) -> None:
    protected, _ = shield(book)
    body = bytearray(protected.read_bytes())
    body[body.index(b"EPUB/plate.jpg") + 40] ^= 1
    protected.write_bytes(body)
    assert same_resources(book, protected, KEY) == ("EPUB/plate.jpg",)


def test_memory_stays_flat(tmp_path: Path) -> None:
    film = tmp_path / "film.bin"
    film.write_bytes(b"\0" * (64 << 20))
    source = epubs.write(tmp_path / "plain.epub")
    with zipfile.ZipFile(source, "a") as archive:
        archive.write(film, "EPUB/film.bin")
    tracemalloc.start()
    protected, _ = shield(source)
    assert same_resources(source, protected, KEY) == ()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


names = st.from_regex(r"EPUB/[a-z\u00e9 ,%#+'()&]{1,12}\.(xhtml|jpg|bin)", fullmatch=True)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    resources=st.dictionaries(names, st.binary(max_size=200), max_size=8),
    key=st.binary(min_size=32, max_size=32),
)
def test_any_resources_come_back(tmp_path: Path, resources: dict[str, bytes], key: bytes) -> None:
    source = epubs.write(tmp_path / "plain.epub", resources)
    protected, made = shield(source, Secret(key))
    assert set(made.resources) == set(resources) - {"EPUB/nav.xhtml", "EPUB/cover.jpg"}
    assert same_resources(source, protected, Secret(key)) == ()
    decrypt(protected, tmp_path / "back.epub", Secret(key))
    assert epubs.read(tmp_path / "back.epub") == epubs.read(source)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", entries("novel", "sample"), ids=lambda entry: entry["name"])
def test_real_books_come_back(entry: dict[str, Any], tmp_path: Path) -> None:
    source = tmp_path / "plain.epub"
    shutil.copyfile(named(entry["name"]), source)
    protected, made = shield(source)
    assert made.encrypted_resources > 0
    assert same_resources(source, protected, KEY) == ()


HOSTILE = [
    entry
    for entry in entries("hostile")
    if entry["format"] == "epub" and "bomb" not in entry["name"]
]


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("entry", HOSTILE, ids=lambda entry: entry["name"])
def test_a_hostile_book_is_protected_whole_or_refused_with_a_finding(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    source, target = named(entry["name"]), tmp_path / "protected.epub"
    with contextlib.suppress(BookError):
        protect(source, target, KEY, profiles.BASIC)
    assert not target.exists() or same_resources(source, target, KEY) == ()
    assert not target.with_name("protected.epub.part").exists()
