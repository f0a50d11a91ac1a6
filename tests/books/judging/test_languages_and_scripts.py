"""Every declared language with texts of eight scripts: what was not checked has no score."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks import language_texts
from ebook_pipeline.books.judging import appropriateness, grammar, plausibility, spelling
from ebook_pipeline.books.judging import typography as typesetting
from ebook_pipeline.books.judging.chapters import ParsedChapter
from ebook_pipeline.books.judging.grammar import GrammarFault
from ebook_pipeline.books.records import Score
from tests.support.books.for_judging import chapter

LANGUAGES = ("en", *language_texts.TAGS)
TEXTS = {
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Arabic": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا.",
    "Hebrew": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון.",
    "Devanagari": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "Japanese": "すべての人間は、生まれながらにして自由であり、尊厳と権利とについて平等である。",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
}
"""The first article of the Declaration where `language_texts` has none of the script."""
_WORDS_OF = {"Latin": "fr", "Cyrillic": "ru"}
SCRIPTS = (*_WORDS_OF, *TEXTS)
LATIN = tuple(tag for tag in LANGUAGES if tag != "ru")
HAVE_CUSTOMS = {
    "mixed_quotes": "quotation marks",
    "misplaced_quote_per_10000": "quotations",
    **{
        f"{how}_{kind}_per_10000": "fewer than 10"
        for how in ("stray", "mixed")
        for kind in ("quotes", "spaces", "dashes", "ellipses")
        if (how, kind) != ("mixed", "quotes")
    },
    "scene_break_per_10000": "scene breaks",
    "chapter_order_per_10000": "numbered headings",
    "chapter_numbers_per_10000": "numbered headings",
}
"""Figures that need several uses, and what the evidence says of fewer."""


class Checker:
    """Knows every language, and finds no fault."""

    version = "none"

    def knows(self, language: str) -> bool:
        return bool(language)

    def check(self, text: str, language: str) -> list[GrammarFault]:
        return []


def text_of(script: str) -> str:
    """A few hundred words."""
    if tag := _WORDS_OF.get(script):
        return language_texts.text("declaration", tag)[:3000]
    return "\n".join([TEXTS[script]] * 20)


def scores(chapters: Sequence[ParsedChapter], language: str, cache: Path) -> Iterator[Score]:
    sample = grammar.sample_passages(chapters)
    yield typesetting.check(chapters, None, language).score
    yield plausibility.check(chapters, language, cache).score
    yield appropriateness.check(chapters, language).score
    yield grammar.check_grammar(sample, language, Checker()).score


def says_nothing_was_checked(score: Score) -> bool:
    """Its own words, or that it read none."""
    counted = [score.evidence.get(name, 1) for name in ("words_read", "content")]
    return str(score.evidence.get("checked", "")).startswith("not checked") or 0 in counted


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_aspect_has_a_score_that_was_not_checked(script: str, cache: Path) -> None:
    chapters = [chapter(text_of(script))]
    for language in LANGUAGES:
        for score in scores(chapters, language, cache):
            where = (language, score.dimension, score.evidence)
            assert not (score.value is not None and says_nothing_was_checked(score)), where
    judged = appropriateness.check(chapters, "en").score.value
    assert (judged is not None) == (script == "Latin")


@pytest.mark.parametrize("script", SCRIPTS)
def test_spelling_of_another_script_has_no_score(script: str) -> None:
    chapters = [chapter(text_of(script))]
    if script == "Latin":
        assert spelling.check(chapters, "ru", None).score.value is None
        return
    for language in LANGUAGES if script != "Cyrillic" else LATIN:
        score = spelling.check(chapters, language, None).score
        assert score.value is None
        assert str(score.evidence["checked"]).endswith(f"in the letters of {language}")


@pytest.mark.parametrize("script", SCRIPTS)
def test_too_few_uses_show_no_custom(script: str) -> None:
    alone = text_of(script)[:200].translate(dict.fromkeys(map(ord, "«»“”„—–;:!?'’…")))
    evidence = typesetting.check([chapter(alone)], None, "fr").score.evidence
    for figure, why in HAVE_CUSTOMS.items():
        assert str(evidence[figure]).startswith("not checked: "), figure
        assert why in str(evidence[figure])


def test_enough_uses_are_counted() -> None:
    said = "“So it is,” he said—and so it was; was it? Yes… “And so,” she said—so it was. "
    evidence = typesetting.check([chapter(said * 12)], None, "en").score.evidence
    marks = [name for name in HAVE_CUSTOMS if "scene" not in name and "chapter" not in name]
    assert {name: evidence[name] for name in marks} == dict.fromkeys(marks, 0)


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_book_without_words_has_no_score_of_its_words(language: str) -> None:
    pictures = [chapter("", shows=True)]
    assert spelling.check(pictures, language, None).score.value is None
    assert appropriateness.check(pictures, language).score.value is None
    sample = grammar.sample_passages(pictures)
    assert grammar.check_grammar(sample, language, Checker()).score.value is None
