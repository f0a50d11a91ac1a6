"""A home with running services, in which the samples have gone through the whole chain once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.homes import Home, home_with_samples
from tests.support.in_process import CommandResult


@pytest.fixture(scope="module")
def home_and_result(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Home, CommandResult]]:
    with home_with_samples(tmp_path_factory.mktemp("samples") / "home") as made:
        yield made


@pytest.fixture(scope="module")
def home(home_and_result: tuple[Home, CommandResult]) -> Home:
    return home_and_result[0]


@pytest.fixture(scope="module")
def ingested(home_and_result: tuple[Home, CommandResult]) -> CommandResult:
    """The result of ingesting the four samples for the first time."""
    return home_and_result[1]


@pytest.fixture(scope="module")
def books(home: Home) -> dict[str, dict[str, Any]]:
    """What is known of the samples' books, with their links at this home's edge."""
    names = home.ebooks("status", "--json").books
    return home.ebooks("status", *names, "--json").books
