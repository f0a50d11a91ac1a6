"""Pandoc and typst, both from wheels: a PDF where there is no browser, manuscripts as HTML."""

import dataclasses
import functools
import re
import tempfile
from pathlib import Path

from ebook_pipeline.foundation.errors import BookError, LimitExceeded
from ebook_pipeline.foundation.installed_versions import installed_version
from ebook_pipeline.tools import fonts, sandbox

_MEMORY = ("+RTS", "-M900M", "-RTS")
_MARKDOWN_SECONDS, _MARKDOWN_SECONDS_A_MEGABYTE = 3.0, 20.0
"""CPU seconds that pandoc may read Markdown for. Prose takes it 2.5 a megabyte, a text of nothing
but links, notes, tables and lists 6.5; 500 brackets that nothing closes take it for ever.
"""
_STRING = r'"((?:[^"\\]|\\.)*)"'
_LINK = re.compile(rf"#link\((?:<([^<>\s]+)>|label\({_STRING}\)|{_STRING})\)\[")
_LABEL = re.compile(rf"<([^<>\s]+)>|label\({_STRING}\)")
_LONGEST_ADDRESS = 2000
"""Characters; typst refuses a book with one of more than 8,000, and with an empty one."""
_PLAIN_HTML = "html+epub_html_exts-native_divs-native_spans-line_blocks"
_PLAIN_MARKDOWN = "markdown" + "".join(
    f"-{name}"
    for name in (
        "auto_identifiers", "bracketed_spans", "fenced_divs", "header_attributes",
        "inline_code_attributes", "link_attributes", "multiline_tables", "native_divs",
        "native_spans", "raw_attribute", "raw_html", "raw_tex", "simple_tables", "smart",
    )
)  # fmt: skip
"""What people write by hand, of all that pandoc's Markdown has."""
_PAPER = ("papersize=a5", "margin-x=15mm", "fontsize=10pt")

_TEMPLATE = """<!DOCTYPE html>
<html$if(lang)$ lang="$lang$"$endif$$if(dir)$ dir="$dir$"$endif$>
<head><meta charset="utf-8"><title></title></head>
<body>
<header id="title-block-header">
$if(title)$<h1 class="title">$title$</h1>$endif$
$if(subtitle)$<p class="subtitle">$subtitle$</p>$endif$
$for(author)$<p class="author">$author$</p>$endfor$
$if(date)$<p class="date">$date$</p>$endif$
$if(publisher)$<div class="publisher">$publisher$</div>$endif$
$if(rights)$<div class="rights">$rights$</div>$endif$
$if(description)$<div class="description">$description$</div>$endif$
$if(abstract)$<div class="abstract">$abstract$</div>$endif$
</header>
$body$
</body>
</html>
"""
"""Of pandoc's HTML: what a manuscript states of itself stands before its text, by its class."""


