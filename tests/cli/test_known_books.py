"""A name that is no book's: every command that takes a book says so, and does nothing."""

import importlib
import inspect

import click
import pytest

from ebook_pipeline.cli import COMMANDS, ebooks
from ebook_pipeline.cli.known_books import known_book
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.database import Database

PURGED_TOO = {"purge"}
"""A book whose purge was cut off has no row any more."""


def test_a_name_that_is_no_book_s_is_said_with_what_to_do(database: Database) -> None:
    known_book(database)
    with pytest.raises(NotFound, match=r"no book is called 'nobody' \(`ebooks status` lists them"):
        known_book(database, "nobody")


def test_every_command_that_takes_a_book_asks_whether_there_is_one() -> None:
    unasked = [
        name
        for name, module in COMMANDS.items()
        if _takes_a_book(ebooks.get_command(click.Context(ebooks), name))
        and "known"
        not in inspect.getsource(importlib.import_module(f"ebook_pipeline.cli.{module}"))
    ]
    assert set(unasked) == PURGED_TOO


def _takes_a_book(command: click.Command | None) -> bool:
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    params = command.params if command else []
    named = any(isinstance(one, click.Argument) and one.name in ("book", "books") for one in params)
    return named or any(map(_takes_a_book, inner))
