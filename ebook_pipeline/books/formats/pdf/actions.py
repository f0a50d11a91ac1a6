"""What acts in a PDF: scripts, programs to start, forms that are sent, media that play.

ISO 32000-2 §12.6 (actions), §13 (multimedia). Every object of the file is looked at, those that
nothing refers to as well: an older version of the file is one edit away.
"""

import re
from collections import Counter
from collections.abc import Iterator

import pikepdf

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.facts import Actions
from ebook_pipeline.foundation.findings import Finding, Severity

MOST_OBJECTS = 2_000_000
"""Objects of one file that are searched."""
SECONDS = 15
"""Of processor time for the search."""
ACTIVE = frozenset(
    {
        "JavaScript",
        "Launch",
        "GoToR",
        "GoToE",
        "SubmitForm",
        "ImportData",
        "Rendition",
        "Movie",
        "Sound",
        "RichMediaExecute",
        "GoTo3DView",
    }
)
"""Action types that reach out of the book or run something (§12.6.4)."""
MEDIA = frozenset({"RichMedia", "3D", "Movie", "Sound", "Screen"})
"""Annotations that play something (§12.5.6)."""
_DEEPEST = 500
"""Dictionaries and arrays within each other."""
_CANDIDATE = re.compile(
    rb"/(?:JavaScript|JS|" + "|".join(sorted(ACTIVE | MEDIA)).encode() + rb")(?![A-Za-z0-9])"
)
_HOLDER = re.compile(rb"/(?:AA?|OpenAction|PA|Next)(?![A-Za-z0-9])")
_NO_SCRIPT = "Save the file without scripts (in Acrobat: Optimize PDF, Discard Objects)."
_LEFT_OUT = "Take them out, or let us: they are not part of what is sold."
_RULES = {
    "pdf.javascript": (Severity.ERROR, "The file carries scripts: {}.", _NO_SCRIPT),
    "pdf.launch": (Severity.ERROR, "The file starts programs: {} actions.", _NO_SCRIPT),
    "pdf.rich-media": (Severity.WARNING, "The file carries multimedia: {} objects.", _LEFT_OUT),
    "pdf.outside-action": (Severity.WARNING, "{} actions reach out of the file.", _LEFT_OUT),
    "pdf.objects": (Severity.ERROR, "The file has more than {} objects.", pdf_findings.RESAVE),
    "pdf.objects-unread": (
        Severity.ERROR,
        "The file has too many objects to look for scripts in all of them; {} were looked at.",
        pdf_findings.RESAVE,
    ),
}


def check(pdf: pikepdf.Pdf) -> tuple[Actions, list[Finding]]:
    """The actions of all objects."""
    counts = count_by_rule(pdf)
    facts = Actions(
        scripts=counts["pdf.javascript"],
        launches=counts["pdf.launch"],
        outside=counts["pdf.outside-action"],
        media=counts["pdf.rich-media"],
        opens="/OpenAction" in pdf.Root,
    )
    return facts, list(_findings(counts))


def count_by_rule(pdf: pikepdf.Pdf) -> Counter[str]:
    """How often each rule is broken."""
    counts: Counter[str] = Counter()
    budget = objects.TimeBudget(SECONDS)
    for seen, thing in enumerate(pdf.objects):
        if seen > MOST_OBJECTS:
            counts["pdf.objects"] = seen
        elif seen % 256 == 0 and budget.spent:
            counts["pdf.objects-unread"] = seen
        else:
            counts.update(rules_broken(thing))
            continue
        break
    return counts


def rules_broken(thing: object) -> Iterator[str]:
    """The rules that an object breaks, with all that is written in place in it."""
    yield from filter(None, map(_rule, _within(thing, _CANDIDATE)))


def action_holders(thing: object) -> Iterator[pikepdf.Object]:
    """The dictionaries of an object that may hold an action."""
    return _within(thing, _HOLDER)


def _within(thing: object, wanted: re.Pattern[bytes]) -> Iterator[pikepdf.Object]:
    """The dictionaries of an object that names what is wanted: most objects do not."""
    whole = thing.stream_dict if isinstance(thing, pikepdf.Stream) else thing
    if not isinstance(whole, pikepdf.Dictionary | pikepdf.Array):
        return
    if wanted.search(whole.unparse(resolved=True)):
        yield from inline_dictionaries(whole)


def inline_dictionaries(thing: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries written in place in an object; indirect ones come by themselves."""
    waiting: list[tuple[object, int]] = [(thing, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST or (depth and objects.object_id(value) is not None):
            continue
        inner: list[object] = []
        if isinstance(value, pikepdf.Dictionary):
            yield value
            inner = [entry for _, entry in objects.dictionary_items(value)]
        elif isinstance(value, pikepdf.Array):
            inner = objects.array_items(value)
        compound = (
            value for value in inner if isinstance(value, pikepdf.Dictionary | pikepdf.Array)
        )
        waiting += [(value, depth + 1) for value in compound]


def _rule(action: pikepdf.Object) -> str | None:
    kind = objects.name(action.get("/S"))
    if kind == "JavaScript" or "/JS" in action:
        return "pdf.javascript"
    if kind == "Launch":
        return "pdf.launch"
    if objects.name(action.get("/Subtype")) in MEDIA:
        return "pdf.rich-media"
    return "pdf.outside-action" if kind in ACTIVE else None


def _findings(counts: Counter[str]) -> Iterator[Finding]:
    for rule, total in sorted(counts.items()):
        severity, text, remedy = _RULES[rule]
        yield pdf_findings.finding(rule, severity, text.format(f"{total:,}"), remedy)
