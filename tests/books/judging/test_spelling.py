"""Likely typos: found where they are, not where old books spell in their own way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub import content
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import lexicon, spelling, typo_candidates
from tests.support.books.for_judging import PROSE, chapter, misspelt
from tests.support.corpus import named, needs_corpus

NOVELS = (
    pytest.param("novels/jane-austen_pride-and-prejudice.epub", marks=pytest.mark.prove),
    pytest.param("novels/robert-louis-stevenson_treasure-island.epub", marks=pytest.mark.prove),
    pytest.param("novels/marcus-aurelius_meditations_george-long.epub", marks=pytest.mark.prove),
    "samples/childrens-literature.epub",
)
BY_HAND = (
    pytest.param("novels/h-g-wells_the-war-of-the-worlds.epub", marks=pytest.mark.prove),
    "novels/frederick-douglass_narrative-of-the-life-of-frederick-douglass.epub",
)


def found(text: str, cache: Path, language: str = "en-GB") -> dict[str, str]:
    return {typo.word: typo.meant for typo in spelling.typos(text, language, cache).typos}


def text_of(name: str) -> str:
    book = named(name)
    return "\n".join(text for _, text in content.texts(book, read_package(book)))


@pytest.mark.parametrize(
    ("sentence", "wrong", "meant"),
    [
        ("We shall recieve it in the morning.", "recieve", "receive"),
        ("He put the pacakge on the table.", "pacakge", "package"),
        ("They rose early in the mrning.", "mrning", "morning"),
        ("They have lost thier way.", "thier", "their"),
        ("He went into teh house.", "teh", "the"),
        ("At the end fo the day they slept.", "fo", "of"),
        ("Evrything was ready in the morning.", "Evrything", "everything"),
    ],
)
def test_a_slip_of_a_finger_is_found_with_the_word_that_was_meant(
    cache: Path, sentence: str, wrong: str, meant: str
) -> None:
    assert found(f"{PROSE} {sentence} {PROSE}", cache) == {wrong: meant}


@pytest.mark.parametrize(
    ("sentence", "wrong", "meant"),
    [
        ("The old house stood ad the end.", "ad", "at"),
        ("It was the end oft the lane.", "oft", "of"),
    ],
)
def test_a_known_word_that_does_not_fit_its_place_is_found(
    cache: Path, sentence: str, wrong: str, meant: str
) -> None:
    book = "The old house stood at the end of the lane. " * 40
    assert found(f"{book} {sentence} {book}", cache) == {wrong: meant}


def test_a_name_of_the_book_is_what_a_slip_in_it_meant(cache: Path) -> None:
    often = "Miss Dunraven smiled. " * 12
    assert found(f"{often} We saw Miss Dunarven again.", cache) == {"Dunarven": "dunraven"}


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "The colour of honor; he travelled and she traveled.",
        "Mr. Bimgley saw Hogwatts and Hogwatts saw Bimgley.",
        "“I’m goin’ home,” he said, “an’ I’ll tell ’em.”",
        "Thou knowest that he goeth; it was dropt and mixt.",
        "She sat unmurmuringly, a dreamlike wisplet.",
        "flonk and flonk and flonk again",
        "the bêtise of naïve façades",
    ],
    ids=["prose", "both-spellings", "names", "speech", "old-verbs", "derived", "often", "accents"],
)
def test_what_is_meant_to_be_so_is_left_alone(cache: Path, text: str) -> None:
    assert found(text, cache) == {}


def test_a_foreign_phrase_is_no_row_of_typos(cache: Path) -> None:
    assert found("He muttered szek pokol gotza ordoge and crossed himself.", cache) == {}


def test_other_languages_are_not_checked_and_it_is_said(cache: Path) -> None:
    part = spelling.check([chapter("Le quai etait tres pacakge.")], "fr-FR", cache)
    assert part.score.value is None
    assert "not checked" in str(part.score.evidence["checked"])


def test_a_typo_is_quoted_at_its_place(cache: Path) -> None:
    chapters = [chapter(PROSE), chapter(f"{PROSE} We shall recieve it. {PROSE}", "two.xhtml")]
    (finding,) = spelling.check(chapters, "en", cache).findings
    assert finding.place == "two.xhtml"
    assert "“recieve” may be a typo of “receive”" in finding.message
    assert "We shall recieve it." in finding.message


def test_each_typo_is_placed_in_its_chapter_once_and_counted(cache: Path) -> None:
    texts = [
        f"We shall recieve it in the morning. {PROSE}",
        PROSE,
        f"You will recieve it in the morning, and the pacakge on the table. {PROSE}",
    ]
    chapters = [chapter(text, f"{at}.xhtml") for at, text in enumerate(texts)]
    part = spelling.check(chapters, "en", cache)
    assert [one.place for one in part.findings] == ["0.xhtml", "2.xhtml"]
    assert "(2 times)" in part.findings[0].message
    assert part.findings[1].passage in texts[2]
    assert part.score.evidence["likely_typos"] == 3


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("The colour of his honour, his neighbour’s parlour, a favourite harbour.", "en-GB"),
        ("The color of his honor, his neighbor’s parlor, a favorite harbor.", "en-US"),
        ("The colour of his honor, a favour, a flavor." * 4, "mixed"),
        ("The colour of his honour, a favourite harbour." * 9 + "A color.", "en-GB"),
        ("It was night.", "en"),
    ],
)
def test_the_dialect_of_a_book_is_found_and_not_fought(
    cache: Path, text: str, dialect: str
) -> None:
    part = spelling.check([chapter(text)], "en", cache)
    assert part.score.evidence["dialect"] == dialect
    rules = [one.rule for one in part.findings]
    assert rules == (["spelling.mixed-dialect"] if dialect == "mixed" else [])


def test_mixed_spelling_is_shown_where_the_rarer_one_stands(cache: Path) -> None:
    chapters = [chapter("A colour, an honour. " * 9), chapter("A color, an honor. " * 3, "2.xhtml")]
    (finding,) = spelling.check(chapters, "en", cache).findings
    assert finding.place == "2.xhtml"
    assert "6 words are American (color, honor), 18 British (colour, honour)" in finding.message


def test_words_in_no_list_are_counted_where_they_hide_each_other(cache: Path) -> None:
    spelling_of_noise = spelling.typos("thls ls n0t whot wos wrltten hcre by anyoue", "en", cache)
    assert spelling_of_noise.strange >= 5


@pytest.mark.prove
def test_the_word_list_is_the_same_from_memory_and_from_disk(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = lexicon.build()
    assert vars(lexicon.load(cache)) == vars(built)
    monkeypatch.setattr(lexicon, "build", lambda: built)
    lexicon.load.cache_clear()
    assert vars(lexicon.load(cache)) == vars(lexicon.load(None))


def test_the_word_list_knows_inflected_forms_of_both_dictionaries(cache: Path) -> None:
    words = "undoing happily colours colors connexion shewn disliked boxes studied don't"
    assert set(words.split()) <= lexicon.load(cache).known


def test_the_lexicon_knows_names_frequencies_pairs_and_both_spellings(cache: Path) -> None:
    words = lexicon.load(cache)
    assert "chicago" in words.known
    assert "recieve" not in words.known
    assert words.zipf["the"] > words.zipf["river"] > 3
    assert words.following["once"]["upon"] > words.following["once"].get("open", 0)
    assert words.american["colour"] == "color"


def test_weights_and_features_have_the_same_names() -> None:
    for weights in (typo_candidates.KNOWN, typo_candidates.UNKNOWN):
        assert set(weights) == {"bias", *typo_candidates.FEATURES}


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", NOVELS)
def test_clean_classics_have_few_false_alarms(name: str, cache: Path) -> None:
    assert spelling.typos(text_of(name), "en", cache).per_10_000 <= 5


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", BY_HAND)
def test_typos_put_into_a_novel_are_found(
    name: str, cache: Path, record_property: Callable[[str, object], None]
) -> None:
    text, made = misspelt(text_of(name), 0.01, seed=7)
    alarms = set(found(text, cache))
    precision, recall = len(alarms & made) / len(alarms), len(alarms & made) / len(made)
    record_property("figures", f"{precision=:.3f} {recall=:.3f}")
    assert precision >= 0.9
    assert recall >= 0.78
