"""The search and the exports from a shell, on the services of one machine."""

from collections.abc import Iterator
from pathlib import Path

import onixcheck
import pytest

from tests.support.homes import Home, open_home
from tests.support.services.sales import several


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("home"), EBOOK_SHOP_URL="https://shop.example") as one:
        several(one.resources.database, 3)
        yield one


def test_a_search_prints_books_and_their_facets(home: Home) -> None:
    answer = home.ebooks("search", "numbre", "--facet", "language=en")
    assert answer.code == 0
    assert [line.split()[0] for line in answer.out.splitlines()] == ["book-0", "book-2"]
    assert "searched for: number" in answer.err
    assert "publisher: Müller & Söhne (2)" in answer.err


def test_a_search_is_one_object_for_programs(home: Home) -> None:
    [found] = home.ebooks("search", "number", "--limit", 1, "--json").objects
    assert (found["total"], len(found["entries"]), found["corrected"]) == (3, 1, False)


def test_nothing_found_ends_with_1_and_a_wrong_facet_with_2(home: Home) -> None:
    assert home.ebooks("search", "nothing").code == 1
    wrong = home.ebooks("search", "number", "--facet", "colour=red")
    assert wrong.code == 2
    assert "language, genre, format" in wrong.err


def test_both_exports_are_written_and_counted(home: Home, tmp_path: Path) -> None:
    message, feeds = tmp_path / "all.xml", tmp_path / "feeds"
    served = "https://feeds.example/opds"
    wanted = ("--onix", message, "--opds", feeds, "--base-url", served)
    answer = home.ebooks("export", *wanted, "--json")
    assert [(one["target"], one["books"]) for one in answer.objects] == [
        (str(message), 3),
        (str(feeds), 3),
    ]
    assert onixcheck.validate(str(message), schemas=("xsd", "rng")) == []
    book = (feeds / "books" / "book-0.json").read_text(encoding="utf-8")
    edge = f"http://127.0.0.1:{home.settings.edge_port}/public"
    assert f'"{served}/books/book-0.json"' in book
    assert f'"{edge}/book-0/cover"' in book
    assert '"https://shop.example/books/book-0"' in book


def test_a_message_needs_no_address_of_a_shop(home: Home, tmp_path: Path) -> None:
    answer = home.ebooks("export", "--onix", tmp_path / "all.xml", EBOOK_SHOP_URL="")
    assert (answer.code, answer.err) == (0, "")


def test_an_export_of_nothing_is_wrong_usage(home: Home) -> None:
    assert home.ebooks("export").code == 2


def test_feeds_have_the_address_that_somebody_serves_them_at(home: Home, tmp_path: Path) -> None:
    answer = home.ebooks("export", "--opds", tmp_path / "feeds")
    assert answer.code == 2
    assert "--base-url" in answer.err
