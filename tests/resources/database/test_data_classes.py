"""Every column says what class of data it holds, and persons' columns are sealed."""

from collections import Counter

import pytest

from ebook_pipeline.books.measuring.lake_rows import LEFT_OUT
from ebook_pipeline.resources.database import tables
from ebook_pipeline.resources.database.all_tables import metadata
from ebook_pipeline.resources.database.data_classes import (
    ACTOR_TEXTS,
    DataClass,
    class_of,
    columns_of,
)
from ebook_pipeline.resources.database.personal import PERSONAL_TYPES, PartlyPersonalJson

COLUMNS = {(table.name, column.name) for table in metadata.sorted_tables for column in table.c}
CLASSED = [pair for data_class in DataClass for pair in columns_of(data_class)]


def test_every_column_is_in_the_table_of_classes_once_and_nothing_else_is() -> None:
    """Who adds a column says there what it holds; a person's gets a type that seals it."""
    assert {pair for pair, times in Counter(CLASSED).items() if times > 1} == set()
    assert set(CLASSED) == COLUMNS


def test_personal_columns_are_sealed_and_no_others_are() -> None:
    sealed = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, PERSONAL_TYPES)
    }
    assert sealed == set(columns_of(DataClass.PERSONAL))


def test_a_column_that_nobody_classed_has_no_class() -> None:
    assert class_of("contact", "address") is DataClass.PERSONAL
    with pytest.raises(KeyError, match=r"contact\.shoe_size"):
        class_of("contact", "shoe_size")


@pytest.mark.parametrize("word", ["mail", "email", "phone", "address"])
def test_what_is_called_an_address_is_personal(word: str) -> None:
    for table, column in COLUMNS:
        if word in column.split("_"):
            assert class_of(table, column) in (DataClass.PERSONAL, DataClass.TECHNICAL)
            assert class_of(table, column) is DataClass.PERSONAL or column.endswith("_at")


def test_fields_of_events_that_name_a_person_are_sealed_or_an_actor_s() -> None:
    """`LEFT_OUT` is complete: each field of each event stands there or is a column of the lake."""
    named = {field for field, why in LEFT_OUT.items() if why == "names a person"}
    payload = tables.outbox.c.payload.type
    assert isinstance(payload, PartlyPersonalJson)
    assert named <= set(payload.names) | set(ACTOR_TEXTS["outbox", "payload"])
