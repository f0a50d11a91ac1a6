"""The menu: which pages somebody is shown, by the same matrix that lets them in."""

from dataclasses import dataclass

from ebook_pipeline.books.owning.rights import Actor, grants


@dataclass(frozen=True)
class Entry:
    """A page of the menu, and the right without which it is not shown."""

    name: str
    path: str
    kind: str
    action: str


@dataclass(frozen=True)
class Shown:
    """An entry as one page shows it."""

    name: str
    path: str
    is_here: bool


ENTRIES = (
    Entry("books", "/books", "file", "read"),
    Entry("write", "/write", "manuscript", "create"),
    Entry("editing", "/editing", "manuscript", "edit"),
    Entry("picture_books", "/picture-books", "picture_book", "create"),
    Entry("submit", "/submit", "job", "create"),
    Entry("reviews", "/reviews", "review", "decide"),
    Entry("opinions", "/opinions", "opinion", "moderate"),
    Entry("shelf", "/shelf", "activity", "read"),
    Entry("shop", "/shop", "catalog", "read"),
    Entry("licences", "/licences", "activity", "read"),
    Entry("operate", "/operate", "dagster", "use"),
    Entry("readership", "/readership", "analytics", "read"),
    Entry("figures", "/figures", "figures", "read"),
    Entry("people", "/people", "person", "create"),
    Entry("audit", "/audit", "audit", "read"),
    Entry("dagster", "/dagster/", "dagster", "use"),
)


def menu(actor: Actor, path: str) -> tuple[Shown, ...]:
    """What `actor` may open, and which of it the page at `path` belongs to."""
    return tuple(
        Shown(entry.name, entry.path, path == entry.path or path.startswith(f"{entry.path}/"))
        for entry in ENTRIES
        if grants(actor, entry.action, entry.kind)
    )
