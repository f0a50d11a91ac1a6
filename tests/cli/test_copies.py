"""``ebooks copy`` and ``ebooks trace`` on the services of one machine; secrets stay in files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from ebook_pipeline.books.records import (
    CatalogEntry,
    Distribution,
    Product,
    Protection,
    ReleaseFile,
)
from ebook_pipeline.cli import ebooks
from ebook_pipeline.services.protecting.content_keys import MARKING, named_secret
from ebook_pipeline.services.releasing import releases
from tests.support import secret_search
from tests.support.books import mixed_epub as epubs
from tests.support.books import pdf as pdfs
from tests.support.homes import Home, open_home
from tests.support.services.submissions import arrive

PASSWORD = "correct horse, battery staple"
NAME = "Zoë Berg"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home that sells Emma with marks, Persuasion with a password, Sanditon under LCP."""
    with open_home(tmp_path_factory.mktemp("home")) as one:
        folder = tmp_path_factory.mktemp("masters")
        masters = {
            "publication": (epubs.write(folder / "book.epub"), "application/epub+zip"),
            "publication-pdf": (pdfs.book(folder / "book.pdf"), "application/pdf"),
        }
        for book, protection in (
            ("emma", Protection.SOCIAL),
            ("persuasion", Protection.PASSWORD),
            ("sanditon", Protection.LCP),
        ):
            sell(one, book, protection, masters)
        yield one


def sell(
    home: Home, book: str, protection: Protection, masters: dict[str, tuple[Path, str]]
) -> None:
    arrive(home.resources.database, book, f"{book}.epub")
    blobs = {rel: home.resources.object_store.put(*master) for rel, master in masters.items()}
    files = tuple(
        ReleaseFile(rel=rel, path=f"masters/{book}/{blob.sha256}", blob=blob)
        for rel, blob in blobs.items()
    )
    entry = CatalogEntry(book=book, edition=1, release=f"{book}-1", title=book)
    said = Distribution(release=entry.release, files=files, protection=protection)
    product = Product(title=book)
    releases.go_live(home.resources.database, entry, product, distribution=said, actor="pipeline")


def test_a_copy_is_sold_told_and_traced(home: Home, tmp_path: Path) -> None:
    asked = ("copy", "emma", "--order", "A-17", "--name", NAME, "--json", "--out")
    first, again = home.ebooks(*asked, tmp_path / "1"), home.ebooks(*asked, tmp_path / "2")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    [made] = first.objects
    assert (made["order"], made["form"], made["release"]) == ("A-17", "epub", "emma-1")
    assert (made["file"], NAME in first.out) == (str(tmp_path / "1"), False)
    [found] = home.ebooks("trace", tmp_path / "2", "--json").objects
    assert (found["order"], found["book"], found["at"]) == ("A-17", "emma", made["at"])
    told = [path.read_text() for path in (home.settings.root / "events").rglob("*.json")]
    kinds = [json.loads(one)["type"] for one in told]
    assert kinds.count("copy.made") == 1
    epubs.write(tmp_path / "plain.epub")
    assert home.ebooks("trace", tmp_path / "plain.epub").code == 1


def test_a_password_comes_from_a_file_and_stays_there(home: Home, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    asked = ("copy", "persuasion", "--order", "B-2", "--out", tmp_path / "book.pdf")
    refused = home.ebooks(*asked)
    assert (refused.code, "password: say which" in refused.err) == (1, True)
    made = home.ebooks(*asked, "--password-from", tmp_path / "password")
    assert made.code == 0, made.err
    with pikepdf.open(tmp_path / "book.pdf", password=PASSWORD) as pdf:
        assert len(pdf.pages) == 1
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(tmp_path / "book.pdf")
    traced = home.ebooks("trace", tmp_path / "book.pdf")
    assert "order B-2: persuasion (pdf), sold " in traced.out


def test_what_is_not_sold_by_copy_is_told_what_to_do(home: Home, tmp_path: Path) -> None:
    for book, told in (("sanditon", "`ebooks license sanditon`"), ("nobody", "'nobody'")):
        refused = home.ebooks("copy", book, "--order", "C", "--out", tmp_path / "copy")
        assert (refused.code, told in refused.err) == (1, True), refused.err
    assert list(tmp_path.iterdir()) == []


def test_neither_secret_nor_name_stays_anywhere(home: Home) -> None:
    secret = named_secret(home.resources.database, home.resources.key_vault, MARKING)
    places = dict(secret_search.left_behind(home))
    kept = [secret.reveal(), PASSWORD.encode(), NAME.encode()]
    assert secret_search.holding(places, kept) == []


@pytest.mark.parametrize(
    "words",
    [
        ("copy", "emma", "--out", "copy"),
        ("copy", "emma", "--order", "A"),
        ("copy", "emma", "--order", " ", "--out", "copy"),
        ("copy", "emma", "--order", "A" * 201, "--out", "copy"),
        ("copy", "emma", "--order", "A", "--out", "there"),
        ("copy", "emma", "--order", "A", "--out", "no/folder/copy"),
        ("copy", "emma", "--order", "A", "--form", "mobi", "--out", "copy"),
        ("copy", "emma", "--order", "A", "--password-from", "gone", "--out", "copy"),
        ("trace", "gone"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_started(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").write_bytes(b"")
    assert CliRunner().invoke(ebooks, words).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
