"""Which files are books: every file that somebody names, and a folder's by their endings."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

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


def _files(given: Path) -> Iterator[tuple[Path, str]]:
    if not given.is_dir():
        yield given, given.name
        return
    for path in sorted(given.rglob("*")):
        relative = path.relative_to(given)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and path.suffix.lower() in SUFFIXES:
            yield path, relative.as_posix()
