"""A PDF as LCP publication: its package, openssl's word on it, and what is refused."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.protecting.lcp import license, pdf_package, profiles
from ebook_pipeline.books.protecting.lcp.pdf_package import (
    PackageDescription,
    decrypt_pdf,
    protect_pdf,
    same_pdf,
)
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import BookError, Damaged
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.tools import sandbox
from tests.support import protection_memory
from tests.support.books import mixed_epub as epubs
from tests.support.books import pdf as pdfs

KEY, OTHER = Secret(bytes(range(32))), Secret(bytes(32))
SAID = PackageDescription(
    identifier="urn:isbn:9780000000002",
    title="Été & “hiver”",
    authors=("Ada",),
    languages=("fr",),
    cover=b"\xff\xd8 cover \xff\xd9",
)
LARGE = 160 << 20


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return pdfs.book(tmp_path / "plain.pdf")


@pytest.fixture
def package(pdf: Path) -> Path:
    target = pdf.with_name("book.lcpdf")
    protect_pdf(pdf, target, KEY, profiles.BASIC, SAID)
    return target


def test_the_package_says_what_is_encrypted_and_how(package: Path, pdf: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        stored = archive.getinfo("publication.pdf").compress_type
        assert archive.read("cover.jpg") == SAID.cover
    assert stored == zipfile.ZIP_STORED
    (only,) = manifest["readingOrder"]
    assert (only["href"], only["type"]) == ("publication.pdf", "application/pdf")
    assert only["properties"]["encrypted"] == {
        "scheme": "http://readium.org/2014/01/lcp",
        "profile": profiles.BASIC,
        "algorithm": profiles.CONTENT_ALGORITHM,
        "originalLength": pdf.stat().st_size,
    }
    assert manifest["metadata"]["title"] == SAID.title
    assert manifest["resources"] == [{"href": "cover.jpg", "type": "image/jpeg", "rel": "cover"}]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_decrypts_it_byte_for_byte(package: Path, pdf: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        body = archive.read("publication.pdf")
    cipher = ["-aes-256-cbc", "-K", KEY.reveal().hex(), "-iv", body[:16].hex()]
    plain = subprocess.run(
        ["openssl", "enc", "-d", *cipher], input=body[16:], capture_output=True, check=True
    ).stdout
    assert plain == pdf.read_bytes()


def test_it_comes_back_and_the_same_again_is_the_same_file(package: Path, pdf: Path) -> None:
    decrypt_pdf(package, pdf.with_name("back.pdf"), KEY)
    assert pdf.with_name("back.pdf").read_bytes() == pdf.read_bytes()
    assert same_pdf(pdf, package, KEY)
    again = pdf.with_name("again.lcpdf")
    protect_pdf(pdf, again, KEY, profiles.BASIC, SAID)
    assert again.read_bytes() == package.read_bytes()


def test_another_books_key_and_changed_bytes_are_noticed(package: Path, pdf: Path) -> None:
    assert not same_pdf(pdf, package, OTHER)
    with pytest.raises(Damaged):
        decrypt_pdf(package, pdf.with_name("back.pdf"), OTHER)
    assert not pdf.with_name("back.pdf").exists()
    body = bytearray(package.read_bytes())
    body[body.index(b"publication.pdf") + 60] ^= 1
    package.write_bytes(body)
    assert not same_pdf(pdf, package, KEY)


@pytest.mark.parametrize("manifest", [None, b"{", b"{}", b'{"readingOrder": []}'])
def test_a_package_without_its_manifest_is_damaged(
    package: Path, tmp_path: Path, manifest: bytes | None
) -> None:
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(tmp_path / "odd.lcpdf", "w") as odd:
        odd.writestr("publication.pdf", old.read("publication.pdf"))
        if manifest is not None:
            odd.writestr("manifest.json", manifest)
    with pytest.raises(Damaged):
        decrypt_pdf(tmp_path / "odd.lcpdf", tmp_path / "back.pdf", KEY)


def test_what_is_no_pdf_is_the_books_fault(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"PK\x03\x04")
    with pytest.raises(BookError) as caught:
        protect_pdf(tmp_path / "x.pdf", tmp_path / "x.lcpdf", KEY, profiles.BASIC, SAID)
    assert caught.value.finding.rule == "lcp.no-pdf"


def test_the_licence_stands_at_the_root(package: Path, tmp_path: Path) -> None:
    body = package.read_bytes()
    blob = BlobRef(
        sha256=hashlib.sha256(body).hexdigest(),
        length=len(body),
        media_type=pdf_package.MEDIA_TYPE,
    )
    terms = license.LicenseTerms(
        reader="r", hint="h", hint_url="https://example.org/h", issued=datetime.now(UTC)
    )
    issuer = license.issuer_for_tests("https://example.org")
    user_key = license.passphrase_hash("éclair")
    download = license.PublicationLink(href="https://example.org/book.lcpdf", blob=blob)
    document = license.issue_license(issuer, KEY, user_key, download, terms)
    license.embed(package, document, tmp_path / "licensed.lcpdf")
    with zipfile.ZipFile(tmp_path / "licensed.lcpdf") as archive:
        assert archive.read("license.lcpl") == document
    assert license.unlock(document, user_key) == KEY


@pytest.mark.parametrize("kind", [protection_memory.pdf, protection_memory.epub])
def test_a_large_book_is_protected_in_50_megabytes(kind: Any, tmp_path: Path) -> None:
    """A file larger than the memory that the child may have."""
    source = tmp_path / "large"
    with source.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        out.truncate(LARGE)
    if kind is protection_memory.epub:
        source = epubs.write(tmp_path / "large.epub")
        with zipfile.ZipFile(source, "a") as archive:
            archive.write(tmp_path / "large", "EPUB/film.bin")
    peak = sandbox.call(kind, source, tmp_path / "protected")
    assert peak < 50 < LARGE >> 20
