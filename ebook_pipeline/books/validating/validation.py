"""A manuscript against its standard: every format's checks, one report.

A bad book never raises here: what went wrong is a finding. Parsing of strangers' bytes happens in
the sandbox, and EPUBCheck runs only on containers that ours found safe to open. What one format
needs is imported when such a file comes: all formats together take .4 s.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from ebook_pipeline.books.formats import foreign_files, media_types
from ebook_pipeline.books.records import (
    MANUSCRIPT_FORMATS,
    BookFormat,
    Conformance,
    ValidationReport,
)
from ebook_pipeline.foundation.errors import BookError, LimitExceeded
from ebook_pipeline.foundation.findings import Finding, Severity, blocks
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.epubcheck.profiles import NAMES, PROFILES, profile_named
from ebook_pipeline.tools.sandbox import Limits

ACCEPTED_FORMATS = (
    frozenset({BookFormat.EPUB, BookFormat.PDF, BookFormat.MOBI}) | MANUSCRIPT_FORMATS
)
LIMITS = Limits(seconds=120, megabytes=1500)
"""Of each check of one book."""
ACCESSIBILITY_LIMITS = Limits(seconds=30, megabytes=1500)
OWN_CHECKER = "ebook-pipeline 1"
"""What a report names as its checker where no other program looked at the file."""
_UNSUPPORTED = "Submit the book as EPUB, PDF, Kindle book (MOBI, AZW3) or manuscript (DOCX, ODT …)."
_NOT_TO_ENTER = frozenset(
    {
        "container.bomb",
        "container.compression",
        "container.entries",
        "container.entry-size",
        "container.overlap",
        "container.path-escape",
        "container.size",
        "container.special",
        "container.symlink",
        "container.total-size",
        "container.zip64",
        "format.unknown",
        "format.unsupported",
        "format.word-97",
        "image.pixels",
        "manuscript.nesting",
        "manuscript.size",
        "media-type.empty",
        "mobi.bomb",
        "mobi.index-size",
        "mobi.kfx",
        "mobi.print-replica",
        "mobi.size",
        "mobi.text-size",
        "mobi.topaz",
        "pdf.encrypted",
        "pdf.objects",
        "pdf.pages",
        "pdf.unpacked-size",
        "pdf.unsafe",
        "sandbox.memory",
        "sandbox.output",
        "sandbox.time",
        "submission.too-large",
        "svg.circular-use",
        "svg.uses",
        "xml.attributes",
        "xml.entity",
        "xml.nesting",
        "xml.size",
    }
)
_UNCHECKED = frozenset({"epubcheck.time", "epubcheck.memory"})
_LOCKS = "protection."


class FileVerdict(StrEnum):
    """What a linter says of one file; ``refused`` is what must not enter, whoever mends it.

    ``unchecked`` has no fault that was found, but could not be checked to its end.
    """

    VALID = "valid"
    UNCHECKED = "unchecked"
    INVALID = "invalid"
    REFUSED = "refused"


def verdict(report: ValidationReport) -> FileVerdict:
    """``refused`` for locks, bombs, unsafe containers and foreign files, else by severity."""
    grave = [finding for finding in report.findings if finding.severity >= Severity.ERROR]
    if any(finding.rule in _NOT_TO_ENTER or finding.rule.startswith(_LOCKS) for finding in grave):
        return FileVerdict.REFUSED
    if blocks(report.findings):
        return FileVerdict.INVALID
    unchecked = any(finding.rule in _UNCHECKED for finding in report.findings)
    return FileVerdict.UNCHECKED if unchecked else FileVerdict.VALID


class EpubChecker(Protocol):
    """What validation needs of EPUBCheck."""

    @property
    def version(self) -> str: ...

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]: ...


class Unchecked:
    """Stands where EPUBCheck is not asked."""

    version = "unchecked"

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:  # noqa: ARG002
        return ()


@dataclass
class _Facts:
    """What the checks of one file gather."""

    findings: list[Finding] = field(default_factory=list)
    checker: str = OWN_CHECKER
    format_version: str = ""
    pages: int | None = None
    entries: int | None = None
    uncompressed_bytes: int | None = None
    shown: dict[str, bool | int | float | str] = field(default_factory=dict)
    accessibility: Conformance | None = None


def validate(
    path: Path,
    source: str,
    profile: str,
    epubcheck: EpubChecker,
    accepted: frozenset[BookFormat] = ACCEPTED_FORMATS,
    *,
    format_: BookFormat = BookFormat.UNKNOWN,
) -> ValidationReport:
    """The report on the file at `path` that was submitted as `source` (its name or URI).

    `profile` is EPUBCheck's; `accepted` are the formats that can be made into a book, others are
    recognised, checked, and refused (``format.unsupported``). `format_` is what `sniff` made of the
    file; where that is unknown it is asked here, for it may say why. Raises ServiceError only.
    """
    facts = _Facts()
    try:
        if format_ is BookFormat.UNKNOWN:
            format_ = sandbox.call(media_types.sniff, path, limits=LIMITS)
        _check(path, format_, profile, epubcheck, facts)
    except BookError as error:
        facts.findings.append(error.finding)
    facts.findings[:0] = _format_findings(path, source, format_, accepted, facts)
    return _report(format_, facts)


def too_large_report(format_: BookFormat, length: int, most: int) -> ValidationReport:
    """The report on a file of `length` bytes where `most` are taken: no parser sees it."""
    finding = Finding(
        rule="submission.too-large",
        severity=Severity.FATAL,
        message=f"The file has {length:,} bytes.",
        remedy=f"Send at most {most:,} bytes: smaller pictures help most.",
    )
    return ValidationReport(format=format_, checker=OWN_CHECKER, findings=(finding,))


def _report(format_: BookFormat, facts: _Facts) -> ValidationReport:
    return ValidationReport(
        format=format_,
        format_version=facts.format_version,
        checker=facts.checker,
        findings=tuple(facts.findings),
        pages=facts.pages,
        entries=facts.entries,
        uncompressed_bytes=facts.uncompressed_bytes,
        facts=facts.shown,
        accessibility=facts.accessibility,
    )


def _check(
    path: Path, format_: BookFormat, profile: str, epubcheck: EpubChecker, facts: _Facts
) -> None:
    if format_ is BookFormat.EPUB:
        _check_epub(path, profile, epubcheck, facts)
    elif format_ is BookFormat.PDF:
        _check_pdf(path, facts)
    elif format_ is BookFormat.MOBI:
        _check_mobi(path, facts)
    elif format_ in MANUSCRIPT_FORMATS:
        _check_manuscript(path, format_, facts)
    else:
        _check_compound_file(path, facts)


def _check_compound_file(path: Path, facts: _Facts) -> None:
    from ebook_pipeline.books.formats import manuscripts

    locked = sandbox.call(manuscripts.compound_file_finding, path, limits=LIMITS)
    facts.findings += [locked] if locked else []


def _check_mobi(path: Path, facts: _Facts) -> None:
    from ebook_pipeline.books.formats import kindle

    findings, facts_read = sandbox.call(kindle.inspect, path, limits=LIMITS)
    facts.findings += findings
    facts.format_version = str(facts_read.version)
    facts.entries, facts.uncompressed_bytes = facts_read.records, facts_read.text_length
    facts.shown = facts_read.as_facts()


def _check_manuscript(path: Path, format_: BookFormat, facts: _Facts) -> None:
    from ebook_pipeline.books.formats import manuscripts

    read = sandbox.call(manuscripts.inspect, path, format_, limits=LIMITS)
    facts.findings += read.findings
    if read.container is not None:
        facts.entries = read.container.entries
        facts.uncompressed_bytes = read.container.uncompressed_bytes


def _check_epub(path: Path, profile: str, epubcheck: EpubChecker, facts: _Facts) -> None:
    from ebook_pipeline.books.formats.epub import ocf

    facts.checker = epubcheck.version
    container = sandbox.call(ocf.inspect, path, limits=LIMITS)
    facts.findings += container.findings
    facts.entries, facts.uncompressed_bytes = container.entries, container.uncompressed_bytes
    if not container.may_be_opened:
        return
    known = profile_named(profile)
    if known is None:
        facts.findings.append(_unknown_profile(profile))
    facts.findings += _tried(_within_limits, epubcheck, path, known or PROFILES[0])
    facts.findings += _tried(_image_findings, path)
    facts.format_version = _checked_package(path, facts)
    if facts.format_version:
        _check_accessibility(path, facts)


def _check_accessibility(path: Path, facts: _Facts) -> None:
    """What readers with a disability meet; a check that gives up rejects nothing."""
    from ebook_pipeline.books.validating.accessibility import checking as accessibility

    try:
        checked = sandbox.call(accessibility.check, path, limits=ACCESSIBILITY_LIMITS)
    except BookError as error:
        facts.findings.append(accessibility.unchecked(error.finding))
    else:
        facts.findings += checked.findings
        facts.accessibility = checked.conformance


def _tried(check: Callable[..., tuple[Finding, ...]], *arguments: Any) -> tuple[Finding, ...]:
    """The findings of `check`, or why it gave up: the other checks go on."""
    try:
        return check(*arguments)
    except BookError as error:
        return (error.finding,)


def _within_limits(epubcheck: EpubChecker, path: Path, profile: str) -> tuple[Finding, ...]:
    """EPUBCheck's findings; that it came to no end within our limits is no fault of the book."""
    try:
        return epubcheck.check(path, profile)
    except LimitExceeded as error:
        message = f"{error.finding.message} The book is not checked to its end."
        change = {"severity": Severity.WARNING, "message": message}
        return (error.finding.model_copy(update=change),)


