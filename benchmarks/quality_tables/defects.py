"""Defects that somebody made on purpose: how many are found, and what clean books are told."""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.frame import Options, Table
from benchmarks.quality_tables import injected
from ebook_pipeline.books.formats.epub import navigation
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import (
    appropriateness,
    assessor,
    chapters,
    images,
    numbering,
    plausibility,
    typography,
)
from ebook_pipeline.books.judging.plausibility import language
from ebook_pipeline.books.judging.policy import QualityPolicy, load_quality_policy
from ebook_pipeline.books.records import Product, Verdict
from ebook_pipeline.books.records.description import Audience
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.resources.models.text_models import LocalModels

CHILDREN = Audience(code="02")
COLUMNS = ("defect", "made", "found", "share", "to a person", "not found in")


@dataclass
class Count:
    """What became of one kind of defect."""

    made: int = 0
    found: int = 0
    held: int = 0
    missed: list[str] = field(default_factory=list)

    def row(self, name: str) -> tuple[str | int | float, ...]:
        share = self.found / max(1, self.made)
        return name, self.made, self.found, round(share, 2), self.held, ", ".join(self.missed)


@dataclass(frozen=True)
class Report:
    """What the policy says of the dimensions measured here."""

    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class QualityReporter:
    """Every dimension but spelling and grammar, which have tables of their own."""

    policy: QualityPolicy
    models: LocalModels
    lexicon: Path
    folder: Path

    def report(self, path: Path, for_children: bool = False) -> Report:
        package = read_package(path)
        read = list(chapters.read(path, package))
        tongue = self.models.language("\n".join(one.text for one in read)[:100_000][-4000:])
        contents = [
            numbering.Heading(one.href, one.level, one.title)
            for one in navigation.toc(path, package)
        ]
        product = Product(title=package.title, audience=CHILDREN if for_children else None)
        parts = (
            plausibility.check(read, tongue, self.lexicon, contents),
            typography.check(read, assessor.container_files(path, package)),
            images.check(path, package, read),
            appropriateness.against(appropriateness.check(read, tongue), product),
        )
        foreign = language.foreign_chapters(
            package.languages, language.chapter_samples(read), self.models.language
        )
        found = (*foreign, *(one for part in parts for one in part.findings))
        return Report(self.policy.judge([part.score for part in parts], found)[0], found)


def table(options: Options) -> Table:
    """Defects by kind in the novels, and in each picture of the samples."""
    models = LocalModels(options.folder("models"))
    with tempfile.TemporaryDirectory() as folder:
        reporter = QualityReporter(
            load_quality_policy(), models, options.folder("lexicon"), Path(folder)
        )
        novels = [injected.Clean(options.corpus / one["name"]) for one in _novels(options)]
        counts: dict[str, Count] = {name: Count() for name in injected.spoilers()}
        for book in novels:
            _spoil(book, reporter, counts)
        for name in ("blurred", "enlarged"):
            counts[f"{name} picture"] = _pictures(options, reporter, name)
        said = _clean(options, reporter)
    rows = [count.row(name) for name, count in counts.items()]
    return Table("Defects made on purpose, and whether they are found", COLUMNS, rows, said)


def _novels(options: Options) -> list[dict[str, str]]:
    """Each text once."""
    return [
        one
        for one in options.entries("novel")
        if not any(case.startswith(("duplicate", "same-ident")) for case in one["case"])
    ]


def _spoil(book: injected.Clean, reporter: QualityReporter, counts: dict[str, Count]) -> None:
    before = {child: reporter.report(book.path, child) for child in (False, True)}
    for name, (spoil, rules) in injected.spoilers().items():
        draw = random.Random(f"{injected.SEED} {book.path.name} {name}")
        changed = spoil(book, draw)
        child = "children" in name
        known = _keys(before[child])
        if changed is None or (child and any(rule in rules for rule, *_ in known)):
            continue
        path = book.spoilt(changed, reporter.folder / "spoilt.epub")
        after = reporter.report(path, child)
        count = counts[name]
        count.made += 1
        count.held += after.verdict is not Verdict.PASS
        if any(key[0] in rules for key in _keys(after) - known):
            count.found += 1
        else:
            count.missed.append(book.path.stem.partition("_")[2] or book.path.stem)


def _pictures(options: Options, reporter: QualityReporter, how: str) -> Count:
    count = Count()
    for entry in options.entries("sample"):
        book = injected.Clean(options.corpus / entry["name"])
        before = _keys(reporter.report(book.path))
        for path in _rasters(book):
            data = injected.spoilt_picture(book.data(path), how)
            if data is None or any(
                rule == "images.blurred" for rule, at, _ in before if at == path
            ):
                continue
            after = reporter.report(book.spoilt({path: data}, reporter.folder / "spoilt.epub"))
            count.made += 1
            count.held += after.verdict is not Verdict.PASS
            if any(key[:2] == ("images.blurred", path) for key in _keys(after)):
                count.found += 1
            else:
                count.missed.append(Path(path).name)
    return count


def _rasters(book: injected.Clean) -> Iterator[str]:
    shown = (picture.path for one in book.documents for picture in one.pictures)
    for path in dict.fromkeys(shown):
        if path.lower().endswith((".jpg", ".jpeg", ".png")):
            yield path


def _clean(options: Options, reporter: QualityReporter) -> str:
    """What the corpus as it is is told."""
    entries = options.entries("novel", "sample")
    reports = [reporter.report(options.corpus / entry["name"]) for entry in entries]
    verdicts = Counter(report.verdict.value for report in reports)
    warned = Counter(
        one.rule
        for report in reports
        for one in report.findings
        if one.severity >= Severity.WARNING
    )
    listed = ", ".join(f"{rule} {number}" for rule, number in warned.most_common()) or "none"
    drawn = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
    return f"{len(entries)} clean books: {drawn}; their warnings: {listed}."


def _keys(report: Report) -> set[tuple[str, str, str]]:
    return {_key(finding) for finding in report.findings}


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.place, finding.passage
