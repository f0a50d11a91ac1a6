"""Rules of routing: the first word counts, and a book that fits none goes the default way."""

from pathlib import Path

import pytest

from ebook_pipeline.books.reviewing.routing import (
    Priority,
    ReviewCase,
    ReviewRoute,
    ReviewRouting,
    load_routing,
)
from ebook_pipeline.foundation.errors import ServiceError

ROUTING = ReviewRouting.model_validate(
    {
        "default": {"priority": "low", "days": 9, "escalate_to": "head"},
        "rule": [
            {"name": "poetry", "imprint": ["Lyrik *"], "assignee": "eva"},
            {"name": "german", "language": ["de", "de-*"], "assignee": "udo", "days": 3},
            {"name": "young", "age_below": 12, "priority": "high"},
            {"name": "converted", "findings": ["convert.*"], "priority": "urgent"},
        ],
    }
)


def test_what_fits_no_rule_goes_the_default_way() -> None:
    found = ROUTING.route(ReviewCase(languages=("en",)))
    assert found == ReviewRoute(priority=Priority.LOW, days=9, escalate_to="head")


def test_the_first_word_counts_and_later_rules_fill_in() -> None:
    case = ReviewCase(
        publishers=("LYRIK Verlag",), languages=("de-AT",), findings=("convert.table",)
    )
    found = ROUTING.route(case)
    assert (found.assignee, found.days, found.priority) == ("eva", 3, "urgent")
    assert found.rules == ("poetry", "german", "converted")


@pytest.mark.parametrize(
    ("case", "young"),
    [
        (ReviewCase(age_from=8), True),
        (ReviewCase(age_from=12), False),
        (ReviewCase(audience="09"), True),
        (ReviewCase(audience="01"), False),
        (ReviewCase(age_from=14, audience="09"), False),
        (ReviewCase(), False),
    ],
)
def test_an_age_is_the_books_own_or_that_of_its_audience(case: ReviewCase, young: bool) -> None:
    assert ("young" in ROUTING.route(case).rules) is young


def test_every_condition_of_a_rule_must_be_true() -> None:
    rule = {"name": "both", "language": ["fr"], "findings": ["a"], "assignee": "zoe"}
    both = ReviewRouting.model_validate({"rule": [rule]})
    assert both.route(ReviewCase(languages=("fr",), findings=("b",))).assignee is None
    assert both.route(ReviewCase(languages=("fr",), findings=("b", "a"))).assignee == "zoe"


def test_the_rules_of_the_package_know_flags_the_young_and_what_conversion_left() -> None:
    routing = load_routing()
    assert routing.route(ReviewCase(flagged=True)).priority is Priority.HIGH
    assert routing.route(ReviewCase(findings=("convert.table",))).days == 3
    assert routing.route(ReviewCase(age_from=6)).rules == ("books for the young",)


@pytest.mark.parametrize(
    "text",
    [
        "[[rule]]\nname = 'x'\nasignee = 'slip'",
        "[default]\npriority = 'soon'",
        "[[rule]]\nname = 'x'\ndays = 0",
        "no toml",
        "\0",
    ],
)
def test_a_file_that_says_something_else_is_refused_by_name(text: str, tmp_path: Path) -> None:
    file = tmp_path / "routes.toml"
    file.write_text(text)
    with pytest.raises(ServiceError, match=r"routes\.toml"):
        load_routing(file)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"absent\.toml"):
        load_routing(tmp_path / "absent.toml")
