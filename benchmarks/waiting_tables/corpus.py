"""The corpus' clean books: novels, samples and manuscripts whole and in order, PDFs and Kindle."""

from pathlib import Path

from benchmarks.frame import Options, Table
from benchmarks.waiting_tables.judged import Judge, as_table

WHOLE = (
    "pdf/novel-treasure-island.pdf",
    "mobi/frankenstein.mobi",
    "mobi/flatland.azw3",
    "mobi/wind-in-the-willows.mobi",
)
"""Whole books among files that are mostly made to show one thing."""


def table(options: Options) -> Table:
    """A row per clean book of the corpus."""
    with Judge(options.folder("home")) as judge:
        judged = [judge.judge(path) for path in clean(options)]
    return as_table("Clean books of the corpus", judged)


def clean(options: Options) -> list[Path]:
    entries = options.entries("novel", "sample", "manuscript")
    names = [entry["name"] for entry in entries if entry.get("valid", True)]
    return [options.corpus / name for name in (*names, *WHOLE[: options.books])]
