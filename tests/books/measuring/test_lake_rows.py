"""A row of the lake holds what is counted, and of no person anything."""

from datetime import UTC, date, datetime

import pytest

from ebook_pipeline.books.measuring import lake_rows
from ebook_pipeline.books.measuring.lake_rows import TakenEvent, event_table, lake_row
from ebook_pipeline.foundation.events import EVENT_TYPES

AT = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)


def taken(kind: str, **data: object) -> TakenEvent:
    return TakenEvent(7, "u-1", kind, 1, "emma", AT, "run-1", data)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_each_field_of_an_event_is_a_column_or_left_out_for_a_reason(kind: str) -> None:
    columns = {*lake_rows.TEXTS, *lake_rows.NUMBERS, *lake_rows.FLAGS, *lake_rows.TAKEN_APART}
    assert set(EVENT_TYPES[kind].data) <= columns | set(lake_rows.LEFT_OUT)
    assert not columns & set(lake_rows.LEFT_OUT)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_what_is_left_out_stands_nowhere_in_the_row(kind: str) -> None:
    data = dict.fromkeys(EVENT_TYPES[kind].data, "p1:mallory@example.org")
    kept = {**data, **{name: None for name in set(data) - set(lake_rows.LEFT_OUT)}}
    assert "mallory" not in repr(lake_row(taken(kind, **kept), str))


def test_a_licence_is_told_apart_by_what_stands_for_it() -> None:
    row = lake_row(taken("license.issued", license="l-1", reader="eve"), lambda text: f"<{text}>")
    assert row["license"] == "<l-1>"


def test_a_stage_comes_with_its_seconds_and_with_rules_but_no_messages() -> None:
    finding = {"rule": "epub.x", "severity": "error", "message": "Eve's book", "place": "p. 1"}
    row = lake_row(taken("stage.finished", stage="qa_report", seconds=2, findings=[finding]), str)
    assert (row["stage"], row["seconds"]) == ("qa_report", 2.0)
    assert row["findings"] == [{"rule": "epub.x", "severity": "error"}]


def test_a_price_that_was_set_is_taken_apart() -> None:
    row = lake_row(taken("price.changed", price={"territory": "DE", "amount": "9.99"}), str)
    assert (row["territory"], row["amount"]) == ("DE", "9.99")


def test_the_table_is_in_the_order_of_telling_and_names_its_schema() -> None:
    rows = [lake_row(taken("release.live")._replace(position=place), str) for place in (9, 3)]
    table = event_table(rows)
    assert table["position"].to_pylist() == [3, 9]
    assert table["day"].to_pylist() == [date(2026, 11, 29)] * 2
    assert table.schema.metadata == {b"ebooks.lake.schema": b"1"}


def test_what_no_event_should_hold_is_null_and_no_error() -> None:
    row = lake_row(taken("stage.finished", seconds="?", edition=True, findings="x", price=3), str)
    assert (row["seconds"], row["edition"], row["findings"]) == (None, None, [])
