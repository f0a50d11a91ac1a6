"""The book as plain UTF-8: a line per paragraph, blank lines between, form feeds for documents."""

from pathlib import Path

from ebook_pipeline.books.formats.epub.content import texts
from ebook_pipeline.books.formats.epub.package import read_package


def write_text(epub: Path, target: Path) -> int:
    """Write the spine's text in reading order to `target`; its letters. Runs in the sandbox."""
    written = 0
    with target.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for _, text in texts(epub, read_package(epub)):
            paragraphs = [" ".join(line.split()) for line in text.splitlines()]
            part = "\n\n".join(line for line in paragraphs if line)
            if not part:
                continue
            written += file.write(f"\f\n{part}\n" if written else f"{part}\n")
    return written
