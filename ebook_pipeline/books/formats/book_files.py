"""Which files are books: every file that somebody names, and a folder's by their endings.

Links in a folder are not followed: they may lead anywhere.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ebook_pipeline.books.formats.unpacked_books import is_unpacked, unpacked_within
from ebook_pipeline.foundation.regular_files import files_below

SUFFIXES = frozenset(
    {".epub", ".pdf", ".mobi", ".azw", ".azw3", ".prc", ".docx", ".doc", ".odt", ".rtf"}
    | {".html", ".htm", ".md", ".markdown", ".txt"}
)


def book_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The books among `paths`, in order; of a folder, at any depth, but for hidden ones."""
    for given in paths:
        yield from (path for path, _ in _files(given))


def by_key(paths: Iterable[Path]) -> dict[str, Path]:
    """The books among `paths` by the key that names each.

    The key is the path inside the folder, with as much of what stands before it as makes it unique.
    """
    files = [(path, relative) for given in paths for path, relative in _files(given)]
    alike = Counter(relative for _, relative in files)
    return {
        relative if alike[relative] == 1 else path.as_posix().lstrip("/"): path
        for path, relative in files
    }


def links_among(paths: Iterable[Path]) -> list[Path]:
    """The links in folders among `paths` that are called as books are: nobody reads them."""
    named = (entry for given in paths if given.is_dir() for entry in _named(given))
    return sorted(Path(entry.path) for entry in named if entry.is_symlink())


def unpacked_among(paths: Iterable[Path]) -> list[Path]:
    """Folders among `paths`, or below them, that are one unpacked book each."""
    return list(dict.fromkeys(unpacked for given in paths for unpacked in _unpacked(given)))


def _unpacked(given: Path) -> Iterator[Path]:
    if given.is_dir() and is_unpacked(given):
        yield given
    elif given.is_dir():
        for entry in files_below(given):
            within = unpacked_within(Path(entry.path).relative_to(given).as_posix())
            if within is not None:
                yield given / within


def _files(given: Path) -> Iterator[tuple[Path, str]]:
    if not given.is_dir():
        yield given, given.name
        return
    if is_unpacked(given):
        return
    regular = (entry for entry in _named(given) if entry.is_file(follow_symlinks=False))
    for path in sorted(Path(entry.path) for entry in regular):
        yield path, path.relative_to(given).as_posix()


def _named(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What is called as books are below `folder`, and neither hidden nor in something hidden."""
    for entry in files_below(folder):
        path = Path(entry.path)
        within = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in within.parts)
        if (
            not hidden
            and unpacked_within(within.as_posix()) is None
            and path.suffix.lower() in SUFFIXES
        ):
            yield entry
