"""What is broken in a PDF and what qpdf could mend.

qpdf reads the file leniently while it opens it; here every stream is decoded once, into nothing,
as its own check does (https://qpdf.readthedocs.io/en/stable/cli.html#option-check), in bounds.
"""

import functools
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import Damage
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.wording import counted

if TYPE_CHECKING:
    import pikepdf
    from pikepdf import jbig2

MOST_DECODED = 4 << 30
"""Bytes of all streams together, when decoded."""
SECONDS = 20
"""Of processor time for decoding."""
_LARGEST_STREAM = 200 << 20
"""Bytes that one stream may decode to, which qpdf holds; a sheet of A4 at 600 dpi has 139 MB."""
_LARGEST_CONTENT = 64 << 20
"""Bytes of a page's content when it is parsed; 20 MB are 700,000 lines, drawn one by one."""
_MOST_TOLD = 10
"""Faults that have a finding each; the others are counted."""
_HARMLESS = ("input stream is complete but output may still be valid",)
_TOO_LARGE = "memory limit exceeded"
_COMMON = ("a common error handled correctly",)
_NOTES = re.compile(
    r"file is damaged$|ttempting to re|recovered stream length|will be re-processed without filter"
)
_LOST = re.compile(r"error decoding stream|unable to filter stream")
_OBJECT = re.compile(r"\bobject (\d+) \d+")
_PARSED_PAGES = 20
"""Pages, spread over the book, whose content is parsed."""
_AT_ONCE = 1 << 20
"""Bytes between two looks at how much is written."""
_PARSED_SECONDS = 2
"""Of processor time for parsing."""


class DecodeLimitExceeded(Exception):
    """The streams hold more than a book may."""


def limit_qpdf(largest: int = _LARGEST_STREAM) -> None:
    """Bounds for what one stream or one object may ask of qpdf in this process."""
    import pikepdf

    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=largest,
        png_max_memory=largest,
        tiff_max_memory=largest,
        run_length_max_memory=largest,
        dct_max_memory=largest,
    )


def check(path: Path) -> tuple[Damage, list[Finding]]:
    """Everything in the file decoded once; raises pikepdf's errors where it does not open."""
    import pikepdf

    limit_qpdf(_LARGEST_CONTENT)
    sink, stopped = _Sink(objects.TimeBudget(SECONDS)), False
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        broken, problems = _unparsed(pdf)
        limit_qpdf()
        try:
            _decode(pdf, sink)
        except DecodeLimitExceeded:
            stopped = True
        complaints = _complaints([*problems, *pdf.get_warnings()], path)
    lost = [complaint for complaint in complaints if _LOST.search(complaint)]
    faults = [complaint for complaint in complaints if not _is_note(complaint)]
    findings = [*_repaired(faults), *_common(complaints), *_lost(len(lost), broken)]
    if stopped:
        findings.append(_unfinished(sink.written))
    return Damage(len(faults), len(lost), sink.written), findings


class _Sink(io.RawIOBase):
    """Counts what it is given and keeps nothing; raises DecodeLimitExceeded once."""

    def __init__(self, budget: objects.TimeBudget) -> None:
        self.written, self._stopped = 0, False
        self._budget = budget

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        length = memoryview(data).nbytes  # type: ignore[arg-type]  # bytes of any kind
        self.written += length
        if not self._stopped and (self.written > MOST_DECODED or self._budget.spent):
            self._stopped = True
            raise DecodeLimitExceeded
        return length


def _decode(pdf: "pikepdf.Pdf", sink: _Sink) -> None:
    """Written with every stream decoded; pictures stay as they are."""
    import pikepdf
    from pikepdf import jbig2

    jbig2.set_decoder(_no_jbig2_decoder())
    level = pikepdf.StreamDecodeLevel.specialized
    with io.BufferedWriter(sink, _AT_ONCE) as buffered:  # qpdf writes a few bytes at a time
        pdf.save(
            buffered,
            stream_decode_level=level,
            compress_streams=False,
            fix_metadata_version=False,
            static_id=True,
            encryption=False,
        )


