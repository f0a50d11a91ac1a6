"""Reading ease by language: syllables, the published formulas, and none where there is none."""

import pytest

from ebook_pipeline.books import text
from ebook_pipeline.books.reading_ease import FORMULAS, reading_ease, syllables

SYLLABLES = {
    "en": {"cake": 1, "table": 2, "walked": 1, "wanted": 2, "reading": 2, "the": 1, "I": 1},
    "de": {"Theater": 3, "Haus": 1, "Quelle": 2, "Nation": 3, "Bäume": 2, "ging": 1, "wieder": 2},
    "nl": {"moeilijk": 2, "leeuw": 1, "theater": 3, "mooi": 1, "huis": 1, "koeien": 2, "een": 1},
    "fr": {"théâtre": 2, "maison": 2, "femmes": 1, "nation": 2, "moment": 2, "lirent": 1, "je": 1},
    "es": {"poeta": 3, "ciudad": 2, "país": 2, "fuego": 2, "que": 1, "muy": 1, "lluvia": 2, "y": 1},
    "pt": {"coração": 3, "poesia": 3, "mãe": 1, "muito": 2, "limões": 2, "que": 1},
    "ru": {"молоко": 3, "поезд": 2, "стул": 1},
}
EASY = {
    "en": "The cat sat on the mat. The dog ran to the cat.",
    "de": "Die Katze saß auf dem Dach. Der Hund lief ihr nach.",
    "fr": "Le chat dort sur le lit. Le chien court vers lui.",
    "es": "El gato va a la casa. El perro va con él.",
    "it": "Il gatto va a casa. Il cane va con lui.",
    "nl": "De kat zat op het dak. De hond liep naar haar toe.",
    "pt": "O gato vai para casa. O cão vai com ele.",
    "ru": "Кот спит в доме. Пёс ждёт его там.",
    "sv": "Katten sov på taket. Hunden gick till den.",
}
HARD = {
    "en": "Notwithstanding aforementioned considerations, administrative authorities determined.",
    "de": "Unbeschadet vorstehender Verwaltungsvorschriften entscheiden Aufsichtsbehörden.",
    "fr": "Nonobstant les considérations administratives, l'autorité compétente détermine.",
    "es": "Considerando las disposiciones administrativas, las autoridades determinaron.",
    "it": "Nonostante le considerazioni amministrative, le autorità competenti deliberarono.",
    "nl": "Niettegenstaande bovengenoemde overwegingen besloten toezichthoudende autoriteiten.",
    "pt": "Considerando as disposições administrativas, as autoridades determinaram.",
    "ru": "Административное законодательство предусматривает ответственность организаций.",
    "sv": "Förvaltningsmyndigheterna fastställde ovanstående tillämpningsföreskrifter.",
}


@pytest.mark.parametrize("language", SYLLABLES)
def test_syllables_go_by_the_vowels_of_the_language(language: str) -> None:
    known = SYLLABLES[language]
    assert {word: syllables(word, language) for word in known} == known


@pytest.mark.parametrize("language", EASY)
def test_children_read_easier_sentences_than_lawyers(language: str) -> None:
    easy, hard = (text.count(texts[language], language).ease for texts in (EASY, HARD))
    assert easy is not None
    assert hard is not None
    assert easy > 65
    assert hard < 40


@pytest.mark.parametrize(
    ("language", "ease"),
    [
        ("de", 180 - 4 - 58.5 * 6 / 4),
        ("it", 89 + (300 * 1 - 10 * 17) / 4),
        ("sv", 100 - 4 - 100 * 0 / 4),
    ],
)
def test_the_formula_is_the_published_one(language: str, ease: float) -> None:
    assert reading_ease([["Vier", "Hunde", "sehen", "ihn"]], language) == ease


@pytest.mark.parametrize("language", ["", "pl", "ja", "ar", "xx"])
def test_a_language_without_a_formula_has_no_ease(language: str) -> None:
    assert reading_ease([["one", "two", "three", "four"]], language) is None


def test_headings_alone_have_no_ease() -> None:
    assert text.count("Chapter One", "en").ease is None


def test_every_formula_says_where_it_was_published() -> None:
    assert all(formula.name and len(formula.source) > 20 for formula in FORMULAS.values())
