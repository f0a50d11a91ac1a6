"""PDF manuscripts: damage, locks, active content, and whether there is text to read.

ISO 32000-2, https://pdfa.org/resource/iso-32000-2/; damage as qpdf's check judges it. This parses
strangers' files in native code: call it in the sandbox.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ebook_pipeline.books.findings import Finding, Severity

if TYPE_CHECKING:
    import pikepdf

MOST_PAGES = 20_000
_MOST_OBJECTS = 2_000_000
_SAMPLED_PAGES = 40
_MOST_WARNINGS = 10
_RESAVE = "Open the file in a PDF editor and save it anew, or export it again."
_UNLOCK = "Submit the file without a password: we protect it ourselves when it is released."
_NO_SCRIPT = "Save the file without scripts (in Acrobat: Optimize PDF, Discard Objects)."
_OUTSIDE = {"/GoToR", "/GoToE", "/SubmitForm", "/ImportData", "/Rendition", "/Movie", "/Sound"}


@dataclass(frozen=True)
class PdfFacts:
    """What was measured; `has_text` is judged by a sample of the pages."""

    version: str = ""
    pages: int = 0
    encrypted: bool = False
    needs_password: bool = False
    javascript: bool = False
    attachments: int = 0
    form: bool = False
    tagged: bool = False
    has_text: bool = False


def inspect(path: Path) -> tuple[tuple[Finding, ...], PdfFacts]:
    """What is wrong with the PDF at `path`, and its facts; never raises for a bad file."""
    import pikepdf

    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            return _inspect(path, pdf)
    except pikepdf.PasswordError:
        finding = _finding(
            "pdf.encrypted", Severity.FATAL, "The file opens only with a password.", _UNLOCK
        )
        return (finding,), PdfFacts(encrypted=True, needs_password=True)
    except (pikepdf.PdfError, RecursionError, ValueError, KeyError, TypeError) as error:
        return (_damaged(error, path),), PdfFacts()


def _inspect(path: Path, pdf: "pikepdf.Pdf") -> tuple[tuple[Finding, ...], PdfFacts]:
    pages = len(pdf.pages)
    active = _active_content(pdf)
    facts = PdfFacts(
        version=str(pdf.pdf_version),
        pages=pages,
        encrypted=pdf.is_encrypted,
        javascript="pdf.javascript" in active,
        attachments=len(pdf.attachments),
        form="/AcroForm" in pdf.Root,
        tagged=_is_tagged(pdf),
        has_text=_has_text(path, pages),
    )
    findings = [*_syntax(pdf, path), *_locks(pdf), *_actions(active), *_contents(facts)]
    return tuple(findings), facts


def _syntax(pdf: "pikepdf.Pdf", path: Path) -> Iterator[Finding]:
    """qpdf's complaints: repairable, or the file would not have opened."""
    problems = [*pdf.check_pdf_syntax(), *(str(one) for one in pdf.get_warnings())]
    told = list(dict.fromkeys(_anonymous(problem, path) for problem in problems))
    for problem in told[:_MOST_WARNINGS]:
        yield _finding("pdf.repaired", Severity.WARNING, problem, _RESAVE)
    if len(told) > _MOST_WARNINGS:
        text = f"There are {len(told) - _MOST_WARNINGS} more faults of this kind."
        yield _finding("pdf.repaired", Severity.WARNING, text, _RESAVE)


def _locks(pdf: "pikepdf.Pdf") -> Iterator[Finding]:
    if pdf.is_encrypted:
        text = "The file is encrypted with an empty password and restricts what readers may do."
        yield _finding("pdf.restricted", Severity.WARNING, text, _UNLOCK)


def _active_content(pdf: "pikepdf.Pdf") -> dict[str, int]:
    """How often each kind of action occurs, by rule."""
    import pikepdf

    found: dict[str, int] = {}
    for count, thing in enumerate(pdf.objects):
        if count > _MOST_OBJECTS:
            found["pdf.objects"] = count
            break
        for inner in _dictionaries(thing, pikepdf.Dictionary, pikepdf.Array, 0):
            rule = _rule_of(inner)
            if rule:
                found[rule] = found.get(rule, 0) + 1
    return found


