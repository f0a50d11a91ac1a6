"""Folders that a program shows as one file: an unpacked EPUB, a project of a word processor."""

from pathlib import Path

from ebook_pipeline.foundation.findings import Finding, Severity

CONTAINER = "META-INF/container.xml"
"""What an EPUB has at its root: OCF 3.3, 4.2.6.3.1."""
_EPUB = (
    "an unpacked EPUB: each of its parts would become a book of its own",
    "Send it as one file: choose Export where it was made, or pack it (zip -X0 BOOK.epub mimetype;"
    " zip -Xr9 BOOK.epub * -x mimetype, in the folder).",
)
_EXPORT = "Export it there as EPUB or Word (.docx), and send that file."
_PROJECTS = {
    ".scriv": ("a project of Scrivener", _EXPORT),
    ".pages": ("a document of Apple Pages", _EXPORT),
    ".rtfd": ("a document of TextEdit with pictures", _EXPORT),
    ".textbundle": ("a bundle of Markdown", _EXPORT),
}


def unpacked_within(key: str) -> str | None:
    """The topmost folder in the path `key` that is called as such a book or project is."""
    parts = key.split("/")
    for end, part in enumerate(parts[:-1], 1):
        suffix = part[part.rfind(".") :].lower() if "." in part else ""
        if suffix == ".epub" or suffix in _PROJECTS:
            return "/".join(parts[:end])
    return None


def unpacked_finding(folder: str) -> Finding:
    """Why nothing of `folder` is taken, and what to send."""
    suffix = folder[folder.rfind(".") :].lower()
    what, remedy = _PROJECTS.get(suffix, _EPUB)
    name = folder.rpartition("/")[2]
    return Finding(
        rule="landing.unpacked",
        severity=Severity.FATAL,
        message=f"The folder {name[:200]} is {what}.",
        place=folder,
        remedy=remedy,
    )


def is_unpacked(folder: Path) -> bool:
    """Whether a folder of this machine is such a book or project, by its name or what it holds."""
    named = unpacked_within(f"{folder.name}/x") is not None
    return named or (folder / CONTAINER).is_file()
