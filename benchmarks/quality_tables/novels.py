"""The novels that the tables of quality read: each text once, those with a genre."""

from pathlib import Path

from benchmarks.frame import Options
from ebook_pipeline.books.formats.epub.package import read_package
from ebook_pipeline.books.judging import chapters


def novels(options: Options) -> dict[str, Path]:
    """The corpus' novels by the name of their file; copies of one text are left out."""
    return {
        Path(entry["name"]).stem: options.corpus / entry["name"]
        for entry in options.entries("novel")
        if any(tag.startswith("genre:") for tag in entry["case"])
    }


def chapters_of(book: Path) -> list[chapters.ParsedChapter]:
    return list(chapters.read(book, read_package(book)))


def text_of(book: Path) -> str:
    """Its chapters as the check of spelling joins them."""
    return "\n".join(chapter.text for chapter in chapters_of(book))
