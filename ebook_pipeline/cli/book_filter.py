"""Which books a command is about: the options that narrow them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from ebook_pipeline.cli.terminal import Moment
from ebook_pipeline.services.reporting.book_list import BookFilter
from ebook_pipeline.services.reporting.status import BookState


class BookCondition(click.ParamType):  # type: ignore[type-arg]
    """A condition on books, as `language = "fr" and words > 50000`."""

    name = "condition"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        from ebook_pipeline.services.reporting.book_conditions import condition_on_books
        from ebook_pipeline.services.reporting.conditions import BadCondition

        try:
            condition_on_books(str(value))
        except BadCondition as error:
            self.fail(f"{value}: {error}", param, ctx)
        return str(value)


where = click.option(
    "--where",
    type=BookCondition(),
    help='Only those: `language = "fr" and words > 50000` (docs/running.md).',
)


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--state``, ``--since`` and ``--where``."""
    options = (
        click.option(
            "--state",
            "states",
            multiple=True,
            type=click.Choice([state.value for state in BookState]),
            help="Only in this state; may be given again.",
        ),
        click.option("--since", type=Moment(), help="Only what has changed since then."),
        where,
    )
    for option in reversed(options):
        command = option(command)
    return command


def book_filter(
    states: tuple[str, ...] = (), since: datetime | None = None, where: str | None = None
) -> BookFilter:
    """What `filters` were given."""
    return BookFilter(states=tuple(map(BookState, states)), since=since, where=where)
