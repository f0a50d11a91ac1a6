"""A file described: what is stated is read apart, models add to it, people decide."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebook_pipeline.books.describing.describer import Describer
from ebook_pipeline.books.describing.overrides import Overrides
from ebook_pipeline.books.describing.product import DescriptionSources
from ebook_pipeline.books.records import Audience, Claims, Origin
from tests.support.books import mixed_epub
from tests.support.fake_models import Copywriter, Models, story

AGES = '<meta property="schema:typicalAgeRange">9-12</meta>'


@pytest.fixture
def sources(tmp_path: Path) -> Callable[..., DescriptionSources]:
    def made(meta: str = "", **claimed: str) -> DescriptionSources:
        epub = mixed_epub.write(tmp_path / "book.epub", package=mixed_epub.package(meta))
        text = tmp_path / "book.txt"
        text.write_text(f"Published by Murray\n\n{story()}", encoding="utf-8")
        return DescriptionSources(epub, text, Claims(**claimed))

    return made


def test_models_fill_what_the_file_and_the_text_leave_open(
    sources: Callable[..., DescriptionSources],
) -> None:
    product = Describer(Models()).describe(sources(), Overrides())
    origins = {field: said.origin for field, said in product.provenance.items()}
    assert (origins["title"], origins["publishers"]) == (Origin.FILE, Origin.TEXT)
    assert origins["keywords"] == origins["summary"] == origins["audience"] == Origin.MODEL


def test_submitter_and_file_say_for_whom_a_book_is(
    sources: Callable[..., DescriptionSources],
) -> None:
    describer = Describer(Models())
    filed = describer.describe(sources(AGES), Overrides())
    claimed = describer.describe(sources(AGES, audience="adult"), Overrides())
    assert filed.audience == Audience(code="02", age_from=9, age_to=12)
    assert filed.provenance["audience"].origin is Origin.FILE
    assert claimed.audience == Audience(code="01")
    assert claimed.provenance["audience"].origin is Origin.SUBMITTER


def test_a_persons_word_is_known_before_models_are_asked(
    sources: Callable[..., DescriptionSources],
) -> None:
    writer = Copywriter("never printed")
    locks = Overrides(values={"description": "Mine.", "keywords": ["caves"]})
    product = Describer(Models(), writer).describe(sources(), locks)
    assert (product.description, product.keywords) == ("Mine.", ("caves",))
    assert writer.briefs == []


def test_books_are_described_alike_at_the_same_time(
    sources: Callable[..., DescriptionSources],
) -> None:
    describer, book = Describer(Models()), sources()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: describer.describe(book, Overrides()), range(4)))
    assert all(one == found[0] for one in found)


def test_a_librarys_licence_is_described_unless_it_is_left_out(
    sources: Callable[..., DescriptionSources],
) -> None:
    given = sources()
    with given.text.open("a", encoding="utf-8") as file:
        file.write(f"\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\n{'Terms. ' * 500}\n")
    kept = Describer(Models()).describe(given, Overrides())
    own = Describer(Models(), leave_out=True)
    assert kept.word_count - own.describe(given, Overrides()).word_count == 507
    assert own.version != Describer(Models()).version
