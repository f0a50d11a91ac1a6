"""How long a description's fields may be: what is longer is cut, and a finding says so.

No shop shows a title of a page, no index of a database takes a key of 20 kB, and no mail a name of
one. ONIX itself gives most of these fields 300 to 500 characters.
"""

from collections.abc import Iterator

from ebook_pipeline.books.records import Product
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.record import Record

LONGEST_FIELD = 500
"""Characters of a field that is not named below."""
LONGEST = {"description": 20_000, "rights": 20_000, "href": 2_000}
MOST_ITEMS = {"toc": 20_000}
MOST = 500
"""Items of a list that is not named above."""
_OURS = frozenset({"findings", "provenance", "kin", "meaning"})
"""No words of a stranger's."""
_STATED = tuple(name for name in Product.model_fields if name not in _OURS)


def bounded(product: Product) -> Product:
    """`product` with no field longer than it may be; ``metadata.too-long`` names those cut."""
    kept = {name: _cut(name, getattr(product, name)) for name in _STATED}
    changed = {name: value for name, value in kept.items() if value != getattr(product, name)}
    if not changed:
        return product
    findings = (*product.findings, *_findings(changed))
    return product.model_copy(update={**changed, "findings": findings})


def _cut(name: str, value: object) -> object:
    if isinstance(value, str):
        most = LONGEST.get(name, LONGEST_FIELD)
        return value if len(value) <= most else f"{value[: most - 1]}…"
    if isinstance(value, tuple):
        return tuple(_cut(name, item) for item in value[: MOST_ITEMS.get(name, MOST)])
    if isinstance(value, Record):
        inner = {field: _cut(field, getattr(value, field)) for field in type(value).model_fields}
        return value.model_copy(update=inner)
    return value


def _findings(changed: dict[str, object]) -> Iterator[Finding]:
    for name in changed:
        yield Finding(
            rule="metadata.too-long",
            severity=Severity.WARNING,
            message=f"The field {name} is longer than a description takes; it was cut.",
            remedy=f"Shorten {name} in the file, or where you submit it.",
        )
