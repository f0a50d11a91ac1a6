"""Topics, people and places of a text: few, and right."""

from collections import Counter

import pytest

from ebook_pipeline.books.describing.enrich import keywords, names
from ebook_pipeline.books.describing.enrich.form import speakers
from ebook_pipeline.books.describing.enrich.names import Names, NameUses
from ebook_pipeline.books.describing.enrich.vocabulary import vocabulary
from tests.support.fake_models import story


@pytest.fixture(scope="module")
def parts() -> list[str]:
    return [story()]


def topics(parts: list[str], language: str) -> tuple[str, ...]:
    return keywords.topics(keywords.candidates(parts, vocabulary(parts, language), language))


def test_topics_are_nouns_that_the_book_uses_unusually_often(parts: list[str]) -> None:
    found = topics(parts, "en")
    assert {"treasure", "cave", "schooner"} <= set(found)
    assert not {"dark", "laughed", "flint", "bristol"} & set(found)


def test_singular_and_plural_are_one_topic() -> None:
    parts = ["The whale saw the whales, and the harpoon of the whale, and the anchor. " * 50]
    found = topics(parts, "en")
    assert sorted(found) == ["anchor", "harpoon", "whale"]


def test_one_or_two_words_tell_nothing_of_a_book() -> None:
    parts = ["The whale saw the whales, and the harpoon of the whale. " * 50]
    assert topics(parts, "en") == ()


def test_a_language_that_nobody_has_counted_has_no_topics(parts: list[str]) -> None:
    assert topics(parts, "tlh") == ()


@pytest.mark.parametrize(
    ("language", "text", "nouns"),
    [
        ("de", "Der Kapitän stieg auf das Schiff, und die Insel lag im Nebel.",
         {"Kapitän", "Schiff", "Insel", "Nebel"}),
        ("fr", "Le capitaine monta sur le navire, et l’île dormait dans la brume.",
         {"capitaine", "navire", "île", "brume"}),
        ("es", "El capitán subió al barco, y la isla dormía en la niebla.",
         {"capitán", "barco", "niebla"}),
        ("it", "Il capitano salì sulla nave, e l’isola dormiva nella nebbia.",
         {"capitano", "nave", "isola", "nebbia"}),
    ],
)  # fmt: skip
def test_articles_tell_nouns_in_other_languages(language: str, text: str, nouns: set[str]) -> None:
    assert set(topics([f"{text}\n" * 60], language)) == nouns


@pytest.mark.parametrize(
    ("entity", "kind", "told"),
    [
        ("l’Angleterre", "LOC", "Angleterre"), ("L’Angleterre", "LOC", "Angleterre"),
        ("d’Espagne", "GPE", "Espagne"), ("d’Artagnan", "PER", "d’Artagnan"),
        ("dell’Inghilterra", "LOC", "Inghilterra"), ("L’Hospital", "PER", "L’Hospital"),
        ("l’ami", "PER", ""), ("O’Brien", "PER", "O’Brien"),
    ],
)  # fmt: skip
def test_elided_words_are_no_part_of_a_name(entity: str, kind: str, told: str) -> None:
    assert [name for name, _ in names.plain([(entity, kind)])] == ([told] if told else [])


def test_who_speaks_in_a_play_is_somebody() -> None:
    turns = "ALGERNON.\nHave you no tea?\nLADY BRACKNELL.\nI had some.\nACT II.\nBOTH.\nYes.\n"
    assert speakers([turns * 9]) == ("Algernon", "Lady Bracknell")
    told = names.with_speakers(
        Names(people=("Bracknell", "Bunbury"), places=("Algernon", "London")),
        ("Algernon", "Lady Bracknell"),
    )
    assert told == Names(("Algernon", "Lady Bracknell", "Bunbury"), ("London",))


def test_what_a_model_calls_no_noun_is_no_topic() -> None:
    found = [keywords.TopicCandidate(word) for word in ("cave", "abhorred", "map", "sea")]
    read = [("the", "DET"), ("abhorred", "VERB"), ("Cave", "NOUN"), ("map", "NOUN")]
    assert keywords.topics(found, [read]) == ("cave", "map", "sea")


def test_a_candidate_shows_whole_words_around_its_uses(parts: list[str]) -> None:
    found = keywords.candidates(parts, vocabulary(parts), "en")
    treasure = next(one for one in found if one.word == "treasure")
    assert len(treasure.uses) == 4
    assert all("treasure" in use.split() or "treasure?" in use for use in treasure.uses)


def test_who_speaks_is_a_person_and_where_one_is_a_place(parts: list[str]) -> None:
    found = names.from_cues(parts, vocabulary(parts))
    assert found == Names(people=("Flint", "Ben Gunn"), places=("Bristol",))


def test_a_word_that_is_also_written_small_is_no_name() -> None:
    parts = ["Treasure is rare. “Treasure!” said Treasure. In Treasure he saw treasure. " * 20]
    assert names.from_cues(parts, vocabulary(parts)) == Names()


def test_a_part_of_a_name_counts_for_the_whole() -> None:
    parts = ["“Yes,” said Elizabeth Bennet. “No,” said Elizabeth. Elizabeth laughed. " * 10]
    assert names.from_cues(parts, vocabulary(parts)).people == ("Elizabeth Bennet",)


def test_two_hundred_thousand_names_that_are_nearly_alike_are_joined_in_one_pass() -> None:
    counts = Counter({f"Aa B{number}": 3 for number in range(200_000)})
    counts["Aa"] = 5
    joined = names._joined(counts)
    assert len(joined) == 200_000
    assert joined["Aa B99999"] == 8


def test_names_of_a_model_keep_its_kinds() -> None:
    found = [("Emma’s", "PERSON"), ("Emma", "PERSON"), ("the Thames", "LOC"), ("1815", "DATE")]
    assert names.from_model(found) == Names(people=("Emma",), places=("Thames",))


@pytest.mark.parametrize(
    ("use", "entities", "kind"),
    [
        (NameUses("Mole", 90, person=20, article=80), [("Mole", "ORG")] * 9, "people"),
        (NameUses("Redruth", 17, where=1), [("Redruth", "ORG")] * 3, "people"),
        (NameUses("Maybury", 18, where=13, surely=1), [("Maybury", "ORG")] * 3, "places"),
        (NameUses("Hispaniola", 60, article=55), [("the Hispaniola", "ORG")] * 14, ""),
        (NameUses("Northern Company", 6), [("the Northern Company", "ORG")] * 3, "organisations"),
        (NameUses("Surrey", 8, where=2, surely=1), [], ""),
    ],
)
def test_a_model_and_cues_tell_a_kind_together(
    use: NameUses, entities: list[tuple[str, str]], kind: str
) -> None:
    assert [told for _, told in names.kinds([use], entities)] == ([kind] if kind else [])