def _dictionaries(
    thing: "pikepdf.Object", dictionary: type, array: type, depth: int
) -> Iterator["pikepdf.Object"]:
    """The direct dictionaries in an object; indirect ones come by themselves."""
    if depth > 8 or (depth and thing.is_indirect):
        return
    if isinstance(thing, dictionary):
        yield thing
        inner = [value for _, value in thing.items()]
    elif isinstance(thing, array):
        inner = list(thing)
    else:
        return
    for value in inner:
        if isinstance(value, dictionary | array):
            yield from _dictionaries(value, dictionary, array, depth + 1)


def _rule_of(action: "pikepdf.Object") -> str | None:
    kind = str(action.get("/S", ""))
    if kind == "/JavaScript" or "/JS" in action:
        return "pdf.javascript"
    if kind == "/Launch":
        return "pdf.launch"
    if str(action.get("/Subtype", "")) == "/RichMedia":
        return "pdf.rich-media"
    return "pdf.outside-action" if kind in _OUTSIDE else None


def _actions(active: dict[str, int]) -> Iterator[Finding]:
    texts = {
        "pdf.javascript": (Severity.ERROR, "The file carries {} scripts.", _NO_SCRIPT),
        "pdf.launch": (Severity.ERROR, "The file starts programs in {} places.", _NO_SCRIPT),
        "pdf.rich-media": (Severity.WARNING, "The file carries {} rich media objects.", ""),
        "pdf.outside-action": (Severity.WARNING, "{} actions reach out of the file.", ""),
        "pdf.objects": (Severity.ERROR, "The file has more than {} objects.", _RESAVE),
    }
    for rule, count in sorted(active.items()):
        severity, text, remedy = texts[rule]
        yield _finding(rule, severity, text.format(count), remedy)


def _contents(facts: PdfFacts) -> Iterator[Finding]:
    if facts.pages == 0:
        yield _finding("pdf.no-pages", Severity.ERROR, "The file has no pages.", _RESAVE)
    if facts.pages > MOST_PAGES:
        text = f"The file has {facts.pages} pages; {MOST_PAGES} are allowed."
        yield _finding("pdf.pages", Severity.ERROR, text, "Split the book into volumes.")
    if facts.attachments:
        text = f"The file carries {facts.attachments} attached files; they are left out."
        yield _finding("pdf.attachment", Severity.WARNING, text, "Take the attachments out.")
    if facts.pages and not facts.has_text:
        text = "The pages are pictures without text: nothing can be searched or read aloud."
        remedy = "Run text recognition (OCR), or submit the manuscript that was scanned."
        yield _finding("pdf.no-text", Severity.WARNING, text, remedy)


def _is_tagged(pdf: "pikepdf.Pdf") -> bool:
    marks = pdf.Root.get("/MarkInfo")
    return marks is not None and bool(marks.get("/Marked", False))


def _has_text(path: Path, pages: int) -> bool:
    """Whether any of up to 40 pages, spread over the book, has a letter that can be extracted."""
    import pypdfium2

    step = max(1, pages // _SAMPLED_PAGES)
    try:
        with pypdfium2.PdfDocument(path) as document:
            chosen = range(0, min(pages, len(document)), step)
            return any(_page_has_text(document, number) for number in chosen)
    except pypdfium2.PdfiumError:
        return False


def _page_has_text(document: object, number: int) -> bool:
    page = document[number]  # type: ignore[index]
    text_page = page.get_textpage()
    found = any(letter.isalnum() for letter in text_page.get_text_bounded())
    text_page.close()
    page.close()
    return found


def _damaged(error: Exception, path: Path) -> Finding:
    text = f"The file is damaged beyond repair: {_anonymous(str(error), path)}"
    return _finding("pdf.damaged", Severity.FATAL, text, _RESAVE)


def _anonymous(text: str, path: Path) -> str:
    """qpdf's message without the name of our own file."""
    for own in ("WARNING: ", f"{path}: ", f"{path}, ", f"{path} ", str(path)):
        text = text.replace(own, "")
    return text[:500]


def _finding(rule: str, severity: Severity, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, remedy=remedy)
