"""A home that an older version made is opened by this one: same records, nothing done again."""

from typing import Any

import pytest

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_context import BookContext
from ebook_pipeline.execution.item_context import offered_types
from ebook_pipeline.execution.reuse import fingerprint
from ebook_pipeline.execution.stage import parameters
from ebook_pipeline.foundation.record import Record
from tests.support.books.kept_records import (
    KEPT,
    VERSIONS,
    Versioned,
    context_records,
    record_of,
)

OFFERED = offered_types(BookContext)


def argument(name: str) -> Any:
    """What the parameter `name` of a stage is filled with, as far as fingerprints see it."""
    if name in KEPT:
        return record_of(name)
    former = BOOK_CHAIN.former_names.get(name, name)
    if former in VERSIONS:
        return Versioned(VERSIONS[former])
    return context_records().get(former)


def test_every_stage_is_one_that_was_kept() -> None:
    assert set(KEPT) == set(BOOK_CHAIN.names)


@pytest.mark.parametrize("stage", BOOK_CHAIN.names)
def test_a_kept_record_is_read_and_has_the_data_version_that_it_had(stage: str) -> None:
    assert record_of(stage).data_version == KEPT[stage]["data_version"]


@pytest.mark.parametrize("stage", BOOK_CHAIN.names)
def test_a_kept_record_is_written_as_it_was(stage: str) -> None:
    assert record_of(stage).model_dump(mode="json") == KEPT[stage]["record"]


@pytest.mark.parametrize("stage", BOOK_CHAIN.names)
def test_what_was_kept_is_not_made_again(stage: str) -> None:
    arguments = {name: argument(name) for name in parameters(BOOK_CHAIN[stage].function)}
    made_of = fingerprint(BOOK_CHAIN[stage], arguments, BOOK_CHAIN.former_names)
    assert made_of == KEPT[stage]["fingerprint"]


def test_what_counts_in_a_fingerprint_is_what_counted() -> None:
    """A class that gets a `version`, or becomes a record, does every book again too."""
    functions = (stage.function for stage in BOOK_CHAIN)
    asked = {name for function in functions for name in parameters(function)} - set(KEPT)
    counted = {BOOK_CHAIN.former_names.get(name, name) for name in asked if counts(OFFERED[name])}
    assert counted == set(VERSIONS) | set(context_records())


def counts(kind: Any) -> bool:
    is_record = isinstance(kind, type) and issubclass(kind, Record)
    return (
        is_record or hasattr(kind, "version") or "version" in getattr(kind, "__annotations__", {})
    )
