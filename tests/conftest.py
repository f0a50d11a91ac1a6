"""What every test may use.

The process that deals tests out to workers reads this too: what it has no use for is imported late.
"""

import contextlib
import gc
import itertools
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import HealthCheck
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.support.made_once import SHARED

if TYPE_CHECKING:
    from ebook_pipeline.tools.epubcheck import EpubCheck

# How long an example takes says how busy the machine is; a fixture may serve all examples.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("untimed")

if not os.environ.get("THOROUGH"):
    # Else each worker parses all of our source for literals to try, which takes seconds.
    providers._get_local_constants = Constants

_OURS = "ebooks-tests-"
_KEPT_SECONDS = 6 * 3600
"""How long the files of tests that failed or were killed are there to be looked at: 4 GB a time."""
_ENDS = {
    "tests.support.in_process": "close_tools",
    "tests.support.servers.postgres": "end_server",
    "tests.support.aws.moto": "end_server",
}
"""What started something, and its function that ends that."""
_TESTS_PER_FREEZE = 50
_LONGEST_PARAMETER = 80
_ALL_PROVE = re.compile(rb"^pytestmark = (\[[^\]]*)?pytest\.mark\.prove\b", re.MULTILINE)


def pytest_configure(config: pytest.Config) -> None:
    """A folder of this session's own, for pytest shuts the one that sessions share whenever one
    of them starts: the Postgres of another, which is another user, would lose its files.

    Models are laid out once for all tests, beside it, and so is what `made_once` makes.
    """
    if hasattr(config, "workerinput"):
        return
    _forget_old_sessions()
    folder = Path(tempfile.mkdtemp(prefix=_OURS))
    config.option.basetemp = config.option.basetemp or folder / "tests"
    os.environ["LC_MESSAGES"] = "C"  # what commands print is compared with English
    os.environ["XDG_CACHE_HOME"] = str(folder / "caches")
    os.environ[SHARED] = str(folder)


def _forget_old_sessions() -> None:
    for left in Path(tempfile.gettempdir()).glob(f"{_OURS}*"):
        with contextlib.suppress(OSError):  # another session's, that has just removed it
            found = left.lstat()
            if found.st_uid == os.getuid() and found.st_mtime < time.time() - _KEPT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """``-m prove`` imports only what has long proofs: nine files in ten have none.

    And ``-m "not prove"`` leaves out those that have nothing else.
    """
    sought = config.option.markexpr
    if sought not in ("prove", "not prove") or not collection_path.is_file():
        return None
    source = collection_path.read_bytes()
    unwanted = b"mark.prove" not in source if sought == "prove" else _ALL_PROVE.search(source)
    return True if unwanted and collection_path.name.startswith("test_") else None


def pytest_make_parametrize_id(val: object) -> str | None:
    """A long parameter is named by its beginning: workers tell each other every test's name."""
    if not isinstance(val, str | bytes) or len(val) <= _LONGEST_PARAMETER:
        return None
    beginning = ascii(val[:20]).strip("b'\"")
    return f"{beginning}… {len(val)}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a fixture of their module stay together; all others are dealt out singly.

    xdist's ``--dist loadgroup`` reads the mark. Explicit groups are kept.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None and _shares_a_fixture(item):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def _shares_a_fixture(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function):
        return False
    definitions = item._fixtureinfo.name2fixturedefs.values()
    return any(found[-1].scope in ("module", "class", "package") for found in definitions)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays: to look for garbage in it meanwhile is a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    gc.freeze()  # there is little garbage in what was imported, and to look for it takes seconds


_run_tests = itertools.count(1)


def pytest_runtest_logfinish() -> None:
    if next(_run_tests) % _TESTS_PER_FREEZE == 0:
        _freeze()


def _freeze() -> None:
    """Keep what is loaded by now out of every later collection: a whole suite is half a GB."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What failed leaves its files behind, to be looked at."""
    if exitstatus == 0 and not hasattr(session.config, "workerinput"):
        shutil.rmtree(os.environ[SHARED], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _shared_servers_and_tools_end() -> Iterator[None]:
    yield
    for module, end in _ENDS.items():
        if module in sys.modules:  # to import it for this alone would take a second
            getattr(sys.modules[module], end)()


@pytest.fixture(scope="session")
def epubcheck() -> "EpubCheck":
    """The warm checker of this process, which is everybody's: nobody closes it."""
    from tests.support import in_process

    checker: EpubCheck = in_process.tool("epubcheck")
    return checker
