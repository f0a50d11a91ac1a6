"""The chain of the audit's rows, what it has yet to take up, and its end as it was noted last.

No key leads to the audit: a link outlives its row.
"""

from sqlalchemy import BigInteger, Column, DateTime, Table, Text

from ebook_pipeline.resources.database.columns import metadata

audit_unlinked = Table(
    "audit_unlinked",
    metadata,
    Column("audit", BigInteger, primary_key=True, autoincrement=False),
    comment="Rows of the audit that the chain has yet to take up.",
)

audit_link = Table(
    "audit_link",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("audit", BigInteger, nullable=False, unique=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("book_digest", Text, nullable=False),
    Column("written", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
    comment="One link for each row of the audit, by keyed digests. written: of what never changes;"
    " facts: of what an erasure changes. It outlives its row.",
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    comment="One row: the link of which the object store was told last.",
)
