"""The word list is built once a session, the models once a worker."""

from pathlib import Path

import pytest

from ebook_pipeline.resources.models.text_models import LocalModels
from ebook_pipeline.settings import Settings
from tests.support import in_process


@pytest.fixture(scope="session")
def cache() -> Path:
    return Settings().models


@pytest.fixture(scope="session")
def models() -> LocalModels:
    made = in_process.tool("text_models")
    assert isinstance(made, LocalModels)
    return made
