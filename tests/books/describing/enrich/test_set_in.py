"""Where and when a book is set, and its subject below its genre: told with what tells it."""

import pytest

from ebook_pipeline.books.describing.enrich import finer, set_in
from ebook_pipeline.books.describing.enrich.labels import labels
from ebook_pipeline.books.describing.enrich.vocabulary import vocabulary
from ebook_pipeline.books.records import Audience, Genre, Origin, Product, Provenance, Subject
from ebook_pipeline.books.thema_qualifiers import qualifiers

FILLER = "The lamp burned low and nobody said a word. " * 150
MADE = Provenance(origin=Origin.MODEL, model="names+years")


def uses(text: str) -> set_in.SettingUses:
    parts = [FILLER + text]
    return set_in.setting_uses(parts, vocabulary(parts))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("In Paris he saw France. " * 9, ["1DDF"]),
        ("He lived in Baker Street, London. " * 9, ["1DDU-GB-ESL"]),
        ("From Bristol to Devon, and London once. " * 9, ["1DDU-GB-E"]),
        ("She left Berlin for Rome. " * 9, ["1DFG-DE-BE", "1DST"]),
        ("New York, Boston and Chicago. " * 9, ["1KBB"]),
        ("Paris was far away. " * 2, []),
        ("東京 " * 9, ["1FPJ"]),
    ],
)
def test_a_book_is_set_where_most_of_its_names_are(text: str, told: list[str]) -> None:
    assert [place.code for place in set_in.places(uses(text))] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("In 1887 he wrote. On May 3, 1888 he left, and in 1890 died. ", ["3MNQ"]),
        ("In 1812 and in 1880, since 1890, it was so. ", ["3MN"]),
        ("It was in 17⸺. On August 5th, 17—, and in the year 1745, it snowed. ", ["3ML"]),
        ("Im Jahr 1914 begann es, im Herbst 1916. Seit 1917 und im Jahr 1918. ", ["3MPBF"]),
        ("In 1600 men and 1700 feet, with 1800, 1900 and 2000 of them. ", []),
        ("In 1500, in 1700 and in 1900. ", []),
    ],
)
def test_a_book_is_set_when_most_of_its_years_are(text: str, told: list[str]) -> None:
    assert [time.code for time in set_in.times(uses(text))] == told


def test_what_tells_a_place_or_time_is_its_evidence() -> None:
    (place,) = set_in.places(uses("In Paris he saw France. In 1871 and in 1872. " * 9))
    assert place.evidence == "in the text: France 9, Paris 9"
    assert place.assigned
    (time,) = set_in.times(uses("In 1871, in 1872. " * 9))
    assert (time.code, time.evidence) == ("3MNQ", "in the text: 1871 9, 1872 9")


@pytest.mark.parametrize(
    ("code", "age", "told"),
    [("02", 8, ["5AJ"]), ("03", 15, ["5AQ"]), ("02", 2, []), ("01", 8, []), ("02", None, [])],
)
def test_an_audience_is_an_interest_age(code: str, age: int | None, told: list[str]) -> None:
    ages = set_in.interest_age(Audience(code=code, age_from=age), 1, "submitter")
    assert [one.code for one in ages] == told


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ("Translated from the French by Constance Garnett", ["2ADF"]),
        ("Aus dem Russischen von Werner Bergengruen", ["2AGR"]),
        ("Traduit de l’anglais par B. Laroche", ["2ACB"]),
        ("Translated from the Klingon", []),
    ],
)
def test_a_translation_says_from_which_language(front: str, told: list[str]) -> None:
    found = [one for say in set_in.translated_from(front) for one in set_in.original_language(*say)]
    assert [one.code for one in found] == told


def test_a_subject_below_the_genre_is_told_by_headings_or_enough_words() -> None:
    sea = FILLER + "The captain of the ship stood on deck among the crew. " * 60
    adventure = Genre(code="FJ", term="Adventure", confidence=0.8)
    product = Product(title="A Tale")
    told = finer.refined([adventure], product, finer.subject_uses(vocabulary([sea])))
    assert [genre.code for genre in told] == ["FJN", "FJ"]
    assert told[0].confidence == 0.8
    assert told[0].evidence == "words: captain 60, crew 60, deck 60, ship 60"
    plain = finer.subject_uses(vocabulary([FILLER]))
    assert finer.refined([adventure], product, plain) == (adventure,)
    headed = product.model_copy(update={"subjects": (Subject(term="Sea stories"),)})
    assert finer.refined([adventure], headed, plain)[0].evidence == "heading: Sea stories"


def test_every_finer_subject_is_below_one_that_a_text_is_told() -> None:
    known = {label.code for label in labels()}
    assert {subject.parent for subject in finer.finer_subjects()} <= known
    assert all(one.names or one.years or one.language or one.age for one in qualifiers().values())


def test_shops_are_told_the_most_specific_subject_and_sure_qualifiers() -> None:
    genres = [("FJN", 0.8), ("FJ", 0.8), ("FK", 0.3)]
    told = tuple(Genre(code=code, term=code, confidence=sure) for code, sure in genres)
    places = (
        Genre(code="1DDU", term="UK", confidence=0.9),
        Genre(code="1DDF", term="France", confidence=0.3),
    )
    product = Product(
        title="A Tale",
        genres=told,
        qualifiers=places,
        provenance={"genres": MADE, "qualifiers": MADE},
    )
    assert [subject.code for subject in product.subjects_told] == ["FJN", "1DDU"]
    assert product.subjects_made == {"FJN", "FJ", "1DDU"}
