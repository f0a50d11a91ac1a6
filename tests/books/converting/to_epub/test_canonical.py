"""One EPUB 3 for every EPUB, the same bytes for the same files."""

import zipfile
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.to_epub.canonical import canonical_epub
from ebook_pipeline.books.formats.epub.navigation import landmarks, page_list, toc
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.books.epub import epub
from tests.support.corpus import named, needs_corpus


def errors(epubcheck: EpubCheck, path: Path) -> list[Finding]:
    return [one for one in epubcheck.check(path) if one.severity >= Severity.ERROR]


def test_every_file_of_an_epub_3_keeps_its_bytes(tmp_path: Path) -> None:
    source, target = epub(tmp_path / "a.epub"), tmp_path / "b.epub"
    assert canonical_epub(source, target) == ()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target) as new:
        assert new.namelist()[0] == "mimetype"
        assert new.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        assert {n: old.read(n) for n in old.namelist()} == {n: new.read(n) for n in new.namelist()}


def test_the_same_files_in_another_order_give_the_same_bytes(tmp_path: Path) -> None:
    source, shuffled = epub(tmp_path / "a.epub"), tmp_path / "shuffled.epub"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(shuffled, "w") as new:
        for name in reversed(old.namelist()):
            new.writestr(name, old.read(name))
    canonical_epub(source, tmp_path / "one.epub")
    canonical_epub(shuffled, tmp_path / "two.epub")
    assert (tmp_path / "one.epub").read_bytes() == (tmp_path / "two.epub").read_bytes()


def test_what_an_operating_system_left_behind_is_left_out(tmp_path: Path) -> None:
    files = {"EPUB/.DS_Store": b"x", "__MACOSX/._nav.xhtml": b"y"}
    source = epub(tmp_path / "a.epub", files)
    findings = canonical_epub(source, tmp_path / "b.epub")
    assert {one.place for one in findings} == set(files)
    with zipfile.ZipFile(tmp_path / "b.epub") as new:
        assert not set(files) & set(new.namelist())


def test_an_epub_2_becomes_an_epub_3_without_errors(
    tmp_path: Path, epub2: Path, epubcheck: EpubCheck
) -> None:
    target = tmp_path / "new.epub"
    (finding,) = canonical_epub(epub2, target)
    assert finding.rule == "convert.epub2"
    package = read_package(target)
    assert package.version == "3.0"
    assert package.modified == "2001-02-03T00:00:00Z"
    assert package.cover is not None
    assert package.creators[0].roles == ("aut",)
    assert package.creators[0].file_as == "Author, Ann"
    assert errors(epubcheck, target) == []


def test_the_ncx_becomes_the_navigation_document(tmp_path: Path, epub2: Path) -> None:
    target = tmp_path / "new.epub"
    canonical_epub(epub2, target)
    entries = toc(target, read_package(target))
    assert [(one.title, one.level, one.href) for one in entries] == [
        ("First", 1, "EPUB/one.html"),
        ("Inner", 2, "EPUB/one.html#in"),
        ("Gone", 1, "EPUB/one.html"),
    ]
    assert [one.title for one in landmarks(target, read_package(target))] == ["Start"]
    pages = page_list(target, read_package(target))
    assert [(one.title, one.href) for one in pages] == [("7", "EPUB/one.html#in")]


@needs_corpus
@pytest.mark.corpus
def test_a_novel_in_epub_2_has_no_error_afterwards(tmp_path: Path, epubcheck: EpubCheck) -> None:
    target = tmp_path / "new.epub"
    canonical_epub(named("novels/treasure-island-epub2.epub"), target)
    assert errors(epubcheck, target) == []


@needs_corpus
@pytest.mark.corpus
def test_a_repacked_novel_is_the_same_canonical_book(tmp_path: Path) -> None:
    for name in ("frankenstein-repacked", "mary-shelley_frankenstein"):
        canonical_epub(named(f"novels/{name}.epub"), tmp_path / name)
    first, second = (
        tmp_path / name for name in ("frankenstein-repacked", "mary-shelley_frankenstein")
    )
    assert first.read_bytes() == second.read_bytes()
