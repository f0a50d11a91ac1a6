"""One home with running services; the samples go through the whole chain once."""

from collections.abc import Iterator

import pytest

from tests.support.homes import CommandResult, Home, open_home, samples


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("home")) as home:
        yield home


@pytest.fixture(scope="session")
def ingested(home: Home) -> CommandResult:
    """The answer of ingesting the four samples for the first time."""
    return home.ebooks("ingest", *samples(), "--json")