class Typesetter:
    """Sets flowing text; fixed layout is beyond it. `seconds` and `megabytes` bound each step."""

    def __init__(self, seconds: float = 120, megabytes: int = 4000) -> None:
        self._limits = sandbox.Limits(seconds, megabytes)

    @functools.cached_property
    def version(self) -> str:
        """``pandoc 3.9, typst 0.15.0``"""

        said = sandbox.run_tool(
            [_pandoc(), "--version"], cwd=Path(tempfile.gettempdir()), limits=self._limits
        )
        number = re.search(rb"(?<!\d)\d+(\.\d+)+", said)
        pandoc = number[0].decode() if number else "?"
        return f"pandoc {pandoc}, typst {installed_version('typst')}"

    def print_pdf(self, epub: Path, target: Path, folder: Path) -> int:
        """Set the flowing text of `epub` as the PDF `target`; how many links got lost.

        `folder` is scratch space.

        Raises ToolFailed, LimitExceeded, BookError (``tool.typst``).
        """
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / "book.typ"
        argv: list[str | Path] = [_pandoc(), "--sandbox", "--from=epub", "--to=typst"]
        argv += ["--standalone", "--extract-media=.", f"--output={source}"]
        argv += [f"--variable={setting.replace('=', ':', 1)}" for setting in _PAPER]
        sandbox.run_tool([*argv, epub.absolute()], cwd=folder, limits=self._limits)
        target.touch()
        files = sandbox.FileRules(write=(folder, target))
        return sandbox.call(typeset, source, target, limits=self._limits, files=files)

    def read(self, manuscript: Path, kind: str, folder: Path, stated: Path | None = None) -> Path:
        """The manuscript, of pandoc's format `kind`, as the HTML document that is returned.

        It lies in `folder`, with its pictures in ``media`` beside it. No file but the manuscript
        and `stated`, more of its metadata, is read, nothing is fetched. Raises ToolFailed
        (``tool.pandoc``), LimitExceeded (``manuscript.brackets`` for Markdown).
        """
        written, template = folder / "manuscript.html", folder / "template.html"
        template.write_text(_TEMPLATE, "utf-8")
        argv: list[str | Path] = [_pandoc(), *_MEMORY, "--sandbox", f"--from={kind}"]
        argv += ["--to=html5", "--mathml", "--wrap=none", "--track-changes=accept"]
        argv += [f"--template={template.absolute()}", "--syntax-highlighting=none"]
        argv += [f"--metadata-file={stated.absolute()}"] if stated else []
        argv += ["--extract-media=media", f"--output={written.absolute()}", manuscript.absolute()]
        limits = self._reading_limits(manuscript, kind)
        try:
            sandbox.run_tool(argv, cwd=folder, limits=limits)
        except LimitExceeded as error:
            if limits == self._limits or error.finding.rule != "sandbox.time":
                raise
            raise LimitExceeded(
                "manuscript.brackets",
                f"Reading the Markdown did not end within {limits.seconds:.0f} seconds of CPU.",
                remedy="Close what is open, or write a backslash before [, <, ^ and quotes.",
            ) from error
        except sandbox.ToolFailed as error:
            if "Heap exhausted" in str(error):
                text = "The work on this file needed more than 900 MiB of memory."
                raise LimitExceeded("sandbox.memory", text) from error
            raise
        return written

    def write_markdown(self, html: Path, folder: Path) -> Path:
        """The plain HTML at `html` as Markdown in `folder`, in the dialect that `read` reads.

        Notes end the section that their mark stands in. Raises ToolFailed, LimitExceeded.
        """
        written = folder / "written.md"
        argv: list[str | Path] = [_pandoc(), *_MEMORY, "--sandbox", f"--from={_PLAIN_HTML}"]
        argv += [f"--to={_PLAIN_MARKDOWN}", "--wrap=none", "--markdown-headings=atx"]
        argv += ["--reference-location=section", f"--output={written.absolute()}"]
        sandbox.run_tool([*argv, html.absolute()], cwd=folder, limits=self._limits)
        return written

    def _reading_limits(self, manuscript: Path, kind: str) -> sandbox.Limits:
        """Markdown's brackets are tried each with each: its time is bounded by its size."""
        if not kind.startswith("markdown"):
            return self._limits
        seconds = markdown_seconds(manuscript.stat().st_size)
        return dataclasses.replace(self._limits, seconds=min(seconds, self._limits.seconds))


def markdown_seconds(size: int) -> float:
    """CPU seconds in which pandoc has read Markdown of `size` bytes that people wrote."""
    return _MARKDOWN_SECONDS + _MARKDOWN_SECONDS_A_MEGABYTE * size / (1 << 20)


def without_dangling_links(text: str) -> tuple[str, int]:
    """Typst's `text` whose links all lead to a label or to an address, and how many did not.

    Pandoc drops the labels of things without text, or spells them otherwise than the links to them;
    with one such link typst sets no book at all.
    """
    found = _LABEL.findall(_LINK.sub("", text))
    return _unlinked(text, kept={bare or quoted for bare, quoted in found})


def without_links(text: str) -> tuple[str, int]:
    """Typst's `text` without any link, and how many it had."""
    return _unlinked(text, kept=None)


def _unlinked(text: str, kept: set[str] | None) -> tuple[str, int]:
    """The links to `kept` labels and to usable addresses stay; with None there, no link does."""
    gone = 0

    def mended(match: re.Match[str]) -> str:
        nonlocal gone
        label, address = match[1] or match[2], match[3] or ""
        fits = 0 < len(address) <= _LONGEST_ADDRESS
        if kept is not None and (label in kept if label else fits):
            return match[0]
        gone += 1
        return "#["

    return _LINK.sub(mended, text), gone


def typeset(source: Path, target: Path) -> int:
    """Typst's `source` as PDF; how many links got lost. Runs in the sandbox."""
    import typst

    written = source.read_text(encoding="utf-8")
    error: RuntimeError | None = None
    families = [str(folder) for folder in fonts.typesetting_folders()]
    for mend in (without_dangling_links, without_links):  # whatever a link is, it costs no book
        text, lost = mend(written)
        source.write_text(text, encoding="utf-8")
        try:
            typst.compile(
                str(source), output=str(target), root=str(source.parent), font_paths=families
            )
        except RuntimeError as failure:
            error = failure
        else:
            return lost
    raise BookError("tool.typst", f"typst could not set the book: {error}"[:1000]) from error


def _pandoc() -> str:
    import pypandoc

    path: str = pypandoc.get_pandoc_path()
    return path
