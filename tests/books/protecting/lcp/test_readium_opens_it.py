"""Readium's own code opens what we protect, byte for byte, and refuses other passphrases."""

import hashlib
import json
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.protecting.lcp import profiles
from ebook_pipeline.books.protecting.lcp.encryption import EncryptionResult, protect
from ebook_pipeline.books.protecting.lcp.license import (
    LicenseTerms,
    PublicationLink,
    embed,
    issue_license,
    issuer_for_tests,
    passphrase_hash,
)
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.secrets import Secret
from tests.support.books import mixed_epub as epubs
from tests.support.corpus import CORPUS, needs_corpus
from tests.support.paths import JUDGES

NODE = shutil.which("node")
BOOKS = [
    "novels/jane-austen_pride-and-prejudice.epub",
    "novels/treasure-island-epub2.epub",
    "samples/wasteland-otf-obf.epub",
    "samples/haruko-html-jpeg.epub",
]

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(
        NODE is None or not (JUDGES / "node_modules" / "r2-lcp-js").is_dir(),
        reason="Readium's code is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
    ),
]


def licensed(source: Path, folder: Path) -> tuple[Path, EncryptionResult]:
    """The book protected, with a licence in it for the passphrase ``éclair``."""
    key = Secret.random()
    made = protect(source, folder / "protected.epub", key, profiles.BASIC)
    body = (folder / "protected.epub").read_bytes()
    sha256 = hashlib.sha256(body).hexdigest()
    blob = BlobRef(sha256=sha256, length=len(body), media_type="application/epub+zip")
    terms = LicenseTerms(
        reader="reader-1",
        hint="Your usual one",
        hint_url="https://example.org/hint",
        issued=datetime.now(UTC),
    )
    document = issue_license(
        issuer_for_tests("https://example.org"),
        key,
        passphrase_hash("éclair"),
        PublicationLink(href="https://example.org/book.epub", blob=blob),
        terms,
    )
    embed(folder / "protected.epub", document, folder / "licensed.epub")
    return folder / "licensed.epub", made


def judged(book: Path, passphrase: str) -> dict[str, Any]:
    key = passphrase_hash(passphrase).reveal().hex()
    argv = [str(NODE), str(JUDGES / "open_protected_book.js"), str(book), key]
    ended = subprocess.run(argv, capture_output=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def digests(source: Path) -> dict[str, str]:
    with zipfile.ZipFile(source) as archive:
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def assert_readable(source: Path, folder: Path) -> None:
    book, made = licensed(source, folder)
    answer = judged(book, "éclair")
    before = digests(source)
    assert answer["unlocked"]
    assert answer["resources"] == {path: before[path] for path in answer["resources"]}
    assert set(made.resources) <= set(answer["resources"])


def test_a_small_book_with_odd_names(tmp_path: Path) -> None:
    assert_readable(epubs.write(tmp_path / "plain.epub"), tmp_path)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", BOOKS)
def test_real_books(name: str, tmp_path: Path) -> None:
    assert_readable(CORPUS / name, tmp_path)


def test_another_passphrase_opens_nothing(tmp_path: Path) -> None:
    book, _ = licensed(epubs.write(tmp_path / "plain.epub"), tmp_path)
    assert judged(book, "eclair") == {"unlocked": False, "resources": {}}
