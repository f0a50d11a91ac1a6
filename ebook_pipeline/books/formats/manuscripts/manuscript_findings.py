"""The findings on manuscripts: one per rule, with its count and a few examples."""

from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.wording import counted

_SHOWN = 3
"""Examples that a finding names."""
_LONGEST = 120
"""Characters of an example."""
_LEFT_OUT = "Left out of the book."
_RULES = {
    "manuscript.external": (
        Severity.WARNING,
        "The manuscript takes {count} from outside of the file: {examples}. " + _LEFT_OUT,
        ("picture or text", "pictures or texts"),
        "Put the pictures and texts into the document itself.",
    ),
    "manuscript.local-link": (
        Severity.WARNING,
        "The manuscript has {count} to files that no reader has: {examples}. "
        "Their text stays, the link goes.",
        ("link", "links"),
        "Link to web addresses or to places in the book.",
    ),
    "manuscript.embedded": (
        Severity.WARNING,
        "The manuscript holds {count}: {examples}. " + _LEFT_OUT,
        ("embedded object", "embedded objects"),
        "Paste what the object shows as a picture or as text.",
    ),
    "manuscript.active": (
        Severity.WARNING,
        "The manuscript holds {count} that would act on its own: {examples}. " + _LEFT_OUT,
        ("part", "parts"),
        "Take scripts, forms and frames out of the manuscript.",
    ),
    "manuscript.tracked-changes": (
        Severity.WARNING,
        "The manuscript has {count} ({examples}). The book is made as if all were accepted.",
        ("tracked change", "tracked changes"),
        "Accept or reject every change, then send the manuscript again.",
    ),
    "manuscript.comments": (
        Severity.WARNING,
        "The manuscript has {count} ({examples}). " + _LEFT_OUT,
        ("comment", "comments"),
        "Delete the comments: whatever they ask for has not been done.",
    ),
    "manuscript.text-box": (
        Severity.WARNING,
        "The manuscript has {count}: {examples}. Their text stands behind the paragraph that the "
        "box was fixed to.",
        ("text box", "text boxes"),
        "Put the text of boxes into the running text.",
    ),
    "manuscript.contents": (
        Severity.INFO,
        "The manuscript has {count} of contents made by the word processor: {examples}. "
        + _LEFT_OUT,
        ("line", "lines"),
        "",
    ),
    "manuscript.boilerplate-part": (
        Severity.INFO,
        "The manuscript has {count} of Project Gutenberg's header and licence, which are none of "
        "the book: {examples}. " + _LEFT_OUT,
        ("part", "parts"),
        "",
    ),
    "manuscript.hidden-text": (
        Severity.WARNING,
        "The manuscript has {count}: {examples}. " + _LEFT_OUT,
        ("hidden passage", "hidden passages"),
        "Delete hidden text, or show it if it belongs to the book.",
    ),
    "manuscript.drawing": (
        Severity.WARNING,
        "The manuscript has {count} made of the program's own shapes: {examples}. " + _LEFT_OUT,
        ("drawing", "drawings"),
        "Paste drawings and charts as pictures (PNG).",
    ),
}
Example = tuple[str, str]


class FindingCollector:
    """Gathers what a cleaner takes out, by rule, and other findings."""

    def __init__(self) -> None:
        self._seen: dict[str, list[Example]] = {}
        self._said: list[Finding] = []

    def add(self, rule: str, example: str, place: str = "") -> None:
        """One thing of `rule`, named by `example`, in the part `place` of the file."""
        self._seen.setdefault(rule, []).append((one_line(example), place))

    def report(self, finding: Finding) -> None:
        """A finding of its own."""
        self._said.append(finding)

    def take(self, others: "FindingCollector") -> None:
        """All that `others` has gathered."""
        self._said += others._said
        for rule, seen in others._seen.items():
            self._seen.setdefault(rule, []).extend(seen)

    def count(self, rule: str) -> int:
        """How many things of `rule` were seen."""
        return len(self._seen.get(rule, ()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those that were reported, then one for each rule of which something was added."""
        return (*self._said, *(_finding(rule, seen) for rule, seen in self._seen.items()))


def _finding(rule: str, seen: list[Example]) -> Finding:
    severity, message, (singular, plural), remedy = _RULES[rule]
    names = list(dict.fromkeys(example for example, _ in seen))
    examples = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
    count = counted(len(seen), singular, plural)
    return Finding(
        rule=rule,
        severity=severity,
        message=message.format(count=count, examples=examples),
        place=seen[0][1],
        remedy=remedy,
    )


def one_line(text: str) -> str:
    """`text` on one line, printable, at most 120 characters."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"


def info(rule: str, message: str, remedy: str = "") -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message, remedy=remedy)


def warning(rule: str, message: str, remedy: str, place: str = "") -> Finding:
    return Finding(
        rule=rule, severity=Severity.WARNING, message=message, place=place, remedy=remedy
    )


def macros(place: str) -> Finding:
    """Macros are the one thing that is refused: their author has to know of them."""
    return Finding(
        rule="manuscript.macros",
        severity=Severity.ERROR,
        message="The document carries macros, whatever its name says.",
        place=place,
        remedy="Save the document without macros (in Word: as .docx, not .docm).",
    )


def locked() -> Finding:
    return Finding(
        rule="protection.password",
        severity=Severity.FATAL,
        message="The document opens only with a password.",
        remedy="Save it without a password.",
    )


def too_deep(place: str = "") -> BookError:
    return BookError(
        "manuscript.nesting",
        "The document's parts lie deeper in each other than any book's do.",
        place=place,
        remedy="Open the manuscript in a word processor and save it again.",
    )


def too_large() -> BookError:
    return BookError(
        "manuscript.size",
        "The text is larger than 64 MiB.",
        remedy="Take pictures and data out of the text, or split the book.",
    )


def no_headings(recovered: int) -> Finding:
    """No paragraph has a heading's style; `recovered` were found by their look."""
    if recovered:
        what = f"{recovered} were found by how they look" if recovered > 1 else "1 was found"
        message = f"No heading has a heading style; {what}."
    else:
        message = "No headings were found: the book will have no chapters."
    remedy = "Give every chapter's title the style “Heading 1”."
    return info("manuscript.no-headings", message, remedy)
