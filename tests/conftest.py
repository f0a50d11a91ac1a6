"""What every test may use."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

_OURS = "ebooks-tests-"


def pytest_configure(config: pytest.Config) -> None:
    """A folder of this session's own, for pytest shuts the one that sessions share whenever one
    of them starts: the Postgres of another, which is another user, would lose its files.
    """
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = Path(tempfile.mkdtemp(prefix=_OURS))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What failed leaves its files behind, to be looked at."""
    folder = Path(session.config.option.basetemp)
    if exitstatus == 0 and folder.name.startswith(_OURS):
        shutil.rmtree(folder, ignore_errors=True)
