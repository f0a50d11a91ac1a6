"""Commands run in this process: they say what they say in a shell, and start in no time.

What takes seconds to start and belongs to no home (a JVM, a browser, models) is made once for all
commands of a process that ask for it with the same settings.
"""

import contextlib
import gc
import io
import json
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unittest import mock

from ebook_pipeline.cli import main
from ebook_pipeline.resources import Resources
from ebook_pipeline.resources.database import Database
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.epubcheck import EpubCheck
from tests.support.servers import compiled_statements

TOOLS = {
    "epubcheck": ("java", "tool_seconds"),
    "browser": ("chromium", "tool_seconds"),
    "typesetter": ("tool_seconds",),
    "text_models": ("models", "spacy_model", "model_dir", "llm_url", "embedding_model"),
    "grammar_checker": ("languagetool_url",),
}
"""What is shared, and the settings that it is made from."""
_made: dict[tuple[object, ...], Any] = {}


@dataclass
class CommandResult:
    """What a command said: its exit code, its standard output, its standard error."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output, every line of it as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def books(self) -> dict[str, dict[str, Any]]:
        return {book["book"]: book for book in self.objects}


def ebooks(words: Sequence[object], environment: Mapping[str, str]) -> CommandResult:
    """``ebooks …`` under this environment."""
    out, err = _text(), _text()
    with (
        _as_in_a_process_of_its_own(environment),
        shared_tools(),
        mock.patch.object(sys, "argv", ["ebooks", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = _exit_code(main)
    return CommandResult(code, _said(out), _said(err))


@contextlib.contextmanager
def shared_tools() -> Iterator[None]:
    """Any `Resources` takes its tools and models from those that this process has.

    Who closes the checker of EPUBs, as commands do, closes nothing: its JVM is everybody's.
    """
    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.object(EpubCheck, "close", return_value=None))
        for name in TOOLS:
            cached = vars(Resources)[name]
            patches.enter_context(mock.patch.object(cached, "func", _shared(name, cached.func)))
        opened = vars(Resources)["database"]
        patches.enter_context(mock.patch.object(opened, "func", _with_statements(opened.func)))
        yield


def tool(name: str) -> Any:
    """One of `TOOLS`, as the commands of this process have it where nothing else is set."""
    return _shared(name, vars(Resources)[name].func)(Resources(Settings()))


def tools(settings: Settings) -> dict[str, Any]:
    """All of `TOOLS` for these settings, by the names of their resources."""
    return {name: _shared(name, vars(Resources)[name].func)(Resources(settings)) for name in TOOLS}


def close_tools() -> None:
    """End the processes that the shared tools have started."""
    for key in [key for key in _made if key[0] == "epubcheck"]:
        _made.pop(key).close()


def _shared(name: str, make: Callable[[Resources], Any]) -> Callable[[Resources], Any]:
    def get(resources: Resources) -> Any:
        key = (name, *(getattr(resources.settings, setting) for setting in TOOLS[name]))
        if key not in _made:
            _made[key] = make(resources)
        return _made[key]

    return get


def _with_statements(open_database: Callable[[Resources], Database]) -> Any:
    return lambda resources: compiled_statements.share(open_database(resources))


@contextlib.contextmanager
def _as_in_a_process_of_its_own(environment: Mapping[str, str]) -> Iterator[None]:
    """What a command changes of its process is put back; warnings are what they are in a shell.

    Connections that a process would take with it at its end are closed by their collection.
    """
    temporary, logger = tempfile.tempdir, logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    mask = os.umask(0o077)
    os.umask(mask)
    with mock.patch.dict(os.environ, environment, clear=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            tempfile.tempdir = temporary
            os.umask(mask)
            for handler in set(logger.handlers) - set(handlers):
                handler.close()
            logger.handlers[:], logger.level = handlers, level
            gc.collect()
            gc.freeze()  # what is still here is everybody's: the next collection leaves it alone


def _exit_code(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def _text() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")


def _said(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
