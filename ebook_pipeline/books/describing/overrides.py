"""What a person said of a book, field by field: no rerun changes it."""

from typing import Any, cast

from pydantic import Field, TypeAdapter, ValidationError

from ebook_pipeline.books.describing.field_forms import FIELD_FORMS
from ebook_pipeline.books.records import Origin, Product, Provenance, Record
from ebook_pipeline.foundation.errors import ServiceError

OVERRIDABLE = frozenset(FIELD_FORMS)
"""The fields that people decide; the others are counted from the book."""
_PERSON = Provenance(origin=Origin.PERSON)


class InvalidOverride(ServiceError):
    """A field that nobody can lock, or a value that the field can not have."""


class Overrides(Record):
    """The locked fields of one book with their values as JSON."""

    values: dict[str, Any] = Field(default_factory=dict)


def checked_override(field: str, value: object) -> object:
    """`value` as the field keeps it, in JSON. Raises InvalidOverride for a wrong field or value."""
    if field not in OVERRIDABLE:
        raise InvalidOverride(
            f"{field!r} can not be locked; these can: {', '.join(sorted(OVERRIDABLE))}"
        )
    kind: TypeAdapter[Any] = TypeAdapter(cast(Any, Product.model_fields[field].annotation))
    try:
        return kind.dump_python(kind.validate_python(value), mode="json")
    except ValidationError as error:
        where = ".".join(map(str, (field, *error.errors()[0]["loc"])))
        form = FIELD_FORMS[field]
        raise InvalidOverride(
            f"{where} can not be that: {field} takes {form.takes}, such as {form.example}"
        ) from error


def apply_overrides(product: Product, locks: Overrides) -> Product:
    """`product` as the person wants it: a locked value replaces whatever others say."""
    fields = product.model_dump() | locks.values
    fields["provenance"] = product.provenance | dict.fromkeys(locks.values, _PERSON)
    return Product.model_validate(fields)
