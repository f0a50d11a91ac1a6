"""What all tables are made of: the metadata that they share, and columns that many have."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    MetaData,
    Text,
    TypeDecorator,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.resources.database.clean import clean_json, clean_text

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)


class CleanText(TypeDecorator[str]):
    """Text from the outside, made fit for Postgres, which takes no NUL and no lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean_text(value)


class CleanJson(TypeDecorator[Any]):
    """JSON from the outside, made fit for Postgres alike."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return clean_json(value)


def identity() -> "Column[int]":
    """A number of the table's own."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def book_id(*, unique: bool = False) -> "Column[str]":
    """The book that the row is of."""
    return Column("book", Text, ForeignKey("book.id"), nullable=False, unique=unique)


def now(name: str = "at") -> Column[Any]:
    """When the row was written."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def moment(name: str, *, needed: bool = False) -> Column[Any]:
    """A time, in UTC."""
    return Column(name, DateTime(timezone=True), nullable=not needed)


def one_of(column: str, *states: str) -> CheckConstraint:
    """Nothing but these values."""
    allowed = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def blob_columns() -> "tuple[Column[str], Column[int], Column[str], CheckConstraint]":
    """A stored file, as `BlobRef` names it."""
    return (
        Column("sha256", Text, nullable=False),
        Column("length", BigInteger, nullable=False),
        Column("media_type", Text, nullable=False),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$' AND length >= 0", name="blob"),
    )


def edition_key() -> ForeignKeyConstraint:
    """The edition, which exists."""
    return ForeignKeyConstraint(["book", "edition"], ["edition.book", "edition.number"])


def actor() -> "tuple[Column[str], CheckConstraint]":
    """Who did it; somebody did."""
    return Column("actor", CleanText, nullable=False), CheckConstraint("actor <> ''", name="actor")
