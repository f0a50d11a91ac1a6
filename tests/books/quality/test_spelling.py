"""Likely typos: found where they are, not where old books spell in their own way."""

import time

import pytest

from ebook_pipeline.books.epub import content
from ebook_pipeline.books.epub.package import read_package
from ebook_pipeline.books.quality import lexicon, spelling
from tests.books.quality.books import PROSE, chapter, misspelt
from tests.corpus import entries, named, needs_corpus

NOVELS = [entry["name"] for entry in entries("novel")]
BY_HAND = (
    "novels/jane-austen_pride-and-prejudice.epub",
    "novels/h-g-wells_the-war-of-the-worlds.epub",
)


def found(text: str, cache, language: str = "en-GB") -> dict[str, str]:
    return {typo.word: typo.meant for typo in spelling.typos(text, language, cache).typos}


def text_of(name: str) -> str:
    book = named(name)
    return "\n".join(text for _, text in content.texts(book, read_package(book)))


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("recieve", "receive"), ("pacakge", "package"), ("mrning", "morning"), ("thier", "their")],
)
def test_a_slip_of_a_finger_is_found_with_the_word_that_was_meant(cache, wrong, meant):
    assert found(f"{PROSE} We shall see {wrong} there. {PROSE}", cache) == {wrong: meant}


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
def test_what_is_meant_to_be_so_is_left_alone(cache, text):
    assert found(text, cache) == {}


def test_a_foreign_phrase_is_no_row_of_typos(cache):
    assert found("He muttered szek pokol gotza ordoge and crossed himself.", cache) == {}


def test_other_languages_are_not_checked_and_it_is_said(cache):
    part = spelling.check([chapter("Le quai etait tres pacakge.")], "fr-FR", cache)
    assert part.score.value == 1
    assert "not checked" in part.score.evidence["checked"]


def test_a_typo_is_quoted_at_its_place(cache):
    chapters = [chapter(PROSE), chapter(f"{PROSE} We shall recieve it. {PROSE}", "two.xhtml")]
    (finding,) = spelling.check(chapters, "en", cache).findings
    assert finding.place == "two.xhtml"
    assert "“recieve” may be a typo of “receive”" in finding.message
    assert "We shall recieve it." in finding.message


def test_words_in_no_list_are_counted_where_they_hide_each_other(cache):
    spelling_of_noise = spelling.typos("thls ls n0t whot wos wrltten hcre by anyoue", "en", cache)
    assert spelling_of_noise.strange >= 5


def test_the_word_list_is_the_same_from_memory_and_from_disk(cache):
    assert lexicon.load(cache) == lexicon.build()
    lexicon.load.cache_clear()
    assert lexicon.load(cache) == lexicon.load(None)


def test_the_word_list_knows_inflected_forms_of_both_dictionaries(cache):
    words = "undoing happily colours colors connexion shewn disliked boxes studied don't"
    assert set(words.split()) <= lexicon.load(cache).known


def test_names_are_known_and_never_what_was_meant(cache):
    words = lexicon.load(cache)
    assert "chicago" in words.known
    assert "chicago" not in words.common
    assert min(words.common, key=words.common.__getitem__) == "the"


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", NOVELS)
def test_clean_classics_have_few_false_alarms(name, cache):
    assert spelling.typos(text_of(name), "en", cache).per_10_000 <= 6


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", BY_HAND)
def test_typos_put_into_a_novel_are_found(name, cache, record_property):
    text, made = misspelt(text_of(name), 0.01, seed=7)
    before = time.process_time()
    alarms = set(found(text, cache))
    seconds = (time.process_time() - before) / len(text) * 600_000
    precision, recall = len(alarms & made) / len(alarms), len(alarms & made) / len(made)
    record_property("figures", f"{precision=:.3f} {recall=:.3f} {seconds=:.2f} per 100k words")
    assert precision >= 0.85
    assert recall >= 0.65
    assert seconds < 5
