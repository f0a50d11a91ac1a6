"""Whether two books are one."""

import random
import tracemalloc
from hashlib import blake2b

import pytest

from ebook_pipeline.books.describing import duplicates, sketches
from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.records import Contributor, Product, RelatedBook
from tests.support.corpus import named, needs_corpus


def text(name: str) -> str:
    path = named(f"novels/{name}.epub")
    return "\n".join(body for _, body in content.texts(path, read_package(path)))


def product(title: str, author: str = "", file_as: str | None = None) -> Product:
    creators = (Contributor(name=author, file_as=file_as),) if author else ()
    return Product(title=title, creators=creators)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("mary-shelley_frankenstein", "frankenstein-retitled", True),
        ("robert-louis-stevenson_treasure-island", "treasure-island-epub2", True),
        ("mary-shelley_frankenstein", "oscar-wilde_the-importance-of-being-earnest", False),
    ],
)
def test_two_files_of_one_text_are_alike(one: str, other: str, alike: bool) -> None:
    degree = sketches.similarity(sketches.sketch(text(one)), sketches.sketch(text(other)))
    assert (degree >= sketches.NEAR_DUPLICATE) is alike


@pytest.mark.parametrize(("changed", "alike"), [(0.02, True), (0.2, False)])
def test_a_few_other_words_make_no_other_text(changed: float, alike: bool) -> None:
    dice = random.Random(7)
    words = [f"word{dice.randrange(5000)}" for _ in range(20_000)]
    other = [word if dice.random() > changed else "other" for word in words]
    degree = sketches.similarity(sketches.sketch(" ".join(words)), sketches.sketch(" ".join(other)))
    assert (degree >= sketches.NEAR_DUPLICATE) is alike


def test_texts_without_words_are_not_alike() -> None:
    assert sketches.similarity(sketches.sketch(""), sketches.sketch("…")) == 0


def test_case_and_punctuation_make_no_other_text() -> None:
    assert sketches.sketch("The Mole, working hard!") == sketches.sketch("the mole working hard")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (product("Frankenstein", "Mary Shelley", "Shelley, Mary"), product("Frankenstein: Or, the"
         " Modern Prometheus", "M. W. Shelley")),
        (product("Émile", "J.-J. Rousseau"), product("Emile", "Jean-Jacques Rousseau")),
    ],
)  # fmt: skip
def test_a_work_is_known_by_title_and_author(one: Product, other: Product) -> None:
    assert duplicates.work_key(one) == duplicates.work_key(other) != ""


def test_a_book_without_author_is_no_known_work() -> None:
    assert duplicates.work_key(product("Poems")) == ""


def test_kin_are_told_with_what_to_do() -> None:
    kin = [
        RelatedBook(book="emma", relation="same-work", likeness=1),
        RelatedBook(book="emma-2", relation="near-duplicate", likeness=0.9),
        RelatedBook(book="emma-3", relation="same-file", likeness=1),
    ]
    found = list(duplicates.findings(kin))
    assert [one.rule for one in found] == ["metadata.same-work", "metadata.near-duplicate"]
    assert "90%" in found[1].message
    assert "emma-2" in found[1].message


def test_a_sketch_is_that_of_all_runs_of_words_whatever_their_number() -> None:
    dice = random.Random(3)
    words = [f"word{dice.randrange(200)}" for _ in range(20_000)]
    runs = {" ".join(words[at : at + 5]) for at in range(len(words) - 4)}
    digests = (blake2b(run.encode(), digest_size=8).digest() for run in runs)
    values = sorted(int.from_bytes(digest, "big") >> 1 for digest in digests)
    assert sketches.sketch(" ".join(words)) == tuple(values[: sketches.SKETCH])
    assert len(sketches.sketch("one two")) == 1


def test_a_long_text_is_sketched_in_little_memory() -> None:
    text = " ".join(f"word{number}" for number in range(100_000))
    tracemalloc.start()
    sketches.sketch(text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * len(text)
