"""Pandoc and typst, both from wheels: a PDF where there is no browser, an EPUB of a manuscript."""

import functools
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ebook_pipeline.books.errors import BookError
from ebook_pipeline.tools import sandbox

_MADE = "SOURCE_DATE_EPOCH=946684800"
_PAPER = ("papersize=a5", "margin-x=15mm", "fontsize=10pt")


class Typesetter:
    """Sets flowing text; fixed layout is beyond it. `seconds` and `megabytes` bound each step."""

    def __init__(self, seconds: float = 120, megabytes: int = 4000) -> None:
        self._limits = sandbox.Limits(seconds, megabytes)

    @functools.cached_property
    def version(self) -> str:
        """``pandoc 3.9, typst 0.15.0``"""
        import importlib.metadata

        said = sandbox.run_tool(
            [_pandoc(), "--version"], cwd=Path(tempfile.gettempdir()), limits=self._limits
        )
        number = re.search(rb"\d+(\.\d+)+", said)
        pandoc = number[0].decode() if number else "?"
        return f"pandoc {pandoc}, typst {importlib.metadata.version('typst')}"

    def print_pdf(self, epub: Path, target: Path, folder: Path) -> None:
        """Set the flowing text of `epub` as the PDF `target`; `folder` is scratch space.

        Raises ToolFailed, LimitExceeded, BookError (``tool.typst``).
        """
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / "book.typ"
        argv: list[str | Path] = [_pandoc(), "--sandbox", "--from=epub", "--to=typst"]
        argv += ["--standalone", "--extract-media=.", f"--output={source}"]
        argv += [f"--variable={one.replace('=', ':', 1)}" for one in _PAPER]
        sandbox.run_tool([*argv, epub.absolute()], cwd=folder, limits=self._limits)
        sandbox.call(typeset, source, target, limits=self._limits)

    def author(
        self, manuscript: Path, kind: str, target: Path, metadata: Mapping[str, str]
    ) -> None:
        """Write the manuscript, of pandoc's format `kind`, to `target` as EPUB 3.

        No file but the manuscript is read, nothing is fetched. Raises ToolFailed, LimitExceeded.
        """
        argv: list[str | Path] = ["/usr/bin/env", _MADE, _pandoc(), "--sandbox"]
        argv += [f"--from={kind}", "--to=epub3", f"--output={target.absolute()}", "--toc"]
        argv += [f"--metadata={name}={value}" for name, value in metadata.items()]
        try:
            sandbox.run_tool([*argv, manuscript.absolute()], cwd=target.parent, limits=self._limits)
        except sandbox.ToolFailed as error:
            words = str(error).removeprefix("env ")
            raise sandbox.ToolFailed("tool.pandoc", f"pandoc {words}") from error


def typeset(source: Path, target: Path) -> None:
    """Typst's `source` as PDF; runs in the sandbox."""
    import typst

    try:
        typst.compile(str(source), output=str(target), root=str(source.parent))
    except RuntimeError as error:
        raise BookError("tool.typst", f"typst could not set the book: {error}"[:1000]) from error


def _pandoc() -> str:
    import pypandoc

    path: str = pypandoc.get_pandoc_path()
    return path
