"""Which prose is read, what counts as a fault, and what is said where nothing is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from ebook_pipeline.books.judging import grammar
from ebook_pipeline.books.judging.assessor import QualityAssessor
from ebook_pipeline.books.judging.dimension import DimensionResult
from ebook_pipeline.books.judging.grammar import GrammarFault
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.books.records import Verdict
from ebook_pipeline.foundation.errors import BookError, LimitExceeded
from tests.support.books.for_judging import PROSE, chapter


@dataclass
class Checker:
    """Finds *wrong*, which speech may say, and *bad*, which it may not; knows French alone."""

    fails: BookError | None = None
    asked: list[str] = field(default_factory=list)
    version: str = "fake-1"

    def knows(self, language: str) -> bool:
        return language.startswith("fr")

    def check(self, text: str, language: str) -> list[GrammarFault]:
        self.asked.append(text)
        if self.fails:
            raise self.fails
        found = []
        for word, spoken in (("wrong", True), ("bad", False)):
            at = text.find(word)
            while at >= 0:
                found.append(GrammarFault(at, at + len(word), "W", "No.", "right", spoken))
                at = text.find(word, at + 1)
        return found


class FakeLanguageModel:
    """Nobody asks it anything here."""

    analyzer = "linguist-1"

    def used_in(self, language: str) -> tuple[str, ...]:
        return ()

    def content_shares(
        self, texts: Sequence[str], language: str, kinds: Mapping[str, str]
    ) -> list[tuple[int, dict[str, float]]]:
        return []

    def language(self, text: str) -> str:
        raise AssertionError(text)


def checked(*texts: str, language: str = "fr", checker: Checker | None = None) -> DimensionResult:
    chapters = [chapter(text, f"{at}.xhtml") for at, text in enumerate(texts)]
    return grammar.check_grammar(grammar.sample_passages(chapters), language, checker or Checker())


def test_a_fault_is_quoted_at_its_place_with_what_may_be_put_instead() -> None:
    part = checked(PROSE, f"{PROSE}\nShe said the wrong thing to all of the children.")
    (finding,) = part.findings
    assert (finding.rule, finding.place) == ("grammar.fault", "1.xhtml")
    assert finding.message.startswith("No. “…")
    assert finding.message.endswith("She said the wrong thing to all of the children.”")
    assert finding.passage == "She said the wrong thing to all of the"
    assert finding.remedy == "Perhaps: right"
    assert part.score.evidence["faults"] == 1
    assert part.score.evidence["share_read"] == 1
    assert part.score.evidence["read"] == "all"


@pytest.mark.parametrize(
    "speech",
    [
        "“This is the wrong way, and it is bad as well,” he said.",
        '"This is the wrong way, and it is bad as well," he said.',
        "‘This isn’t the wrong way, though it’s bad as well,’ he said.",
        "“This is the wrong way, and it is bad, and nobody closes the speech.",
    ],
    ids=["curly", "straight", "single", "open"],
)
def test_speech_breaks_some_rules_on_purpose(speech: str) -> None:
    part = checked(f"{PROSE}\n{speech}\nThe wrong way it was, and all of them knew it.")
    assert part.score.evidence["faults"] == 2
    assert part.score.evidence["spoken_faults"] == 1


def test_headings_verse_and_endless_lines_are_not_read() -> None:
    checker = Checker()
    endless = "and so on and on " * 1000 + "."
    checked(f"A Wrong Heading\n{PROSE}\nO bad, O bad\nThe sea!\n{endless}", checker=checker)
    assert checker.asked == [PROSE]


def test_a_long_book_is_read_in_passages_from_all_over_it() -> None:
    texts = [
        f"{PROSE}\n" * 100 + f"This is the end of chapter {at}, and no more." for at in range(20)
    ]
    sample = grammar.sample_passages(
        [chapter(text, f"{at}.xhtml") for at, text in enumerate(texts)]
    )
    assert len(sample.passages) == grammar.PASSAGES
    assert {one.place for one in sample.passages} == {f"{at}.xhtml" for at in range(20)}
    assert 0.05 < sample.read / sample.words < 0.3
    assert sample == grammar.sample_passages(
        [chapter(t, f"{at}.xhtml") for at, t in enumerate(texts)]
    )
    assert sample.which.startswith(f"{grammar.PASSAGES} of {sample.there} passages: 1 of 0.xhtml, ")


def test_a_word_set_twice_is_found_wherever_it_stands() -> None:
    part = checked(
        f"{PROSE}\nHe went to to the river, and the the end was near. He had had enough."
    )
    assert [finding.rule for finding in part.findings] == ["grammar.doubled-word"] * 2
    assert part.findings[0].passage == "He went to to the river, and the the"
    assert part.score.evidence["doubled_words"] == 2


@pytest.mark.parametrize(
    "line",
    [
        "He said that that was what he had had in mind all day.",
        "She laughed and laughed, and it was very very late by then.",
        "Drip drop drip drop drop drop drop, it went all the night long.",
        "Boutros Boutros Ghali came to the town that we lived in.",
        "And the the",
    ],
    ids=["grammar", "emphasis", "sound", "name", "heading"],
)
def test_what_is_said_twice_on_purpose_is_left_alone(line: str) -> None:
    assert checked(f"{PROSE}\n{line}").findings == ()


@pytest.mark.parametrize(
    ("language", "checker", "said"),
    [("fr", None, "no checker"), ("de", Checker(), "de"), ("", Checker(), "unknown")],
)
def test_it_is_said_that_nothing_was_checked(
    language: str, checker: Checker | None, said: str
) -> None:
    sample = grammar.sample_passages([chapter("The bad wrong end of all the many stories.")])
    part = grammar.check_grammar(sample, language, checker)
    assert part.score.value is None
    checked = str(part.score.evidence["checked"])
    assert checked.startswith("not checked: ")
    assert said in checked


def test_a_text_that_ends_the_checker_does_not_end_the_judgement() -> None:
    part = checked(PROSE, checker=Checker(fails=LimitExceeded("sandbox.time", "too long")))
    (finding,) = part.findings
    assert finding.rule == "grammar.unchecked"
    assert "too long" in finding.message


def test_faults_lower_the_score_by_their_rate() -> None:
    bad = f"{PROSE}\n" * 30 + "This is a bad sentence with quite some words in it."
    assert 0.7 < (checked(bad).score.value or 0) < 1
    assert checked(f"{PROSE}\n" * 30).score.value == 1
    assert checked("This is a bad sentence with some words in it.").score.value == 0


@pytest.mark.parametrize("checker", [None, Checker()], ids=["none", "one"])
def test_the_checker_is_part_of_what_a_report_was_made_by(checker: Checker | None) -> None:
    assessor = QualityAssessor(load_quality_policy(), FakeLanguageModel(), grammar=checker)
    assert ("fake-1" in assessor.version.split()) == (checker is not None)


def test_many_faults_go_to_a_person() -> None:
    bad = checked("This is a bad sentence with quite some words in it, and no more.")
    verdict, reasons = load_quality_policy().judge([bad.score], bad.findings)
    assert verdict is Verdict.NEEDS_REVIEW
    assert "Faults of grammar" in " ".join(reasons)
