"""Which books go into which run: neighbouring keys are asked for by range."""

from collections.abc import Iterator, Sequence

from ebook_pipeline.books.records import Record


class KeyRange(Record):
    """Neighbouring keys, both ends included, in the order in which keys were added."""

    first: str
    last: str


def ranges(keys: Sequence[str], wanted: set[str], most: int) -> Iterator[KeyRange]:
    """The `wanted` ones among all `keys` as few ranges of at most `most` neighbours."""
    row: list[str] = []
    for key in keys:
        if row and (key not in wanted or len(row) == most):
            yield KeyRange(first=row[0], last=row[-1])
            row = []
        if key in wanted:
            row.append(key)
    if row:
        yield KeyRange(first=row[0], last=row[-1])
