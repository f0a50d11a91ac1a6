"""For whom a book is: declared in many words, or guessed with its doubt."""

import pytest

from ebook_pipeline.books.describing.enrich.audience import guess_audience, parse_audience
from ebook_pipeline.books.records import Audience, Genre, Product, Readability, Subject


@pytest.mark.parametrize(
    ("said", "audience"),
    [
        ("02", Audience(code="02")),
        ("children", Audience(code="02")),
        ("Children 5-8", Audience(code="02", age_from=5, age_to=8)),
        ("9 to 12", Audience(code="02", age_from=9, age_to=12)),
        ("14+", Audience(code="03", age_from=14)),
        ("Young Adult", Audience(code="03")),
        ("adult", Audience(code="01")),
        ("18 and older", Audience(code="01", age_from=18)),
        ("university students", Audience(code="05")),
        ("professionals", Audience(code="06")),
    ],
)
def test_what_people_call_an_audience_has_a_code(said: str, audience: Audience | None) -> None:
    assert parse_audience(said) == audience


@pytest.mark.parametrize("said", [None, "", "12-5", "dogs", "99"])
def test_what_nobody_understands_is_no_audience(said: str | None) -> None:
    assert parse_audience(said) is None


def of(*headings: str, ease: float = 60, **genres: float) -> tuple[Audience, float]:
    product = Product(
        title="A",
        subjects=tuple(Subject(term=heading) for heading in headings),
        reading=Readability(minutes=9, ease=ease),
    )
    told = tuple(Genre(code=code, term=code, confidence=sure) for code, sure in genres.items())
    return guess_audience(product, told, 12.0)


def test_childrens_books_are_told_by_headings_or_by_genre() -> None:
    assert of("Juvenile fiction", ease=90)[0] == Audience(code="02", age_from=5, age_to=9)
    assert of(YF=0.9)[0] == Audience(code="02", age_from=8, age_to=12)
    assert of("Young adult fiction")[0] == Audience(code="03", age_from=12, age_to=17)


def test_a_horror_story_with_a_child_in_it_is_for_everybody() -> None:
    assert of(FK=0.9, YF=0.5)[0] == Audience(code="01")


def test_a_guess_without_evidence_is_less_sure() -> None:
    assert of()[1] < of(QD=0.9)[1] <= 1
