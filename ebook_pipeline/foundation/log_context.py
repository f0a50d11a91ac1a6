"""Which run and item a line of the log is about: told to each line that is written meanwhile."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ebook_pipeline.foundation.events import current_cause

_ITEM: ContextVar[str] = ContextVar("item", default="")


@contextmanager
def working_on(item: str) -> Iterator[None]:
    """Lines written meanwhile, in this thread, are about `item`."""
    token = _ITEM.set(item)
    try:
        yield
    finally:
        _ITEM.reset(token)


class WithRunAndBook(logging.Filter):
    """Gives each line `run` and `book`; `run` is of the process where the thread knows no other."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = run

    def filter(self, record: logging.LogRecord) -> bool:
        record.run = current_cause() or self._run
        record.book = _ITEM.get()
        return True
