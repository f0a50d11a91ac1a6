"""How every command speaks: tables and colours for people, JSON for programs."""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.foundation.findings import Finding, Severity

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ebook_pipeline.books.notifying.finding_words import FindingWords
    from ebook_pipeline.books.records import Record

_WIDE = 200
_ENGLISH = frozenset({"", "C", "POSIX", "en"})
_COLOURS = {
    Severity.INFO: "dim",
    Severity.WARNING: "yellow",
    Severity.ERROR: "red",
    Severity.FATAL: "bold red",
}
_COMMANDS_TO_TERMINALS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")


def console() -> "Console":
    """Standard output; where that is no terminal, wide enough that a row stays a line."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDE
    return Console(highlight=False, width=width)


def messages() -> "Console":
    """For everything that is no result: standard output is the result's alone."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_rows(table: "Table", none: str) -> None:
    """A table on standard output; beside it, where it has no row, what that means."""
    if table.row_count:
        console().print(table)
    else:
        messages().print(none, markup=False)


def print_plain(names: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int) -> None:
    """The same for a file or a pipe, uncoloured and never folded, at a thirtieth of the time.

    The first `texts` columns stand to the left, the others, numbers, to the right.
    """
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    signs = ["<" if at < texts else ">" for at in range(len(widths))]
    line = "  ".join(f"{{:{sign}{width}}}" for sign, width in zip(signs, widths, strict=True))
    sys.stdout.writelines(f"{line.format(*row)}\n" for row in (names, *rows))


def print_json(records: "Iterable[Record | dict[str, Any]]") -> None:
    """One object per line, each written as soon as it is known."""
    for record in records:
        facts = record if isinstance(record, dict) else record.model_dump(mode="json")
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def safe(text: str) -> str:
    """`text` of a stranger as markup: it can neither command the terminal nor turn its lines."""
    from rich.markup import escape

    return escape(_COMMANDS_TO_TERMINALS.sub("\N{REPLACEMENT CHARACTER}", text))


def print_finding(out: "Console", finding: Finding) -> None:
    """What is wrong and where, and below it what to do, in the shell's language where it has words.

    In another language than English the checker's own words, with their figures, stand between.
    """
    words = _words(finding)
    title, remedy = words or (finding.message, finding.remedy)
    place = f" {'in' if words else 'at'} {safe(finding.place)}" if finding.place else ""
    severity = f"[{_COLOURS[finding.severity]}]{finding.severity}[/]"
    what = f"[bold]{safe(finding.rule)}[/]{place}: {safe(title)}"
    out.print(f"- {severity} {what}", soft_wrap=True)
    if words:
        out.print(f"  {safe(finding.message)}", soft_wrap=True)
    if remedy:
        out.print(f"  → {safe(remedy)}", soft_wrap=True)


def _words(finding: Finding) -> "FindingWords | None":
    """What it says in the language of the shell's messages (POSIX, 8.2); None: English alone."""
    named = filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG")))
    language = re.split("[_.@]", next(named, ""))[0]
    if language in _ENGLISH:
        return None
    from ebook_pipeline.books.notifying.finding_words import finding_words

    return finding_words(finding, language)


class Moment(click.ParamType):  # type: ignore[type-arg]
    """A day, which is its midnight in UTC, or a time of ISO 8601."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time such as 2027-01-31 or 2027-01-31T12:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
