"""What a person has locked stays."""

import json
from typing import Any

import pytest

from ebook_pipeline.books.describing.field_forms import FIELD_FORMS
from ebook_pipeline.books.describing.overrides import (
    OVERRIDABLE,
    InvalidOverride,
    Overrides,
    apply_overrides,
    checked_override,
)
from ebook_pipeline.books.records import Origin, Product, Provenance

FOUND = Product(
    title="Emma",
    keywords=("matches",),
    provenance={"title": Provenance(origin=Origin.FILE)},
)


def test_a_locked_field_replaces_what_others_say_and_says_who_said_it() -> None:
    product = apply_overrides(
        FOUND, Overrides(values={"title": "Emma: A Novel", "subjects": [{"term": "x"}]})
    )
    assert product.title == "Emma: A Novel"
    assert product.subjects[0].term == "x"
    assert product.provenance["title"].origin is Origin.PERSON
    assert product.keywords == ("matches",)


def test_without_locks_nothing_changes() -> None:
    assert apply_overrides(FOUND, Overrides()) == FOUND


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("word_count", 7, "can not be locked"),
        ("titel", "Emma", "can not be locked"),
        ("title", 7, "title"),
        ("creators", [{"nom": "Jane"}], "creators"),
        ("price", {"amount": -1, "currency": "EUR"}, "price.amount"),
    ],
)
def test_what_a_field_can_not_be_is_refused(field: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidOverride, match=said):
        checked_override(field, value)


def test_a_wrong_value_is_told_which_form_its_field_takes() -> None:
    with pytest.raises(InvalidOverride) as refused:
        checked_override("creators", "Me")
    assert str(refused.value) == (
        "creators can not be that: creators takes a list of people, each with a name and, where"
        ' known, roles (MARC relators), such as [{"name": "Jane Austen", "roles": ["aut"]}]'
    )


@pytest.mark.parametrize("field", sorted(OVERRIDABLE))
def test_every_field_takes_its_example(field: str) -> None:
    example = FIELD_FORMS[field].example
    given = json.loads(example) if example[0] in "[{" else example
    assert checked_override(field, given)


def test_a_value_is_kept_as_the_record_keeps_it() -> None:
    kept = checked_override("price", {"amount": "4.90", "currency": "EUR"})
    assert isinstance(kept, dict)
    assert kept["amount"] == "4.90"
    assert checked_override("publishers", ["The River Press"]) == ["The River Press"]
