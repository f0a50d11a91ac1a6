"""Commands run in this process: they say what they say in a shell, and start in no time.

What takes seconds to start and belongs to no home (a JVM, a browser, models) is made once for all
commands of a process that ask for it with the same settings.
"""

import contextlib
import gc
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

from ebook_pipeline.cli import main
from ebook_pipeline.resources import Resources

TOOLS = {
    "epubcheck": ("java", "tool_seconds"),
    "browser": ("chromium", "tool_seconds"),
    "typesetter": ("tool_seconds",),
    "text_models": ("models", "spacy_model", "model_dir", "llm_url", "embedding_model"),
    "grammar_checker": ("languagetool_url",),
}
"""What is shared, and the settings that it is made from."""
_made: dict[tuple[object, ...], Any] = {}


def ebooks(words: Sequence[object], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """``ebooks …`` under this environment: exit code, standard output, standard error."""
    out, err = _text(), _text()
    with (
        _as_in_a_process_of_its_own(environment),
        shared_tools(),
        mock.patch.object(sys, "argv", ["ebooks", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = _exit_code(main)
    return code, _said(out), _said(err)


@contextlib.contextmanager
def shared_tools() -> Iterator[None]:
    """Any `Resources` takes its tools and models from those that this process has."""
    with contextlib.ExitStack() as patches:
        for name in TOOLS:
            tool = vars(Resources)[name]
            patches.enter_context(mock.patch.object(tool, "func", _shared(name, tool.func)))
        yield


def _shared(name: str, make: Callable[[Resources], Any]) -> Callable[[Resources], Any]:
    def get(resources: Resources) -> Any:
        key = (name, *(getattr(resources.settings, setting) for setting in TOOLS[name]))
        if key not in _made:
            _made[key] = make(resources)
        return _made[key]

    return get


@contextlib.contextmanager
def _as_in_a_process_of_its_own(environment: Mapping[str, str]) -> Iterator[None]:
    """What a command changes of its process is put back; warnings are what they are in a shell.

    Connections that a process would take with it at its end are closed by their collection.
    """
    temporary, logger = tempfile.tempdir, logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    with mock.patch.dict(os.environ, environment, clear=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            tempfile.tempdir = temporary
            for handler in set(logger.handlers) - set(handlers):
                handler.close()
            logger.handlers[:], logger.level = handlers, level
            gc.collect()


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
