"""What printers ask of the file as a whole, whatever its pages show."""

from collections.abc import Iterator

from ebook_pipeline.books.formats.pdf.pdf_findings import RESAVE
from ebook_pipeline.books.printing.preflight.facts import NO_PDF, FileFacts
from ebook_pipeline.books.printing.preflight.finding_list import (
    print_error,
    print_info,
    print_warning,
    spots_on,
)
from ebook_pipeline.books.printing.preflight.job import Mark, PrintFinding, PrintJob
from ebook_pipeline.foundation.wording import counted, listed

_EXPORT = "Export the PDF again with the print preset of the layout program"
_EMBED = "Embed all fonts when exporting (most programs: the preset PDF/X)."
_PLAIN = "Print to a plain PDF, without interactive elements."


def unopened(facts: FileFacts) -> PrintFinding | None:
    """Why nothing can be said of the file; None where it opened."""
    if facts.needs_password:
        text = "The file opens only with a password: no printer can print it."
        return print_error("encrypted", text, "Save it without a password.")
    if facts.unreadable == NO_PDF:
        text = "The file is no PDF, and printers take nothing else."
        return print_error("unreadable", text, "Send the PDF that is to be printed.")
    if facts.unreadable:
        text = f"The file can not be read: {facts.unreadable}"
        return print_error("unreadable", text, RESAVE)
    if not facts.page_count:
        return print_error("no-pages", "The file has no pages.", RESAVE)
    return None


def check(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    """The file's size, locks, fonts and what else it carries."""
    yield from _whole(facts, job)
    yield from _carried(facts)
    yield from _fonts(facts)
    yield from _annotations(facts)
    yield from _conformance(facts, job)


def _whole(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    most, megabytes = job.rules.largest_megabytes, facts.bytes / 1e6
    if megabytes > most:
        text = f"The file has {megabytes:.0f} MB; {job.rules.title} takes {most}."
        yield print_error("file-size", text, "Save the pictures with 300 dpi, as JPEG.")
    if facts.encrypted:
        text = "The file is encrypted, though without a password to open it."
        yield print_error("encrypted", text, "Save it without restrictions.")
    if facts.damaged:
        text = f"The file is damaged in {counted(facts.damaged, 'place')}; it was mended first."
        yield print_warning("damaged", text, RESAVE)


def _carried(facts: FileFacts) -> Iterator[PrintFinding]:
    if facts.bookmarks:
        text = f"The file has {counted(facts.bookmarks, 'bookmark')}."
        yield print_warning("bookmarks", text, f"{_EXPORT}, without bookmarks.")
    if facts.fields:
        text = f"The file has a form of {counted(facts.fields, 'field')}."
        yield print_error("form", text, _PLAIN)
    if facts.attachments:
        text = f"The file has {counted(facts.attachments, 'attached file')}."
        yield print_warning("attachments", text, _PLAIN)
    if facts.layers:
        text = f"The file has {counted(facts.layers, 'layer')}: a press may print the wrong ones."
        yield print_warning("layers", text, "Flatten the layers before exporting.")
    if facts.actions:
        text = f"The file does something by itself: {counted(facts.actions, 'action')}."
        yield print_error("active-content", text, _PLAIN)


def _fonts(facts: FileFacts) -> Iterator[PrintFinding]:
    if facts.unembedded:
        names = listed(sorted({name for name, _ in facts.unembedded}))
        text = f"Fonts are not embedded, others would be printed in their place: {names}."
        marks = [Mark(page=page) for page in sorted({page for _, page in facts.unembedded})]
        yield print_error("font-not-embedded", text, _EMBED, marks)


def _annotations(facts: FileFacts) -> Iterator[PrintFinding]:
    links: list[Mark] = []
    notes: list[Mark] = []
    for page in facts.pages:
        for spot in page.annotations:
            (links if spot.words == "Link" else notes).extend(spots_on(page.number, [spot]))
    if notes:
        text = f"The pages carry {counted(len(notes), 'annotation')}, which print or get lost."
        yield print_error("annotations", text, "Remove comments, notes and fields.", notes)
    if links:
        text = f"The pages carry {counted(len(links), 'link')}."
        yield print_warning("links", text, f"{_EXPORT}, without hyperlinks.", links)


def _conformance(facts: FileFacts, job: PrintJob) -> Iterator[PrintFinding]:
    wanted = job.rules.conformance
    if wanted and not facts.pdfx.startswith(wanted.partition(":")[0]):
        said = f"It says {facts.pdfx}" if facts.pdfx else "It claims no such standard"
        text = f"{job.rules.title} prefers {wanted}. {said}; other PDFs are taken and converted."
        yield print_info("pdfx", text, f"{_EXPORT} {wanted}, where it has it.")
