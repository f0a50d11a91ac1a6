"""Pandoc and typst, both from wheels: a PDF where there is no browser, manuscripts as HTML."""

import functools
import re
import tempfile
from pathlib import Path

from ebook_pipeline.books.errors import BookError, LimitExceeded
from ebook_pipeline.tools import sandbox

_MEMORY = ("+RTS", "-M900M", "-RTS")
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

    def read(self, manuscript: Path, kind: str, folder: Path) -> Path:
        """The manuscript, of pandoc's format `kind`, as the HTML document that is returned.

        It lies in `folder`, with its pictures in ``media`` beside it. No file but the manuscript is
        read, nothing is fetched. Raises ToolFailed (``tool.pandoc``), LimitExceeded.
        """
        written = folder / "manuscript.html"
        argv: list[str | Path] = [_pandoc(), *_MEMORY, "--sandbox", f"--from={kind}"]
        argv += ["--to=html5", "--standalone", "--mathml", "--wrap=none", "--track-changes=accept"]
        argv += ["--extract-media=media", f"--output={written.absolute()}", manuscript.absolute()]
        try:
            sandbox.run_tool(argv, cwd=folder, limits=self._limits)
        except sandbox.ToolFailed as error:
            if "Heap exhausted" in str(error):
                text = "The work on this file needed more than 900 MiB of memory."
                raise LimitExceeded("sandbox.memory", text) from error
            raise
        return written


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
