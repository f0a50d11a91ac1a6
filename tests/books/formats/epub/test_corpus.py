"""Every EPUB of the corpus is read as the manifest says."""

from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.books.formats.epub.content import texts
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.formats.epub.structure import structure
from ebook_pipeline.books.text import IDEOGRAPHS
from ebook_pipeline.foundation.errors import BookError
from tests.support.corpus import entries, named, needs_corpus

PLAIN = {
    "title": "title",
    "subtitle": "subtitle",
    "modified": "modified",
    "layout": "layout",
    "page_progression": "page_progression",
}
LISTS = ("languages", "publishers", "sources", "types")
FAULTY = {
    "opf-legacy-oebps12-error.epub",  # no name space: EPUBCheck's error, nothing to read
    "opf-legacy-oebps12-mediatype-css-warning.epub",
    "metadata-date-empty-error-opf.epub",  # empty elements are left out
    "metadata-identifier-empty-error-opf.epub",
    "opf-guide-reference-to-image-error.epub",  # the guide's cover counts
    "ocf-url-path-absolute-error.epub",  # an absolute path is taken from the root
    "entities-external-error-xhtml.epub",  # refused
    "ocf-encryption-compression-attributes-invalid-error.epub",  # an unknown lock is a lock
}


def books() -> list[dict[str, Any]]:
    found = entries("novel", "sample", "w3c-test", "epubcheck")
    return [one for one in found if "opf" in one["expect"] and one["expect"].get("readable")]


def people(found: Any) -> list[tuple[str, list[str], str | None]]:
    return [(one.name, sorted(one.roles), one.file_as) for one in found]


def expected_people(found: list[dict[str, Any]]) -> list[tuple[str, list[str], str | None]]:
    return [(one["name"], sorted(one.get("roles", ())), one.get("file_as")) for one in found]


def differences(path: Path, expect: dict[str, Any]) -> dict[str, Any]:
    package = read_package(path)
    found = {key: getattr(package, name) for key, name in PLAIN.items()}
    found |= {key: list(getattr(package, key)) for key in LISTS}
    found |= {
        "subjects": [one.term for one in package.subjects],
        "dates": [one.value for one in package.dates],
        "collections": [one.name for one in package.collections],
        "identifiers": [(one.value, one.unique) for one in package.identifiers],
        "creators": people(package.creators),
        "contributors": people(package.contributors),
        **structure(path).model_dump(),
    }
    wanted = dict(expect)
    if any(IDEOGRAPHS.search(text) for _, text in texts(path, package)):
        del wanted["word_count"]  # the manifest counts what spaces part
    wanted["identifiers"] = [(i["value"], bool(i.get("unique"))) for i in expect["identifiers"]]
    for key in ("creators", "contributors"):
        if key in expect:
            wanted[key] = expected_people(expect[key])
    return {
        key: (found[key], wanted[key])
        for key in found
        if key in wanted
        and (
            abs(found[key] - wanted[key]) > 0.01 * wanted[key]
            if key in ("word_count", "text_chars")
            else found[key] != wanted[key]
        )
    }


@needs_corpus
@pytest.mark.corpus
def test_every_readable_book_is_read_as_the_manifest_says() -> None:
    wrong = {}
    for entry in books():
        if Path(entry["name"]).name not in FAULTY:
            try:
                found = differences(named(entry["name"]), entry["expect"])
            except BookError as error:
                found = {"error": error.finding}
            if found:
                wrong[entry["name"]] = found
    assert len(books()) > 250
    assert wrong == {}
