"""Searching the catalogue: accents, phrases, slips of the keyboard, facets."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebook_pipeline.books.records import (
    Accessibility,
    Audience,
    CatalogEntry,
    Contributor,
    Distribution,
    Genre,
    Product,
    ReleaseFile,
)
from ebook_pipeline.books.selling.facets import facet
from ebook_pipeline.resources.database import Database, catalog
from ebook_pipeline.resources.database.catalog import SearchResult, search, search_with_facets
from ebook_pipeline.resources.database.query_spelling import distance
from ebook_pipeline.services.releasing import releases
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive, blob

JANE_EYRE = Product(
    title="Jane Eyre",
    creators=(Contributor(name="Charlotte Brontë", roles=("aut",)),),
    languages=("en-GB",),
    publishers=("Smith, Elder & Co.",),
    genres=(Genre(code="FBC", term="Classic fiction", confidence=0.9),),
    description="An orphan becomes a governess at Thornfield Hall.",
    accessibility=Accessibility(features=("alternativeText", "index")),
)
PRIDE = Product(
    title="Pride and Prejudice",
    creators=(Contributor(name="Jane Austen", roles=("aut",)),),
    languages=("en",),
    description="First impressions of the governess of nobody.",
    audience=Audience(code="01"),
)
PRIDE_IN_GERMAN = Product(
    title="Stolz und Vorurteil",
    subtitle="Pride and Prejudice",
    creators=(Contributor(name="Jane Austen", roles=("aut",)),),
    languages=("de",),
    layout="pre-paginated",
)


def sell(database: Database, book: str, product: Product) -> None:
    """Put a book on sale under this id."""
    arrive(database, book, key=f"{book}.epub")
    names = tuple(creator.name for creator in product.creators)
    entry = CatalogEntry(
        book=book,
        edition=1,
        release=f"{book}-1",
        title=product.title,
        authors=names,
        language=next(iter(product.languages), ""),
    )
    file = ReleaseFile(rel="publication", path=f"books/{book}", blob=blob(book))
    distribution = Distribution(release=entry.release, files=(file,))
    releases.go_live(database, entry, product, distribution=distribution, actor="pipeline")


@pytest.fixture
def shop(database: Database) -> Database:
    sell(database, "jane-eyre", JANE_EYRE)
    sell(database, "pride", PRIDE)
    sell(database, "stolz", PRIDE_IN_GERMAN)
    return database


def books(found: SearchResult) -> list[str]:
    return [entry.book for entry in found.entries]


def test_a_title_comes_before_a_subtitle_and_a_description(shop: Database) -> None:
    assert books(search_with_facets(shop, "pride prejudice")) == ["pride", "stolz"]


@pytest.mark.parametrize("query", ["Brontë", "bronte", "BRONTE\u0308"])
def test_accents_and_case_do_not_matter(shop: Database, query: str) -> None:
    assert books(search_with_facets(shop, query)) == ["jane-eyre"]


def test_a_phrase_is_found_in_its_order_only(shop: Database) -> None:
    assert books(search_with_facets(shop, '"jane eyre"')) == ["jane-eyre"]
    assert books(search_with_facets(shop, '"eyre jane"')) == []


def test_where_many_match_those_with_the_words_on_their_title_page_are_ranked(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop, "governess", Product(title="The Governess", languages=("en",)))
    assert set(books(search_with_facets(shop, "governess"))) == {"governess", "jane-eyre", "pride"}
    monkeypatch.setattr(catalog, "CANDIDATES", 1)
    found = search_with_facets(shop, "governess")
    assert (books(found), found.total, found.complete) == (["governess"], 1, False)


def test_a_phrase_is_looked_for_in_so_many_books_only_and_that_is_said(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert search_with_facets(shop, '"first impressions"').complete
    monkeypatch.setattr(catalog, "EXAMINED", 1)
    assert not search_with_facets(shop, '"the governess"').complete


def test_a_word_is_excluded_wherever_it_stands(shop: Database) -> None:
    assert books(search_with_facets(shop, "jane -orphan")) == ["pride", "stolz"]
    assert books(search_with_facets(shop, 'jane -"thornfield hall"')) == ["pride", "stolz"]
    assert books(search_with_facets(shop, "-orphan")) == []


def test_words_may_be_excluded_and_alternatives_given(shop: Database) -> None:
    assert books(search_with_facets(shop, "jane -austen")) == ["jane-eyre"]
    assert set(books(search_with_facets(shop, "stolz or eyre"))) == {"stolz", "jane-eyre"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("predjudice", "prejudice"),  # a letter too many
        ("prejudce", "prejudice"),  # too few
        ("prejudize", "prejudice"),  # wrong
        ("perjudice", "prejudice"),  # two swapped
        ("Jnae Asuten", "jane austen"),
        ('"jane eyer"', '"jane eyre"'),
        ("thornfild -austen", "thornfield -austen"),
    ],
)
def test_a_slip_is_corrected_and_said(shop: Database, typed: str, meant: str) -> None:
    found = search_with_facets(shop, typed)
    assert (found.corrected, found.searched) == (True, meant)
    assert found.entries == search_with_facets(shop, meant).entries != ()


def test_what_is_spelt_right_is_never_corrected(shop: Database) -> None:
    found = search_with_facets(shop, "Jane Eyre")
    assert (found.corrected, found.searched) == (False, "Jane Eyre")
    assert search_with_facets(shop, "eyre prejudice") == SearchResult(searched="eyre prejudice")


def test_no_word_is_corrected_to_what_nobody_sells(shop: Database) -> None:
    releases.withdraw(shop, "jane-eyre", actor="ann")
    assert search_with_facets(shop, "thornfeild") == SearchResult(searched="thornfeild")
    assert rows(shop, "SELECT word FROM catalog_word WHERE word = 'thornfield'") != []


def test_withdrawn_books_are_neither_found_nor_counted(shop: Database) -> None:
    releases.withdraw(shop, "stolz", actor="ann")
    found = search_with_facets(shop, "pride")
    assert (books(found), found.total, "language=de" in found.facets) == (["pride"], 1, False)


def test_facets_count_what_was_found(shop: Database) -> None:
    found = search_with_facets(shop, "jane", limit=1)
    assert (found.total, found.complete, len(found.entries)) == (3, True, 1)
    assert found.facets == {
        "accessibility=alternativeText": 1,
        "audience=01": 1,
        "format=epub": 2,
        "format=epub-fixed": 1,
        "genre=FBC": 1,
        "language=de": 1,
        "language=en": 2,
        "publisher=Smith, Elder & Co.": 1,
    }


def test_facets_narrow_what_is_found(shop: Database) -> None:
    assert books(search_with_facets(shop, "jane", ["language=de"])) == ["stolz"]
    assert books(search_with_facets(shop, "jane", ["language=en", "genre=FBC"])) == ["jane-eyre"]
    assert books(search_with_facets(shop, "jane", ["language=de", "genre=FBC"])) == []


def test_pages_of_a_search_do_not_overlap(shop: Database) -> None:
    pages = [books(search_with_facets(shop, "jane", limit=1, offset=at)) for at in range(4)]
    assert sorted(book for page in pages for book in page) == ["jane-eyre", "pride", "stolz"]
    assert pages[3] == []


@pytest.mark.parametrize("query", ["", "\0", "'", '"', "-", "& | ! ( )", "x" * 5000, "\ud800"])
def test_odd_queries_find_nothing_and_break_nothing(shop: Database, query: str) -> None:
    assert search(shop, query) == ()


@pytest.mark.parametrize("piece", ["-", "- ", "-!", '-"" ', '-"', '"-" ', "-(", "-a ", "-- jane "])
def test_dashes_are_no_pile_that_the_database_falls_over(shop: Database, piece: str) -> None:
    every = set(books(search_with_facets(shop, "jane")))
    search(shop, piece * 40)
    assert set(books(search_with_facets(shop, f"jane {piece * 40}"))) <= every


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    pieces=st.lists(st.sampled_from([*'-"!&|(): a\\é', "or ", "b-c"]), max_size=5),
    times=st.integers(1, 200),
)
def test_no_query_is_an_error(shop: Database, pieces: list[str], times: int) -> None:
    assert len(search(shop, "".join(pieces) * times)) <= 20


def test_an_excluded_word_is_excluded_after_any_dash(shop: Database) -> None:
    assert books(search_with_facets(shop, "jane -eyre -stolz")) == books(
        search_with_facets(shop, "jane - -eyre --stolz")
    )


def test_a_nul_in_a_facet_or_territory_finds_nothing(shop: Database) -> None:
    assert books(search_with_facets(shop, "jane", ["publisher=\0"])) == []
    assert books(search_with_facets(shop, "jane", [facet("publisher", "\0")])) == []
    assert books(search_with_facets(shop, "jane", territory="\0")) != []


def test_a_publisher_with_a_nul_in_its_name_sells_books(shop: Database) -> None:
    sell(shop, "nul", JANE_EYRE.model_copy(update={"publishers": ("a\0b",)}))
    assert books(search_with_facets(shop, "jane", [facet("publisher", "a\0b")])) == ["nul"]


def test_a_slip_is_a_letter_more_less_other_or_swapped() -> None:
    said = [distance("emma", other) for other in ("emma", "ema", "emmma", "enma", "mema", "anna")]
    assert said == [0, 1, 1, 1, 1, 3]


def test_the_words_of_a_book_are_known_as_soon_as_it_is_on_sale(shop: Database) -> None:
    words = {word for (word,) in rows(shop, "SELECT word FROM catalog_word")}
    assert {"jane", "eyre", "austen", "bronte"} <= words
    assert not {"and", "bronte\u0308", "first impressions"} & words
