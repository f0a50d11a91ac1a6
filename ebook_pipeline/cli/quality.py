"""``ebooks quality``: books judged as an editor would, without store or database."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.check import interrupted
from ebook_pipeline.cli.given_files import books_among
from ebook_pipeline.cli.terminal import console, print_finding, print_json, safe
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity, worst_first

if TYPE_CHECKING:
    from collections.abc import Generator

    from ebook_pipeline.books.describing.single_file import SingleFileReader
    from ebook_pipeline.books.judging.assessor import QualityAssessor
    from ebook_pipeline.books.records import QualityReport
    from ebook_pipeline.settings import Settings

_COLOURS = {"pass": "green", "needs_review": "yellow", "reject": "red", "unreadable": "bold red"}


@dataclass(frozen=True)
class _Judged:
    """One file's report, with all that was found on the way; without one, why there is none."""

    file: str
    findings: tuple[Finding, ...]
    report: "QualityReport | None" = None

    @property
    def verdict(self) -> str:
        return self.report.verdict.value if self.report else "unreadable"

    def as_facts(self) -> dict[str, Any]:
        found = [one.model_dump(mode="json") for one in worst_first(self.findings)]
        facts: dict[str, Any] = {"file": self.file, "verdict": self.verdict}
        if self.report:
            facts |= self.report.model_dump(mode="json", include={"reasons", "scores"})
            facts |= self.report.model_dump(mode="json", include={"policy", "models"})
        return facts | {"findings": found}


@click.command()
@click.argument(
    "paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line and file.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report on the one FILE as a page that opens at the passages.",
)
@click.option("--imprint", default="", help="By the rules of this imprint.")
def quality(paths: tuple[Path, ...], as_json: bool, page: Path | None, imprint: str) -> None:
    """Judge books as an editor would: scores, findings and a verdict, by the policy.

    Of a folder, at any depth, the files count whose names end as books' names do. A sidecar
    FILE.json is read as on ingestion. Needs no store, no database and no running service.

    With --json the output is one object per line and file, in the order of the files: file,
    verdict (pass, needs_review, reject; unreadable where there is no book to judge), reasons,
    scores with their evidence, policy, models, findings.

    Ends with 0 when every book passes, 1 when one doesn't, 2 on wrong usage.
    """
    files = books_among(paths)
    if page is not None and len(files) != 1:
        raise click.UsageError("--html takes one book at a time")
    from ebook_pipeline.settings import Settings

    show = _show_json if as_json else _show
    try:
        with closing(_answers(files, page, imprint, Settings())) as answers:
            verdicts = show(answers)
    except KeyboardInterrupt:
        interrupted()
    if set(verdicts) != {"pass"}:
        click.get_current_context().exit(1)


def _answers(
    files: list[Path], page: Path | None, imprint: str, settings: "Settings"
) -> "Generator[_Judged, None, None]":
    from ebook_pipeline.cli.metadata import reader_of
    from ebook_pipeline.cli.opening import opened
    from ebook_pipeline.cli.ordered_pool import in_order
    from ebook_pipeline.resources.book_tools import quality_assessor
    from ebook_pipeline.tools import sandbox

    resources = opened(settings)
    reader, editor = reader_of(resources), quality_assessor(resources).of_imprint(imprint)
    yield from in_order(
        lambda path: _judged(path, reader, editor, page),
        files,
        settings.books_in_flight,
        sandbox.kill_all,
    )


def _judged(
    path: Path, reader: "SingleFileReader", editor: "QualityAssessor", page: Path | None
) -> _Judged:
    from ebook_pipeline.books.describing.sidecar import sidecar_claims
    from ebook_pipeline.books.judging import assessor
    from ebook_pipeline.books.judging.report_page import page as drawn

    file, claims = click.format_filename(path), sidecar_claims(path)
    with tempfile.TemporaryDirectory(prefix="ebooks-") as folder:
        try:
            copy = reader.read(path.absolute(), claims, Path(folder))
            book = assessor.AssessmentInput(copy.epub, copy.text, copy.product, copy.lost)
            report = editor.assess(book)
        except BookError as error:
            return _Judged(file, (error.finding,))
        if page is not None:
            page.write_text(drawn(report, copy.product, copy.epub, copy.lost), encoding="utf-8")
    found = (*report.findings, *copy.product.findings, *copy.lost)
    return _Judged(file, found, report)


def _show_json(answers: Iterable[_Judged]) -> Counter[str]:
    verdicts: Counter[str] = Counter()
    print_json(one.as_facts() for one in _counted(answers, verdicts))
    return verdicts


def _counted(answers: Iterable[_Judged], verdicts: Counter[str]) -> Iterator[_Judged]:
    for one in answers:
        verdicts[one.verdict] += 1
        yield one


def _show(answers: Iterable[_Judged]) -> Counter[str]:
    out, verdicts = console(), Counter[str]()
    for one in _counted(answers, verdicts):
        said = one.verdict.replace("_", " ")
        colour = _COLOURS[one.verdict]
        out.print(f"[bold]{safe(one.file)}[/]: [{colour}]{said}[/]", soft_wrap=True)
        for reason in one.report.reasons if one.report else ():
            out.print(f"  {safe(reason)}", soft_wrap=True)
        for score in one.report.scores if one.report else ():
            out.print(f"  {score.dimension} {score.shown}", soft_wrap=True)
        for finding in worst_first(one.findings):
            if finding.severity >= Severity.WARNING:
                print_finding(out, finding)
    return verdicts
