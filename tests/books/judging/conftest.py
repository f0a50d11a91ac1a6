"""The word list is built once."""

from pathlib import Path

import pytest

from ebook_pipeline.settings import Settings


@pytest.fixture(scope="session")
def cache() -> Path:
    return Settings().models
