"""Where links and bookmarks lead: whether that place is in the file.

ISO 32000-2 §12.3.2
"""

from collections.abc import Sequence

import pikepdf

from ebook_pipeline.books.formats.pdf import objects
from ebook_pipeline.books.formats.pdf.objects import MOST_ITEMS, ObjectId


class Destinations:
    """The pages and named destinations of one file."""

    def __init__(self, pdf: pikepdf.Pdf, pages: Sequence[object]) -> None:
        self._pages = {objects.object_id(page) for page in pages}
        self._count = len(pages)
        self._names: dict[bytes, object] = {}
        for named, value in objects.tree_pairs(
            objects.entry(pdf.Root, "/Names", "/Dests"), "/Names"
        ):
            if isinstance(named, pikepdf.String):
                self._names[bytes(named)] = value
        for key, value in objects.dictionary_items(objects.entry(pdf.Root, "/Dests")):
            self._names[key[1:].encode()] = value
        self._complete = len(self._names) < MOST_ITEMS // 2

    def is_broken(self, link: object) -> bool:
        """Whether a link or bookmark (a dictionary with /Dest or /A) leads to no page."""
        action = objects.entry(link, "/A")
        if objects.name(objects.entry(action, "/S")) == "GoTo":
            return not self._leads(objects.entry(action, "/D"))
        return action is None and not self._leads(objects.entry(link, "/Dest"))

    def leads_nowhere(self, link: object) -> bool:
        """Whether it says no place at all."""
        return objects.entry(link, "/A") is None and objects.entry(link, "/Dest") is None

    def _leads(self, value: object) -> bool:
        if isinstance(value, pikepdf.Name | pikepdf.String):
            raw = objects.name(value).encode() if isinstance(value, pikepdf.Name) else bytes(value)
            if raw not in self._names:
                return not self._complete
            value = self._names[raw]
        if objects.dictionary(value) is not None:
            value = objects.entry(value, "/D")
        target = next(iter(objects.array_items(value)), None)
        return self._is_page(target)

    def _is_page(self, target: object) -> bool:
        identity: ObjectId | None = objects.object_id(target)
        if identity is not None:
            return identity in self._pages
        place = objects.number(target)
        return place is not None and 0 <= place < self._count
