"""One home with running services; the samples go through the whole chain once."""

from collections.abc import Iterator

import pytest

from tests.support.homes import Answer, House, open_house, samples


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("home")) as house:
        yield house


@pytest.fixture(scope="session")
def ingested(house: House) -> Answer:
    """The answer of ingesting the four samples for the first time."""
    return house.ebooks("ingest", *samples(), "--json")
