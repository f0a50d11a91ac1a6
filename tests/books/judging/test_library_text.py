"""A library's words around a book: named, no machine's, and counted as the policy says."""

from pathlib import Path

import pytest

from ebook_pipeline.books.judging import assessor, plausibility
from ebook_pipeline.books.judging.plausibility.library_text import library_text
from ebook_pipeline.books.judging.policy import load_quality_policy
from ebook_pipeline.foundation.errors import ServiceError
from tests.support.books.for_judging import PROSE, book, chapter

START, END = (
    "*** START OF THE PROJECT GUTENBERG EBOOK X ***",
    "*** END OF THE PROJECT GUTENBERG EBOOK X ***",
)


def rules(text: str, cache: Path) -> list[str]:
    found = plausibility.check([chapter(text)], "en", cache).findings
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    "marker", [START, "*** START OF THE TEXT ***", "**** End of this book ****"]
)
def test_a_line_of_markers_is_no_machine(marker: str, cache: Path) -> None:
    assert "plausibility.machine-talk" not in rules(f"{PROSE}\n{marker}\n{PROSE}", cache)


def test_a_machines_marks_are_still_a_machines(cache: Path) -> None:
    assert "plausibility.machine-talk" in rules(
        f"{PROSE}\n**Chapter One: The Start**\n{PROSE}", cache
    )


def test_the_library_is_named_once_with_its_words(cache: Path) -> None:
    text = f"Header line.\n{START}\n{PROSE}\n{END}\nLicence of [insert name] words."
    found = plausibility.check([chapter(text)], "en", cache).findings
    assert [finding.rule for finding in found] == ["plausibility.boilerplate"]
    assert "Project Gutenberg, 25 words" in found[0].message


def test_a_chapter_of_nothing_else_is_none_of_the_book() -> None:
    read = library_text([chapter(f"Header.\n{START}", "a"), chapter(PROSE, "b")])
    assert [(one.place, one.text) for one in read.own] == [("b", PROSE)]


def test_it_counts_unless_the_policy_leaves_it_out(tmp_path: Path, cache: Path) -> None:
    path = book(
        tmp_path / "b.epub", f"<p>{START}</p><p>{PROSE}</p><p>{END}</p><p>{'Terms. ' * 90}</p>"
    )
    kept, left = (
        assessor.examine_book(path, "en", cache, (), leave_out).parts[0].score.evidence["words"]
        for leave_out in (False, True)
    )
    assert isinstance(kept, int)
    assert isinstance(left, int)
    assert kept - left == 104


def test_a_policy_says_so_in_one_word(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('boilerplate = "leave-out"\n')
    assert load_quality_policy(policy).leaves_out_boilerplate
    assert not load_quality_policy().leaves_out_boilerplate
    policy.write_text('boilerplate = "burn"\n')
    with pytest.raises(ServiceError):
        load_quality_policy(policy)
