"""``ebooks check``: files against their formats' standards, as a linter does it.

No store, no database and no Dagster: one warm checker for all files, as many at a time as cores.
"""

import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ebook_pipeline.cli.given_files import books_among
from ebook_pipeline.cli.terminal import console, messages, print_finding, print_json, safe
from ebook_pipeline.foundation.findings import Finding, Severity, worst_first
from ebook_pipeline.foundation.wording import counted
from ebook_pipeline.tools.epubcheck.profiles import NAMES, PROFILES

if TYPE_CHECKING:
    from rich.console import Console

    from ebook_pipeline.books.records import ValidationReport
    from ebook_pipeline.books.validating.validation import EpubChecker, FileVerdict
    from ebook_pipeline.settings import Settings

INTERRUPTED = 130  # as shells say it: 128 and SIGINT's number
_COLOURS = {"valid": "green", "unchecked": "yellow", "invalid": "red", "refused": "bold red"}


@dataclass(frozen=True)
class Checked:
    """What is said of one file; the worst findings first."""

    file: str
    media_type: str
    verdict: "FileVerdict"
    findings: tuple[Finding, ...]

    def as_facts(self) -> dict[str, Any]:
        findings = [
            {
                name: getattr(one, name)
                for name in ("rule", "severity", "place", "message", "remedy")
            }
            for one in self.findings
        ]
        return {**self.__dict__, "findings": findings}


@click.command()
@click.argument(
    "paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--profile",
    type=click.Choice(NAMES, case_sensitive=False),
    default=PROFILES[0],
    show_default=True,
    help="What kind of EPUB the files are said to be.",
)
@click.option("-v", "--verbose", is_flag=True, help="Valid files and mere remarks are shown too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line and file.")
def check(paths: tuple[Path, ...], profile: str, verbose: bool, as_json: bool) -> None:
    """Check files against their formats' standards, like a linter.

    Of a folder, at any depth, the files count whose names end as books' names do. Needs no store,
    no database and no running service; nothing is written.

    With --json the output is one object per line and file, in the order of the files and written as
    they are done: file, media_type, verdict (valid, invalid, or
    refused for what must not enter: locked, unsafe or foreign files) and findings (rule, severity,
    place, message, remedy).

    Ends with 0 when all files are valid, 1 when one isn't or the checker does not work, 2 on wrong
    usage.
    """
    files = books_among(paths)
    from ebook_pipeline.settings import Settings

    show = _show_json if as_json else _show(verbose, len(files))
    try:
        with closing(checked(files, profile, Settings())) as answers:
            counts = show(answers)
    except KeyboardInterrupt:
        interrupted()
    if set(counts) != {"valid"}:
        click.get_current_context().exit(1)


def checked(
    files: Sequence[Path], profile: str, settings: "Settings"
) -> Generator[Checked, None, None]:
    """The verdict on each of `files`, in order; raises ServiceError where the checker fails."""
    from ebook_pipeline.cli.opening import opened
    from ebook_pipeline.cli.ordered_pool import in_order
    from ebook_pipeline.tools import sandbox

    epubcheck = opened(settings).epubcheck

    def cancel() -> None:
        sandbox.kill_all()
        epubcheck.close()

    def verdict_on(path: Path) -> Checked:
        return check_file(path, profile, epubcheck, settings)

    try:
        yield from in_order(verdict_on, files, settings.books_in_flight, cancel)
    finally:
        epubcheck.close()


def check_file(path: Path, profile: str, epubcheck: "EpubChecker", settings: "Settings") -> Checked:
    """The verdict on one file."""
    from ebook_pipeline.books.formats import media_types
    from ebook_pipeline.books.validating import validation

    report = report_on(path, profile, epubcheck, settings)
    return Checked(
        file=click.format_filename(path),
        media_type=media_types.media_type(report.format),
        verdict=validation.verdict(report),
        findings=tuple(worst_first(report.findings)),
    )


def report_on(
    path: Path, profile: str, epubcheck: "EpubChecker", settings: "Settings"
) -> "ValidationReport":
    """What validation says of the file, as it would of a submission."""
    from ebook_pipeline.books.formats import media_types
    from ebook_pipeline.books.validating import validation
    from ebook_pipeline.tools import sandbox

    name, path = click.format_filename(path), path.absolute()
    length, most = path.stat().st_size, settings.max_book_bytes
    if length > most:
        return validation.too_large_report(sandbox.call(media_types.sniff, path), length, most)
    return validation.validate(path, name, profile, epubcheck)


def interrupted() -> NoReturn:
    """End as a program does that Ctrl-C ended."""
    messages().print("Interrupted.")
    sys.exit(INTERRUPTED)


def _show_json(answers: Iterable[Checked]) -> Counter[str]:
    counts: Counter[str] = Counter()
    print_json(one.as_facts() for one in _counted(answers, counts))
    return counts


def _counted(answers: Iterable[Checked], counts: Counter[str]) -> Iterator[Checked]:
    for one in answers:
        counts[one.verdict] += 1
        yield one


def _show(verbose: bool, total: int) -> Callable[[Iterable[Checked]], Counter[str]]:
    """What people see: the files with something to say, and at the end how many there were."""
    least = Severity.INFO if verbose else Severity.WARNING

    def show(answers: Iterable[Checked]) -> Counter[str]:
        out, counts = console(), Counter[str]()
        for one in _counted(_with_bar(answers, total), counts):
            said = [finding for finding in one.findings if finding.severity >= least]
            if said or verbose or one.verdict != "valid":
                _print_file(out, one, said)
        messages().print(_summary(counts), markup=False)
        return counts

    return show


def _print_file(out: "Console", one: Checked, said: Sequence[Finding]) -> None:
    verdict = f"[{_COLOURS[one.verdict]}]{one.verdict}[/]"
    out.print(f"[bold]{safe(one.file)}[/]: {verdict} ({one.media_type})", soft_wrap=True)
    for finding in said:
        print_finding(out, finding)


def _summary(counts: Counter[str]) -> str:
    parts = ", ".join(f"{counts[name]} {name}" for name in _COLOURS if counts[name])
    return f"{counted(counts.total(), 'file')}: {parts}"


def _with_bar(answers: Iterable[Checked], total: int) -> Iterator[Checked]:
    """`answers`, of several with a bar on a terminal that says how far we are."""
    out = messages()
    if total == 1 or not out.is_terminal:
        yield from answers
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("checking"), BarColumn(), MofNCompleteColumn()
    same = sys.stdout.isatty()
    with Progress(*columns, console=out, transient=True, redirect_stdout=same) as bar:
        yield from bar.track(answers, total=total)
