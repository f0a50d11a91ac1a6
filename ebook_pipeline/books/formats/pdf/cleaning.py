"""Everything in a PDF that acts, plays, or was meant for others, taken out in place.

ISO 32000-2 §12.6 (actions), §13 (multimedia), §7.11.4 (embedded files). The whole file is gone
through, as `actions` does: what that finds, this takes out.
"""

from collections import Counter
from typing import Any

import pikepdf
from pikepdf.sanitize import Sanitizer

from ebook_pipeline.books.formats.pdf import actions, annotations, objects

_ATTACHED = "attached files"
_ICONS_SAID = "notes that hold files or sounds"
_SIGNED = "signatures"
_XFA = "an XFA form"
HARMLESS = frozenset({_ATTACHED, _ICONS_SAID, _SIGNED, _XFA})
"""What nobody misses who reads the book."""
_FOREIGN = "links of unknown kinds"
_EVENTS = "actions that run by themselves"
_OPENING = "an action on opening"
_ICONS = frozenset({"FileAttachment", "Sound"})
_SLOTS = ("/A", "/OpenAction", "/PA")
_KINDS = {
    "JavaScript": "scripts",
    "Launch": "programs to start",
    "SubmitForm": "forms that are sent",
    "ImportData": "imported data",
    "GoToR": "links to other files",
    "GoToE": "links to attached files",
}
_SCHEMES = ("http:", "https:", "mailto:", "ftp:", "tel:", "doi:", "urn:")


def clean(pdf: pikepdf.Pdf) -> Counter[str]:
    """Take it all out of an open file; how much was taken out, by a name that people know."""
    return _Cleaning(pdf).clean()


class _Cleaning:
    """One open file; what is taken out is counted by a name that people know."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._taken: Counter[str] = Counter()

    def clean(self) -> Counter[str]:
        self._opening()
        for thing in self._pdf.objects:
            self._object(thing)
        self._attachments()
        self._sanitize()
        self._form()
        return self._taken

    def _opening(self) -> None:
        """What happens on opening, but for the place where the book opens."""
        root = self._pdf.Root
        if "/OpenAction" in root and not _is_view(root["/OpenAction"]):
            self._taken[_OPENING] += 1
            del root["/OpenAction"]
        base = objects.text(objects.entry(objects.entry(root, "/URI"), "/Base"))
        if base and not base.strip().lower().startswith(_SCHEMES):
            self._taken[_FOREIGN] += 1
            del root["/URI"]
        for key in ("/NeedsRendering", "/Perms", "/Requirements"):
            if key in root:
                del root[key]

    def _object(self, thing: object) -> None:
        for holder in actions.action_holders(thing):
            self._events(holder)
            for slot in _SLOTS:
                if slot in holder and self._acts(holder[slot]):
                    del holder[slot]
            if "/Next" in holder:
                self._chain(holder)

    def _events(self, holder: Any) -> None:
        """The additional actions of a page, a note, a field or the book (§12.6.3)."""
        events = objects.entry(holder, "/AA")
        if any(
            objects.name(objects.entry(event, "/S"))
            for _, event in objects.dictionary_items(events)
        ):
            self._taken[_EVENTS] += 1
            del holder["/AA"]

    def _chain(self, action: Any) -> None:
        """The actions that follow on one; bookmarks are chained by the same key and stay."""
        following = action["/Next"]
        if isinstance(following, pikepdf.Array):
            kept = [step for step in following if not self._acts(step)]
            if len(kept) < len(following):
                action["/Next"] = pikepdf.Array(kept)
        elif self._acts(following):
            del action["/Next"]

    def _acts(self, action: object) -> bool:
        """Whether an action has to go; it is counted then."""
        kind = objects.name(objects.entry(action, "/S"))
        address = objects.text(objects.entry(action, "/URI")).strip().lower()
        foreign = kind == "URI" and _is_foreign(address)
        if kind in actions.ACTIVE or foreign:
            self._taken[_KINDS.get(kind, _FOREIGN if foreign else "media")] += 1
            return True
        return False

    def _attachments(self) -> None:
        """Notes that are but an icon of a file or a sound go with it."""
        names = annotations.attachment_names(self._pdf)
        if names:
            self._taken[_ATTACHED] += len(names)
        for page in self._pdf.pages:
            notes = objects.array_items(page.obj.get("/Annots"))
            kept = [note for note in notes if _subtype(note) not in _ICONS]
            if len(kept) < len(notes):
                self._taken[_ICONS_SAID] += len(notes) - len(kept)
                page.obj["/Annots"] = pikepdf.Array(kept)

    def _sanitize(self) -> None:
        cleaner = Sanitizer().remove_javascript().remove_multimedia().remove_attachments()
        cleaner.remove_collection().remove_search_index().remove_web_capture()
        cleaner.remove_private_app_data().remove_thumbnails().apply(self._pdf)

    def _form(self) -> None:
        """XFA, and signatures, which no file that was saved anew can keep."""
        form: Any = objects.dictionary(self._pdf.Root.get("/AcroForm"))
        if form is None:
            return
        if "/XFA" in form:
            self._taken[_XFA] += 1
        for key in ("/XFA", "/CO", "/SigFlags"):
            if key in form:
                del form[key]
        for signature in annotations.signed_fields(form):
            self._taken[_SIGNED] += 1
            del signature["/V"]


def _is_foreign(address: str) -> bool:
    """Whether it leads elsewhere than to the web: by a scheme, or to another machine's files."""
    if address.startswith(("//", "\\\\")):
        return True
    return ":" in address and not address.startswith(_SCHEMES)


def _is_view(action: object) -> bool:
    """Whether the action only says where to open the book."""
    named = isinstance(action, pikepdf.Array | pikepdf.Name | pikepdf.String)
    return named or objects.name(objects.entry(action, "/S")) == "GoTo"


def _subtype(note: object) -> str:
    return objects.name(objects.entry(note, "/Subtype"))
