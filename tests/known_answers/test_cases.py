"""Every small file of the field's faults comes out as it should, judged by what was made of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.corpus import THOROUGH, case, cases, needs_cases
from tests.support.known_answers import Answer, Judge, answers, judging
from tests.support.variations import variations

ANSWERS = answers()
VARIATIONS = variations()


_PART = 3
"""One in so many is tried where not all of them are asked for by THOROUGH."""


def _marked(number: int, name: str, answer: Answer) -> Any:
    marks = [] if answer.quick else [pytest.mark.prove]
    marks += [pytest.mark.browser] if answer.printed_pages else []
    left_out = answer.slow or (not answer.quick and number % _PART > 0)
    skipped = pytest.mark.skipif(left_out and not THOROUGH, reason="THOROUGH=1 make prove")
    return pytest.param(name, marks=[*marks, skipped])


@pytest.fixture
def judge() -> Iterator[Judge]:
    with judging() as made:
        yield made


@needs_cases
def test_every_case_has_an_answer() -> None:
    assert set(cases()) == set(ANSWERS)


@needs_cases
@pytest.mark.parametrize(
    "name", [_marked(number, *answered) for number, answered in enumerate(ANSWERS.items())]
)
def test_a_case_comes_out_as_it_should(judge: Judge, name: str) -> None:
    assert judge.faults(case(name), ANSWERS[name]) == []


@pytest.mark.prove
@pytest.mark.parametrize("name", list(VARIATIONS)[:: 1 if THOROUGH else _PART])
def test_a_variation_of_a_case_comes_out_as_it_should(
    judge: Judge, tmp_path: Path, name: str
) -> None:
    variation = VARIATIONS[name]
    assert judge.faults(variation.write(tmp_path / name), variation.answer) == []


@needs_cases
def test_the_judge_tells_everything_that_is_not_so(judge: Judge) -> None:
    name = "205-html-front-line.html"
    wrong = replace(
        ANSWERS[name],
        check="invalid",
        rules=("no.such-rule",),
        title="Another",
        authors=("Nobody",),
        contents=("1 Two", "1 One"),
        text=("Nobody came, though the bell rang.", "It was dark", "It was never there"),
        absent=("The third habit",),
        pictures=("none",),
        links=("here: #there",),
        elements={"p": 0},
        direction="rtl",
    )
    told = "\n".join(judge.faults(case(name), wrong))
    for words in (
        "verdict: valid",
        "check does not say no.such-rule",
        "title: 'Harbour Fog'",
        "authors: ('Petra Vos',)",
        "contents: ('1 One', '1 Two')",
        "out of order: 'It was dark'",
        "lost: 'It was never there'",
        "is there: 'The third habit'",
        "pictures: ()",
        "no link 'here: #there'",
        "p: 5, right is 0",
        "right to left: False",
    ):
        assert words in told
