"""``ebooks metadata``: cards of real files equal what is known of them, whatever their format."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.metadata_tables.expected import differences
from tests.support.commands import ebooks
from tests.support.corpus import entry_of, named, needs_corpus

pytestmark = [pytest.mark.xdist_group("models"), needs_corpus, pytest.mark.corpus]
Cards = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def cards(tmp_path: Path) -> Cards:
    def drawn(*names: str) -> list[dict[str, Any]]:
        done = ebooks("metadata", "--json", *(named(name) for name in names), cwd=tmp_path)
        found = done.objects
        assert isinstance(found, list)
        return found

    return drawn


SMALL = "samples/sous-le-vent.epub"
EQUAL = [
    SMALL,
    "w3c-tests/pkg-title-order.epub",
    "mobi/kf8-fonts.azw3",
    "mobi/palmdoc.pdb",
    "pdf/annotated.pdf",
    "pdf/vera-pdf_a-2b-pass.pdf",
    "pdf/attachment.pdf",
    "manuscripts/willows.docx",
    *(
        pytest.param(long, marks=pytest.mark.prove)
        for long in (
            "novels/mary-shelley_frankenstein.epub",
            "novels/treasure-island-epub2.epub",
            "samples/wasteland-otf-obf.epub",
            "mobi/small-mobi6.mobi",
        )
    ),
]


@pytest.mark.parametrize("name", EQUAL)
def test_a_card_says_what_is_known_of_its_file(cards: Cards, name: str) -> None:
    (card,) = cards(name)
    assert differences(card, entry_of(name)["expect"]) == {}


def test_cards_are_in_the_order_of_the_files_and_say_where_each_field_comes_from(
    cards: Cards,
) -> None:
    first, second = cards("pdf/annotated.pdf", SMALL)
    assert first["file"].endswith("annotated.pdf")
    assert second["file"].endswith("sous-le-vent.epub")
    assert second["provenance"]["title"] == {"origin": "file"}
    assert second["provenance"]["word_count"] == {"origin": "text"}


def test_a_file_that_can_not_be_read_says_what_it_can_and_ends_with_1(tmp_path: Path) -> None:
    books = named("mobi/drm.mobi"), named("samples/cole-voyage-of-life.epub")
    done = ebooks("metadata", "--json", *books, cwd=tmp_path)
    locked, fine = done.objects
    assert done.code == 1
    assert [one["rule"] for one in locked["findings"]] == ["protection.kindle"]
    assert locked["exth_author"] == ["Ann Author"]
    assert fine["title"] == "Thomas Cole - The Voyage of Life"


def test_people_read_lines_and_the_trade_reads_onix(tmp_path: Path) -> None:
    path = named(SMALL)
    lines = ebooks("metadata", path, cwd=tmp_path).out
    assert "title: Sous le vent" in lines
    message = ElementTree.fromstring(ebooks("metadata", "--onix", path, cwd=tmp_path).out)
    space = {"o": "http://ns.editeur.org/onix/3.0/reference"}
    assert message.findtext(".//o:PersonNameInverted", namespaces=space) == "Pouy, Jean-Bernard"
    (book,) = ebooks("metadata", "--json-ld", path, cwd=tmp_path).objects
    assert (book["@type"], book["inLanguage"]) == ("Book", ["fr"])
