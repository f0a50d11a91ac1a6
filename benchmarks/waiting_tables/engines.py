"""The same books with other fonts and by another engine: is the verdict the same?

A verdict is drawn from the EPUB and text that a book becomes and from what its conversion says, so
that where these are the same it is too. Each setting has a process in a mount namespace of its own
(root, `unshare`), in which `/usr/share/fonts` holds as much as it is meant to.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.frame import Options, Table
from benchmarks.quality_tables.novels import novels
from benchmarks.waiting_tables.generated import files_of
from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.describing.sidecar import sidecar_claims
from ebook_pipeline.books.formats.media_types import sniff
from ebook_pipeline.foundation.errors import BookError, ServiceError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.resources import Resources, book_tools
from ebook_pipeline.settings import Settings

_FONTS = Path("/usr/share/fonts")
_MINIMAL = _FONTS / "truetype" / "dejavu"
"""What Debian's `fonts-dejavu-core` installs, on which most of its packages stand."""
MANUSCRIPTS, TEXTS = 2, 2
"""How many of each are taken: the others differ in what they are made from, not in letters."""
_NO_BROWSER = "/nonexistent"


@dataclass(frozen=True)
class Setting:
    """A machine: its browser, or typst where it has none, and the folder that is all its fonts."""

    name: str
    browser: bool
    fonts: Path | None

    def command(self, words: Sequence[str], empty: Path) -> list[str]:
        """`words` on that machine; `empty` is a folder without fonts."""
        if self.fonts == _FONTS:
            return list(words)
        bind = 'mount --bind "$1" "$2"; shift 2; exec "$@"'
        shown = str(self.fonts or empty)
        return ["unshare", "-m", "sh", "-ec", bind, "sh", shown, str(_FONTS), *words]


SETTINGS = (
    Setting("chromium", browser=True, fonts=_FONTS),
    Setting("chromium, DejaVu alone", browser=True, fonts=_MINIMAL),
    Setting("chromium, no fonts", browser=True, fonts=None),
    Setting("typst", browser=False, fonts=_FONTS),
    Setting("typst, DejaVu alone", browser=False, fonts=_MINIMAL),
    Setting("typst, no fonts", browser=False, fonts=None),
)


def table(options: Options) -> Table:
    """A row per book: what is otherwise than in the first setting."""
    paths = list(_books(options))
    told = {one.name: _told(one, paths, options.folder("home")) for one in SETTINGS}
    first, *others = told.values()
    rows = [
        [path.name, _said(first[path.name]), *(_difference(first, one, path) for one in others)]
        for path in paths
    ]
    different = sum(cell != "same" for row in rows for cell in row[2:])
    said = f"{different} of {len(rows) * len(others)} are otherwise than the first."
    return Table("Fonts and engines", ("file", *told), rows, said)


def _books(options: Options) -> Iterator[Path]:
    """Samples of the corpus and ours, and a text in each of many formats."""
    for entry in (*options.entries("sample"), *options.entries("manuscript")[:MANUSCRIPTS]):
        yield options.corpus / entry["name"]
    yield from sorted((Path(__file__).parents[2] / "samples").glob("*.epub"))
    for name, novel in list(novels(options).items())[:TEXTS]:
        yield from files_of(name, novel, options.folder("generated"))


def _told(setting: Setting, paths: Iterable[Path], home: Path) -> Mapping[str, Any]:
    own = {"EBOOK_HOME": str(home)} | ({} if setting.browser else {"EBOOK_CHROMIUM": _NO_BROWSER})
    with tempfile.TemporaryDirectory(prefix="no-fonts-") as empty:
        words = [sys.executable, "-m", __name__, *map(str, paths)]
        done = subprocess.run(
            setting.command(words, Path(empty)),
            env=os.environ | own, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
    return {fact["file"]: fact for fact in map(json.loads, done.stdout.splitlines())}


def _said(fact: Mapping[str, Any]) -> str:
    return "; ".join(fact["findings"]) or "nothing"


def _difference(first: Mapping[str, Any], other: Mapping[str, Any], path: Path) -> str:
    one, two = first[path.name], other[path.name]
    made = [name for name in ("epub", "text") if one[name] != two[name]]
    words = [f"− {words}" for words in one["findings"] if words not in two["findings"]]
    words += [f"+ {words}" for words in two["findings"] if words not in one["findings"]]
    return "; ".join([*made, *words])[:200] or "same"


def _main(paths: Iterable[Path]) -> None:
    """A line of JSON for each book, converted in this process' surroundings."""
    resources = Resources(Settings())
    tools = book_tools.conversion_tools(resources)
    try:
        for path in paths:
            print(json.dumps({"file": path.name, **_converted(path, tools)}), flush=True)
    finally:
        resources.close()


def _converted(path: Path, tools: conversion.ConversionTools) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        claims = sidecar_claims(path)
        try:
            made = conversion.convert(path, sniff(path), claims, tools, Path(folder))
        except (BookError, ServiceError) as error:
            return {"findings": [str(error)], "epub": "", "text": ""}
        grave = (one for one in made.findings if one.severity >= Severity.WARNING)
        heard = sorted(f"{one.rule}: {one.message}" for one in grave)
        return {"findings": heard, "epub": _digest(made.epub), "text": _digest(made.text)}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    _main(map(Path, sys.argv[1:]))
