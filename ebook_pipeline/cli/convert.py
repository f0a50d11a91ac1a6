"""``ebooks convert``: one book from what was sent to EPUB 3 or PDF, without store or database."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.check import interrupted, report_on
from ebook_pipeline.cli.given_files import readable
from ebook_pipeline.cli.terminal import console, messages, print_finding, safe
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity, worst_first

if TYPE_CHECKING:
    from ebook_pipeline.books.converting.conversion import ConvertedForm
    from ebook_pipeline.books.records import BookFormat, Claims
    from ebook_pipeline.resources import Resources

_ENDINGS = (".epub", ".pdf")
_MOST_STEPS = 3
_Hear = Callable[[str], None]


@dataclass(frozen=True)
class _Order:
    """What was asked for; `said` are the options that describe the book."""

    source: Path
    target: Path
    unchecked: bool
    said: Mapping[str, Any]


class _Refused(Exception):
    """The source must not, or cannot, be converted."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        super().__init__()
        self.findings = tuple(findings)


@click.command()
@click.argument("source", metavar="IN", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over OUT where it exists.")
@click.option("--unchecked", is_flag=True, help="Skip EPUBCheck and go on in spite of errors.")
@click.option("--title", help="The title of a manuscript or PDF.")
@click.option("--author", "authors", multiple=True, help="An author; give it once for each.")
@click.option("--language", help="The language, such as en-GB.")
def convert(source: Path, target: Path, force: bool, unchecked: bool, **said: Any) -> None:
    """Convert a book to EPUB 3 or to PDF, as the name OUT ends.

    IN is checked first: with errors it is not converted, and what is refused (locked, unsafe or
    foreign files) never is. A sidecar IN.json is read as on ingestion; the options go before it.
    What the conversion loses is said. OUT appears whole or not at all.

    Ends with 0 when OUT was written, 1 when it wasn't, 2 on wrong usage.
    """
    readable([source])
    _look_at_target(source, target, force=force)
    given = {name: value for name, value in said.items() if value}
    try:
        _convert(_Order(source, target, unchecked, given))
    except _Refused as refusal:
        _print(source, refusal.findings, Severity.WARNING)
        messages().print(f"{target} was not written", markup=False, soft_wrap=True)
        click.get_current_context().exit(1)
    except KeyboardInterrupt:
        interrupted()


def _look_at_target(source: Path, target: Path, *, force: bool) -> None:
    """Wrong usage, before any work, where OUT is no name to write to."""
    name = click.format_filename(target)
    if target.suffix.lower() not in _ENDINGS:
        raise click.UsageError(f"{name} must end in .epub or .pdf")
    if not os.access(target.absolute().parent, os.W_OK):
        raise click.UsageError(f"the folder of {name} is not there or can't be written to")
    if target.exists() and target.samefile(source):
        raise click.UsageError("IN and OUT are the same file")
    if target.exists() and not force:
        raise click.UsageError(f"{name} exists: name another file, or say --force")


def _convert(order: _Order) -> None:
    """Check, convert, write, and say what was lost; raises _Refused."""
    from ebook_pipeline.cli.opening import opened
    from ebook_pipeline.settings import Settings

    resources = opened(Settings())
    with tempfile.TemporaryDirectory(prefix="ebooks-") as folder, _bar() as hear:
        try:
            made = _made(order, resources, Path(folder), hear)
        except BookError as error:
            raise _Refused([error.finding]) from error
        _put(made.path, order.target)
    _print(order.source, made.findings, Severity.INFO)
    pages = f", {made.pages:,} pages" if made.pages else ""
    size = f"{order.target.stat().st_size:,} bytes"
    messages().print(f"{order.target}: {size}{pages}", markup=False, soft_wrap=True)


def _made(order: _Order, resources: "Resources", folder: Path, hear: _Hear) -> "ConvertedForm":
    from ebook_pipeline.books.converting import conversion
    from ebook_pipeline.books.describing.sidecar import sidecar_claims
    from ebook_pipeline.resources.book_tools import conversion_tools

    claims = sidecar_claims(order.source).model_copy(update=dict(order.said))
    hear("checking")
    format_ = _checked(order, claims, resources)
    make = conversion.make_pdf if order.target.suffix.lower() == ".pdf" else conversion.make_epub
    tools = conversion_tools(resources, hear)
    return make(order.source.absolute(), format_, claims, tools, folder)


def _checked(order: _Order, claims: "Claims", resources: "Resources") -> "BookFormat":
    """The source's format where it may be converted; raises _Refused."""
    from ebook_pipeline.books.validating.validation import FileVerdict, Unchecked, verdict

    epubcheck = resources.epubcheck
    checker = Unchecked() if order.unchecked else epubcheck
    try:
        report = report_on(order.source, claims.profile, checker, resources.settings)
    finally:
        epubcheck.close()
    said = verdict(report)
    wrong = said is not FileVerdict.VALID or claims.defects
    if said is FileVerdict.REFUSED or (wrong and not order.unchecked):
        raise _Refused((*claims.defects, *report.findings))
    return report.format


def _put(made: Path, target: Path) -> None:
    """Bring the file to its name, whole or not at all."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(made, part)
        part.replace(target)
    except OSError as error:
        name = click.format_filename(target)
        raise click.FileError(name, f"{error.strerror}: it was not written") from error
    finally:
        part.unlink(missing_ok=True)


def _print(source: Path, findings: Iterable[Finding], least: Severity) -> None:
    said = [one for one in findings if one.severity >= least]
    out = console()
    if said:
        out.print(f"[bold]{safe(click.format_filename(source))}[/]", soft_wrap=True)
    for finding in worst_first(said):
        print_finding(out, finding)


@contextmanager
def _bar() -> Iterator[_Hear]:
    """A bar on a terminal that moves with every step and names the one under way."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    out = messages()
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task, done = bar.add_task("", total=_MOST_STEPS), itertools.count()

        def hear(step: str) -> None:
            bar.update(task, description=step, completed=next(done))

        yield hear
