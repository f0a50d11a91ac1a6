"""Notes, links, form fields and attached files of a PDF.

ISO 32000-2 §12.5 (annotations), §12.7 (forms), §7.11.4 (embedded files).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from ebook_pipeline.books.formats.pdf import objects, pdf_findings
from ebook_pipeline.books.formats.pdf.destinations import Destinations
from ebook_pipeline.books.formats.pdf.facts import Annotations, InteractiveForm
from ebook_pipeline.books.formats.pdf.objects import ObjectId
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.wording import counted, listed

COMMENT_TYPES = frozenset(
    {
        "Text",
        "FreeText",
        "Highlight",
        "Underline",
        "Squiggly",
        "StrikeOut",
        "Stamp",
        "Caret",
        "Ink",
        "Line",
        "Square",
        "Circle",
        "Polygon",
        "PolyLine",
        "Redact",
    }
)
"""Markup annotations (§12.5.6.2): what proofreaders leave."""
_SCRIPT_SCHEMES = ("javascript:", "vbscript:", "data:")
_LOCAL_SCHEMES = ("file:",)
_MOST_FIELDS = 100_000
_MOST_NAMES = 100
"""Attached files that are named."""


@dataclass
class _Seen:
    kinds: Counter[str] = field(default_factory=Counter)
    comments: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    local: list[int] = field(default_factory=list)
    scripts: list[int] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)


def check(pages: Sequence[object], destinations: Destinations) -> tuple[Annotations, list[Finding]]:
    """The annotations of all pages."""
    seen = _Seen()
    for place, page in enumerate(pages, 1):
        for note in objects.array_items(objects.entry(page, "/Annots")):
            _note(note, place, seen, destinations)
    facts = Annotations(
        kinds=tuple(seen.kinds.most_common(40)),
        comments=len(seen.comments),
        links=seen.kinds["Link"],
        broken_links=len(seen.broken),
        attached=tuple(seen.attached),
    )
    return facts, list(_findings(seen))


def check_form(pdf: pikepdf.Pdf) -> tuple[InteractiveForm | None, list[Finding]]:
    """The interactive form of the file, if it has one with a field or XFA."""
    acro = objects.entry(pdf.Root, "/AcroForm")
    if objects.dictionary(acro) is None:
        return None, []
    kinds = Counter(kind for _, kind in _fields(acro))
    facts = InteractiveForm(kinds.total(), kinds["Sig"], objects.entry(acro, "/XFA") is not None)
    return facts, list(_form_findings(facts, pdf))


def signed_fields(acro: object) -> list[Any]:
    """The signature fields of a form that are signed."""
    signed = (node for node, kind in _fields(acro) if kind == "Sig")
    return [node for node in signed if objects.entry(node, "/V") is not None]


def check_attachments(
    pdf: pikepdf.Pdf, notes: Annotations
) -> tuple[tuple[str, ...], list[Finding]]:
    """The names of attached files, of the document and of its notes; they are no part of a book."""
    names = [*attachment_names(pdf), *notes.attached]
    if not names:
        return (), []
    count = counted(len(names), "attached file")
    text = f"The file carries {count}, left out of what is sold: {listed(names)}."
    finding = pdf_findings.warning("pdf.attachment", text, "Take the attachments out.")
    return tuple(names[:_MOST_NAMES]), [finding]


def attachment_names(pdf: pikepdf.Pdf) -> list[str]:
    """The names in the document's tree of embedded files."""
    root = objects.entry(pdf.Root, "/Names", "/EmbeddedFiles")
    pairs = objects.tree_pairs(root, "/Names")
    return [_file_name(spec) or objects.text(named) for named, spec in pairs]


def _note(note: object, place: int, seen: _Seen, destinations: Destinations) -> None:
    kind = objects.name(objects.entry(note, "/Subtype"))
    if not kind:
        return
    seen.kinds[kind] += 1
    if kind in COMMENT_TYPES:
        seen.comments.append(place)
    if kind == "FileAttachment":
        seen.attached.append(_file_name(objects.entry(note, "/FS")))
    address = objects.text(objects.entry(note, "/A", "/URI")).lower()
    if address.startswith(_SCRIPT_SCHEMES):
        seen.scripts.append(place)
    elif address.startswith(_LOCAL_SCHEMES):
        seen.local.append(place)
    elif kind == "Link" and destinations.is_broken(note):
        seen.broken.append(place)


def _file_name(spec: object) -> str:
    if isinstance(spec, pikepdf.String):
        return objects.text(spec)
    names = (objects.text(objects.entry(spec, key)) for key in ("/UF", "/F", "/Desc"))
    return next(filter(None, names), "")


def _fields(acro: object) -> Iterator[tuple[object, str]]:
    """Every terminal field with its type: one whose kids, if any, are its widgets (§12.7.4.1)."""
    seen: set[ObjectId] = set()
    waiting = [(node, "") for node in objects.array_items(objects.entry(acro, "/Fields"))]
    count = 0
    while waiting and count < _MOST_FIELDS:
        node, above = waiting.pop()
        identity = objects.object_id(node)
        if objects.dictionary(node) is None or identity in seen:
            continue
        if identity is not None:
            seen.add(identity)
        count += 1
        kind = objects.name(objects.entry(node, "/FT")) or above
        kids = objects.array_items(objects.entry(node, "/Kids"))
        named = [kid for kid in kids if objects.entry(kid, "/T") is not None]
        waiting += [(kid, kind) for kid in named]
        if not named:
            yield node, kind


def _findings(seen: _Seen) -> Iterator[Finding]:
    if seen.comments:
        text = f"{counted(len(seen.comments), 'comment')} of proofreaders left in the file."
        remedy = "Settle them and save the file without comments."
        yield pdf_findings.warning(
            "pdf.comments", text, remedy, pdf_findings.page_ranges(seen.comments)
        )
    if seen.scripts:
        text = f"{counted(len(seen.scripts), 'link')} that run a script."
        yield pdf_findings.error(
            "pdf.javascript", text, "Remove them.", pdf_findings.page_ranges(seen.scripts)
        )
    if seen.local:
        text = f"{counted(len(seen.local), 'link')} to files of somebody's computer."
        yield pdf_findings.warning(
            "pdf.link-local", text, "Remove them.", pdf_findings.page_ranges(seen.local)
        )
    if seen.broken:
        text = f"{counted(len(seen.broken), 'link')} to pages that the file does not have."
        remedy = "Mend the cross references and export the file again."
        yield pdf_findings.warning(
            "pdf.link-broken", text, remedy, pdf_findings.page_ranges(seen.broken)
        )


def _form_findings(facts: InteractiveForm, pdf: pikepdf.Pdf) -> Iterator[Finding]:
    if facts.xfa and objects.entry(pdf.Root, "/NeedsRendering") is True:
        text = "The pages are drawn by a form program (dynamic XFA): most readers show none."
        remedy = "Print the form into an ordinary PDF and submit that."
        yield pdf_findings.error("pdf.xfa", text, remedy)
    elif facts.xfa:
        text = "The file holds an XFA form, left out of what is sold."
        yield pdf_findings.warning("pdf.xfa", text, "Save it as an ordinary PDF.")
    if facts.signatures:
        text = "The file is signed: what is sold was saved anew and has no valid signature."
        yield pdf_findings.info("pdf.signed", text)
    elif facts.fields:
        text = f"The file is a form with {counted(facts.fields, 'field')} to fill in."
        remedy = "Flatten the form where readers are not meant to fill it in."
        yield pdf_findings.info("pdf.form", text, remedy)
