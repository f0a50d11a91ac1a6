"""Cards of all EPUB, PDF, MOBI and manuscripts against the manifest, field by field."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.frame import Cell, Options, Table
from benchmarks.metadata_tables.expected import compared, differences
from ebook_pipeline.books.describing.metadata_document.from_file import metadata_document_of
from ebook_pipeline.books.describing.single_file import SingleFileReader
from ebook_pipeline.books.records import Claims
from ebook_pipeline.cli.metadata import reader_of
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

CLASSES = ("novel", "sample", "epubcheck", "w3c-test", "pdf", "mobi", "manuscript")
_MOST_NAMED = 6


def table(options: Options) -> Table:
    """A row per class, of valid files: whole cards and single fields that are as known."""
    settings = Settings(home=options.folder("home"))
    reader = reader_of(Resources(settings))
    rows, cards, right, fields, same = [], 0, 0, 0, 0
    for kind in CLASSES:
        entries = [one for one in options.entries(kind) if one["valid"] is not False]
        counts = [_count(one, options.corpus, reader) for one in entries if one.get("expect")]
        wrong = {name: found for name, _, found in counts if found}
        number, differing = sum(one[1] for one in counts), sum(len(one) for one in wrong.values())
        rows.append(_row(kind, len(counts), number, wrong))
        cards, right = cards + len(counts), right + len(counts) - len(wrong)
        fields, same = fields + number, same + number - differing
    said = f"{right} of {cards} cards and {same} of {fields} fields are as the manifest knows them."
    columns = ("files", "number", "cards equal", "fields", "fields equal", "differences")
    return Table("Cards against the manifest", columns, rows, said)


def _count(
    entry: dict[str, Any], corpus: Path, reader: SingleFileReader
) -> tuple[str, int, dict[str, Any]]:
    """The file's name, the number of fields that are compared, those that differ."""
    with tempfile.TemporaryDirectory() as folder:
        card = metadata_document_of(
            corpus / entry["name"], entry["name"], Claims(), reader, Path(folder)
        ).card
    return (
        Path(entry["name"]).name,
        len(compared(entry["expect"])),
        differences(card, entry["expect"]),
    )


def _row(kind: str, number: int, fields: int, wrong: dict[str, dict[str, Any]]) -> list[Cell]:
    differing = sum(map(len, wrong.values()))
    return [kind, number, number - len(wrong), fields, fields - differing, _named(wrong)]


def _named(wrong: dict[str, Iterable[str]] | dict[str, dict[str, Any]]) -> str:
    """Which fields differ how often, or where if they are few."""
    if len(wrong) <= _MOST_NAMED:
        return "; ".join(f"{name}: {', '.join(found)}" for name, found in wrong.items())
    often = Counter(field for found in wrong.values() for field in found)
    return ", ".join(f"{field} {times}" for field, times in often.most_common())
