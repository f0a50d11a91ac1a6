"""Descriptions with their history, and kin in the catalogue."""

from concurrent.futures import ThreadPoolExecutor

from ebook_pipeline.books.describing.sketches import sketch
from ebook_pipeline.books.records import Contributor, Identifier, Product
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.describing.descriptions import Descriptions, history
from tests.support.servers.postgres import rows
from tests.support.services.submissions import arrive

AUSTEN = (Contributor(name="Jane Austen", file_as="Austen, Jane"),)
TEXT = "Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition"
OTHER = "It is a truth universally acknowledged that a single man in possession of a good fortune"


def place(database: Database, key: str, product: Product, text: str, content: str = "") -> Product:
    return Descriptions(database, arrive(database, content or key, key)).add(product, sketch(text))


def related(product: Product) -> list[tuple[str, str]]:
    return [(kin.book, kin.relation) for kin in product.kin]


def test_a_description_is_kept_once_for_the_same_facts(database: Database) -> None:
    shelf = Descriptions(database, arrive(database))
    shelf.add(Product(title="Emma"), sketch(TEXT))
    shelf.add(Product(title="Emma"), sketch(TEXT))
    shelf.add(Product(title="Emma: A Novel"), sketch(TEXT))
    assert [one.product.title for one in history(database, "emma")] == ["Emma", "Emma: A Novel"]


def test_a_book_is_no_kin_of_itself(database: Database) -> None:
    place(database, "emma.epub", Product(title="Emma", creators=AUSTEN), TEXT)
    again = place(database, "emma.epub", Product(title="Emma", creators=AUSTEN), TEXT, "new bytes")
    assert again.kin == ()


def test_the_same_file_work_and_text_are_recognised(database: Database) -> None:
    emma = Product(title="Emma", creators=AUSTEN)
    place(database, "emma.epub", emma, TEXT, "bytes")
    same_file = place(database, "copy.epub", Product(title="Copy"), OTHER, "bytes")
    same_work = place(database, "emma-2.epub", Product(title="Emma: A Novel", creators=AUSTEN), "x")
    same_text = place(database, "retitled.epub", Product(title="Miss Woodhouse"), TEXT)
    assert related(same_file) == [("emma", "same-file")]
    assert related(same_work) == [("emma", "same-work")]
    assert related(same_text) == [("emma", "near-duplicate")]
    assert [one.rule for one in same_text.findings] == ["metadata.near-duplicate"]


def test_of_two_books_that_are_placed_at_once_one_sees_the_other(database: Database) -> None:
    shelves = [Descriptions(database, arrive(database, name, f"{name}.epub")) for name in "abcdef"]
    with ThreadPoolExecutor(len(shelves)) as pool:
        placed = list(
            pool.map(lambda shelf: shelf.add(Product(title="Emma"), sketch(TEXT)), shelves)
        )
    assert sorted(len(product.kin) for product in placed) == [0, 1, 2, 3, 4, 5]


def test_an_isbn_is_one_work(database: Database) -> None:
    identifiers = (Identifier(value="9780000000019", isbn13="9780000000019"),)
    place(database, "a.epub", Product(title="One", identifiers=identifiers), TEXT)
    other = place(database, "b.epub", Product(title="Two", identifiers=identifiers), OTHER)
    assert related(other) == [("a", "same-work")]


def test_likeness_is_looked_up_by_an_index(database: Database) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        query = "EXPLAIN SELECT book FROM description WHERE sketch && ARRAY[1, 2]::bigint[]"
        plan = "\n".join(connection.exec_driver_sql(query).scalars())
    assert "description_sketch_idx" in plan
    assert rows(database, "SELECT count(*) FROM description") == [(0,)]
