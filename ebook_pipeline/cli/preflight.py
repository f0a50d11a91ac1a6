"""``ebooks preflight``: PDFs judged for a printer, without store or database."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.check import interrupted
from ebook_pipeline.cli.given_files import readable
from ebook_pipeline.cli.print_options import INCHES, PRINTERS, SizeType, template_of
from ebook_pipeline.cli.terminal import as_json, console, messages, print_finding, print_json, safe
from ebook_pipeline.foundation.findings import Severity

if TYPE_CHECKING:
    from ebook_pipeline.books.printing.preflight import PreflightReport, PrintJob
    from ebook_pipeline.books.printing.print_rules import Trim

_PAPERS = ("white", "cream", "standard-colour", "premium-colour")


class _TrimType(click.ParamType):  # type: ignore[type-arg]
    """Width by height in inches."""

    name = "trim"

    def convert(self, value: Any, param: Any, ctx: Any) -> "Trim":
        from ebook_pipeline.books.printing.print_rules import Trim

        sides = INCHES.fullmatch(str(value).strip())
        if sides is None or not all(3 <= float(side) <= 15 for side in sides.groups()):
            self.fail(f"{value} is no trim in inches such as 8.5x8.5", param, ctx)
        return Trim(width=float(sides[1]), height=float(sides[2]))


@click.command()
@click.argument(
    "paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--for", "printer", type=click.Choice(PRINTERS), required=True, help="Whose rules count."
)
@click.option("--cover", is_flag=True, help="The files are full covers: back, spine, front.")
@click.option("--trim", type=_TrimType(), help="Inches, such as 8.5x8.5; else read from the file.")
@click.option("--paper", type=click.Choice(_PAPERS), help="Ink and paper; else by the colours.")
@click.option("--pages", type=click.IntRange(1, 5000), help="Of the book that a cover is for.")
@click.option(
    "--template", type=SizeType(), help="The printer's own for this cover: inches, 17.325x8.75."
)
@click.option("--spine", type=click.FloatRange(0, 6), help="Inches, by that template.")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a picture of each page with a fault into this folder, the fault framed.",
)
@click.option("-v", "--verbose", is_flag=True, help="Mere remarks are shown too.")
@as_json
def preflight(paths: tuple[Path, ...], **asked: Any) -> None:
    """Judge PDFs for a printer: would they be refused, cut off or printed wrongly, and where.

    Any PDF is judged, ours or not: sheets and boxes, bleed, fonts, resolution of pictures, ink
    where it can be known, the safe area, the number of pages, transparency, annotations.

    With --json the output is one object per line and file: file, printer, passes, pages, trim,
    heaviest_ink, ink_known, pictures and findings (rule, severity, place, message, remedy, marks).

    Ends with 0 when every file passes, 1 when one doesn't, 2 on wrong usage.
    """
    files = readable(paths)
    job = _job(asked)
    failed: list[Path] = []
    try:
        answers = _answers(files, job, asked["pictures"], failed)
        if asked["as_json"]:
            print_json(_facts(*answer) for answer in answers)
        else:
            _show(answers, verbose=asked["verbose"])
    except KeyboardInterrupt:
        interrupted()
    if failed:
        click.get_current_context().exit(1)


_Answer = tuple[Path, "PreflightReport", list[str]]


def _job(asked: dict[str, Any]) -> "PrintJob":
    from ebook_pipeline.books.printing.preflight import Part, PrintJob
    from ebook_pipeline.books.printing.print_rules import PaperKind, Printer

    if asked["pages"] and not asked["cover"]:
        raise click.UsageError("--pages is of the book that a --cover is for")
    if asked["template"] and not asked["cover"]:
        raise click.UsageError("--template is of a --cover")
    return PrintJob(
        printer=Printer(asked["printer"]),
        part=Part.COVER if asked["cover"] else Part.INTERIOR,
        trim=asked["trim"],
        paper=PaperKind(asked["paper"]) if asked["paper"] else None,
        pages=asked["pages"],
        template=template_of(asked["template"], asked["spine"]),
    )


def _answers(
    files: list[Path], job: "PrintJob", pictures: Path | None, failed: list[Path]
) -> "Iterator[_Answer]":
    from ebook_pipeline.books.printing import preflight as printing

    for path in files:
        report = printing.preflight(path.absolute(), job)
        folder = None if pictures is None else _folder(pictures, path, alone=len(files) == 1)
        names = printing.write_pictures(path.absolute(), report, folder) if folder else []
        if not report.passes:
            failed.append(path)
        yield path, report, [str(folder / name) for name in names] if folder else []


def _folder(pictures: Path, path: Path, *, alone: bool) -> Path:
    return pictures if alone else pictures / path.stem


def _facts(path: Path, report: "PreflightReport", pictures: list[str]) -> dict[str, Any]:
    findings = [
        {
            **found.finding.model_dump(mode="json", exclude={"passage"}),
            "marks": [mark.model_dump(mode="json") for mark in found.marks],
        }
        for found in report.findings
    ]
    return {
        "file": click.format_filename(path),
        "printer": str(report.job.printer),
        "passes": report.passes,
        "pages": report.pages,
        "trim": report.layout.trim.model_dump() if report.layout else None,
        "heaviest_ink": report.heaviest_ink,
        "ink_known": report.ink_known,
        "pictures": pictures,
        "findings": findings,
    }


def _show(answers: "Iterable[_Answer]", *, verbose: bool) -> None:
    out = console()
    least = Severity.INFO if verbose else Severity.WARNING
    for path, report, pictures in answers:
        verdict = "[green]passes[/]" if report.passes else "[red]fails[/]"
        name = safe(click.format_filename(path))
        size = f", {report.layout.trim}" if report.layout else ""
        title = f"{report.job.rules.title}: {report.pages} pages{size}"
        out.print(f"[bold]{name}[/]: {verdict} ({title})", soft_wrap=True)
        for found in report.findings:
            if found.finding.severity >= least:
                print_finding(out, found.finding)
        if pictures:
            messages().print(
                f"{len(pictures)} pictures in {Path(pictures[0]).parent}", markup=False
            )