@functools.cache
def _no_jbig2_decoder() -> "jbig2.JBIG2DecoderInterface":
    """In place of pikepdf's, which starts a program: here none may be, and scans were refused."""
    from pikepdf.jbig2 import JBIG2DecoderInterface

    class Nothing(JBIG2DecoderInterface):
        def check_available(self) -> None:
            pass

        def decode_jbig2(self, jbig2: bytes, jbig2_globals: bytes) -> bytes:  # noqa: ARG002
            return b""

    return Nothing()


def _unparsed(pdf: "pikepdf.Pdf") -> tuple[list[int], list[str]]:
    """Pages, of a sample, whose content can not be read, and what qpdf warns of.

    Of one that is too large to be parsed nothing is said: whether it can be drawn is tried later.
    """
    pages = list(pdf.pages)
    step = max(1, len(pages) // _PARSED_PAGES)
    budget, broken = objects.TimeBudget(_PARSED_SECONDS), []
    problems = [str(problem) for problem in pdf.get_warnings()]
    for place in range(0, len(pages), step):
        unread = False
        limit_qpdf(_LARGEST_CONTENT // _content_streams(pages[place]))
        try:
            _parse(pages[place], budget)
        except DecodeLimitExceeded:
            break
        except objects.UNREADABLE:
            unread = True
        fresh = [str(problem) for problem in pdf.get_warnings()]
        if unread and not any(_TOO_LARGE in problem for problem in fresh):
            broken.append(place + 1)
        problems += (problem for problem in fresh if _TOO_LARGE not in problem)
    return broken, problems


def _content_streams(page: "pikepdf.Page") -> int:
    """How many the page's content is put together of in memory, at least 1 (§7.8.2)."""
    return len(objects.array_items(objects.entry(page.obj, "/Contents"))) or 1


def _parse(page: "pikepdf.Page", budget: objects.TimeBudget) -> None:
    import pikepdf

    class _Nothing(pikepdf.StreamParser):
        def handle_object(self, *_: object) -> None:
            if budget.spent:
                raise DecodeLimitExceeded

        def handle_eof(self) -> None:
            """The page ends: nothing was kept of it."""

    page.parse_contents(_Nothing())


def _complaints(problems: Iterable[object], path: Path) -> list[str]:
    """Each complaint once, without our file's name; not those that mean nothing."""
    complaints = dict.fromkeys(pdf_findings.without_path(problem, path) for problem in problems)
    return [
        complaint
        for complaint in complaints
        if not any(harmless in complaint for harmless in _HARMLESS)
    ]


def _is_note(complaint: str) -> bool:
    """Whether qpdf tells what it does rather than what is wrong."""
    return bool(_NOTES.search(complaint)) or any(common in complaint for common in _COMMON)


def _repaired(faults: list[str]) -> Iterator[Finding]:
    if not faults:
        return
    text = (
        f"The file is damaged in {counted(len(faults), 'place')}. It was repaired as far as "
        "that goes: the book goes on from the repaired file, yours is kept as you sent it."
    )
    yield pdf_findings.warning("pdf.repaired", text, pdf_findings.RESAVE)
    for fault in faults[:_MOST_TOLD]:
        match = _OBJECT.search(fault)
        yield pdf_findings.info("pdf.syntax", fault, place=f"object {match[1]}" if match else "")
    if len(faults) > _MOST_TOLD:
        yield pdf_findings.info(
            "pdf.syntax", f"There are {len(faults) - _MOST_TOLD} more such faults."
        )


def _common(complaints: list[str]) -> Iterator[Finding]:
    for complaint in complaints:
        if any(common in complaint for common in _COMMON):
            yield pdf_findings.info("pdf.syntax", complaint)


def _lost(streams: int, pages: list[int]) -> Iterator[Finding]:
    if streams or pages:
        count = counted(max(streams, len(pages)), "part")
        text = (
            f"{count} of the file can not be decoded: text or pictures may be missing from the "
            "pages, and no repair brings them back."
        )
        remedy = "Export the file again from its source."
        yield pdf_findings.warning(
            "pdf.content-lost", text, remedy, pdf_findings.page_ranges(pages)
        )


def _unfinished(written: int) -> Finding:
    text = f"The file unpacks to more than {written >> 20} MiB: the rest was not looked at."
    remedy = "Reduce the pictures to what the pages need, or split the book into volumes."
    return pdf_findings.finding("pdf.unpacked-size", Severity.ERROR, text, remedy)
