"""BISAC headings for Thema's, from a file that a licensee of BISG supplies; none is shipped.

BISAC's list may not be given away (https://www.bisg.org/BISAC-Subject-Codes-main), so it comes from
the submitter or by this file: CSV lines ``FL,FIC028000,FICTION / Science Fiction / General``.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ebook_pipeline.books.records import Genre
from ebook_pipeline.foundation.errors import ServiceError

BisacMapping = Mapping[str, tuple[str, str]]
"""Code and heading of BISAC by code of Thema."""
_BISAC = re.compile(r"[A-Z]{3}\d{6}")


def read_mapping(path: Path) -> BisacMapping:
    """The mapping in the file at `path`. Raises ServiceError where it is none."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    except (OSError, ValueError, csv.Error) as error:
        raise ServiceError(f"{path.name} cannot be read as a mapping to BISAC") from error
    wrong = [row for row in rows if len(row) != 3 or not _BISAC.fullmatch(row[1].strip())]
    if wrong:
        raise ServiceError(f"{path.name}: {','.join(wrong[0])!r} is no line THEMA,BISAC,HEADING")
    return {thema.strip(): (code.strip(), heading.strip()) for thema, code, heading in rows}


def with_bisac(genres: Sequence[Genre], mapping: BisacMapping) -> tuple[Genre, ...]:
    """`genres`, each followed by its BISAC heading where the mapping has one."""
    both: list[Genre] = []
    for genre in genres:
        both.append(genre)
        if genre.code in mapping:
            code, heading = mapping[genre.code]
            both.append(genre.model_copy(update={"code": code, "term": heading, "scheme": "bisac"}))
    return tuple(both)