def _image_findings(path: Path) -> tuple[Finding, ...]:
    from ebook_pipeline.books.formats.epub import image_sizes

    return sandbox.call(image_sizes.oversized_images, path, limits=LIMITS)


def _checked_package(path: Path, facts: _Facts) -> str:
    """The package document's version; where it can't be read, that is a finding if none was."""
    from ebook_pipeline.books.formats.epub import package

    try:
        read = sandbox.call(package.read_package, path, limits=LIMITS)
    except BookError as error:
        if not any(finding.severity >= Severity.ERROR for finding in facts.findings):
            facts.findings.append(error.finding)
        return ""
    facts.findings += read.findings
    return read.version


def _check_pdf(path: Path, facts: _Facts) -> None:
    from ebook_pipeline.books.formats import pdf
    from ebook_pipeline.books.formats.pdf.conformance import conformance

    try:
        findings, read = pdf.inspect(path)
    except BookError:  # else whoever read it says which program it was: to import that takes .1 s
        from ebook_pipeline.books.formats.pdf import inspection

        facts.checker = inspection.reader()
        raise
    facts.checker = read.reader
    facts.findings += findings
    facts.format_version, facts.pages = read.version, read.pages or None
    facts.shown |= read.shown()
    if read.pages:
        facts.accessibility = conformance(read)


def _format_findings(
    path: Path, source: str, format_: BookFormat, accepted: frozenset[BookFormat], facts: _Facts
) -> Iterator[Finding]:
    misnamed = media_types.extension_finding(source, format_)
    if misnamed is not None:
        yield misnamed
    if format_ is BookFormat.UNKNOWN and not facts.findings:
        yield foreign_files.unknown_format(path)
    elif format_ is not BookFormat.UNKNOWN and format_ not in accepted:
        text = f"Books can not be made from {format_.value.upper()} files yet."
        yield _format_finding("format.unsupported", Severity.ERROR, text)


def _format_finding(rule: str, severity: Severity, message: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, remedy=_UNSUPPORTED)


def _unknown_profile(profile: str) -> Finding:
    return Finding(
        rule="profile.unknown",
        severity=Severity.WARNING,
        message=f"There is no profile {profile[:100]!r}: the default one was used.",
        remedy=f"Name one of {', '.join(NAMES)}.",
    )
