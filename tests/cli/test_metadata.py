"""``ebooks metadata``: cards of real files equal what is known of them, whatever their format."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from benchmarks.metadata_tables.expected import differences
from tests.support.commands import ebooks
from tests.support.corpus import entry_of, named, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]


@pytest.fixture
def cards(tmp_path: Path):
    def drawn(*names: str) -> list[dict[str, Any]]:
        done = ebooks("metadata", "--json", *(named(name) for name in names), cwd=tmp_path)
        found = json.loads(done.stdout)
        assert isinstance(found, list)
        return found

    return drawn


EQUAL = [
    "novels/mary-shelley_frankenstein.epub",
    "novels/treasure-island-epub2.epub",
    "samples/sous-le-vent.epub",
    "samples/wasteland-otf-obf.epub",
    "w3c-tests/pkg-title-order.epub",
    "mobi/kf8-fonts.azw3",
    "mobi/small-mobi6.mobi",
    "mobi/palmdoc.pdb",
    "pdf/annotated.pdf",
    "pdf/vera-pdf_a-2b-pass.pdf",
    "pdf/attachment.pdf",
    "manuscripts/willows.docx",
]


def test_a_card_says_what_is_known_of_its_file(cards) -> None:
    wrong = {
        name: found
        for name, card in zip(EQUAL, cards(*EQUAL), strict=True)
        if (found := differences(card, entry_of(name)["expect"]))
    }
    assert wrong == {}


def test_a_card_says_where_each_field_comes_from(cards) -> None:
    (card,) = cards("novels/mary-shelley_frankenstein.epub")
    assert card["file"].endswith("mary-shelley_frankenstein.epub")
    assert card["provenance"]["title"] == {"origin": "file"}
    assert card["provenance"]["word_count"] == {"origin": "text"}


def test_a_file_that_can_not_be_read_says_what_it_can_and_ends_with_1(tmp_path: Path) -> None:
    books = named("mobi/drm.mobi"), named("samples/cole-voyage-of-life.epub")
    done = ebooks("metadata", "--json", *books, cwd=tmp_path)
    locked, fine = json.loads(done.stdout)
    assert done.returncode == 1
    assert [one["rule"] for one in locked["findings"]] == ["protection.kindle"]
    assert locked["exth_author"] == ["Ann Author"]
    assert fine["title"] == "Thomas Cole - The Voyage of Life"


def test_people_read_lines_and_the_trade_reads_onix(tmp_path: Path) -> None:
    path = named("novels/mary-shelley_frankenstein.epub")
    lines = ebooks("metadata", path, cwd=tmp_path).stdout
    assert "title: Frankenstein" in lines
    message = ElementTree.fromstring(ebooks("metadata", "--onix", path, cwd=tmp_path).stdout)
    space = {"o": "http://ns.editeur.org/onix/3.0/reference"}
    assert message.findtext(".//o:PersonNameInverted", namespaces=space) == "Shelley, Mary"
    (book,) = json.loads(ebooks("metadata", "--json-ld", path, cwd=tmp_path).stdout)
    assert (book["@type"], book["inLanguage"]) == ("Book", ["en-GB"])
