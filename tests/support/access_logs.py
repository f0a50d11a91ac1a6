"""Access logs of an edge as CloudFront writes them, for tests."""

import gzip
from collections.abc import Iterable, Mapping

from ebook_pipeline.books.measuring.access_log import FIELDS

HEADER = "#Version: 1.0\n#Fields: " + " ".join(FIELDS) + "\n"
_USUAL = {
    "date": "2026-11-29",
    "time": "23:59:59",
    "cs-method": "GET",
    "sc-status": "200",
    "sc-bytes": "100",
    "sc-range-start": "-",
    "cs(User-Agent)": "Thorium%20Reader",
}


def line(path: str, **values: str) -> str:
    """A request for `path`; names of fields have `_` for what no Python name has."""
    given = {name: values.get(_python_name(name), value) for name, value in _USUAL.items()}
    return "\t".join((given | {"cs-uri-stem": f"/{path}"})[field] for field in FIELDS) + "\n"


def packed(lines: Iterable[str], header: str = HEADER) -> bytes:
    """The file of these lines."""
    return gzip.compress((header + "".join(lines)).encode())


def _python_name(field: str) -> str:
    names: Mapping[str, str] = {"cs(User-Agent)": "agent"}
    return names.get(field, field.replace("-", "_"))
