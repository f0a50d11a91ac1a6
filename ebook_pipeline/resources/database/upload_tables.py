"""Ingestion jobs and the files that are uploaded for them: migration 0018 says the same."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from ebook_pipeline.resources.database.account_tables import account
from ebook_pipeline.resources.database.columns import (
    CleanJson,
    CleanText,
    actor,
    metadata,
    moment,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PartlyPersonalJson

__all__ = ["job", "upload"]

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey(account.c.id), nullable=False),
    Column("claims", PartlyPersonalJson("contact"), nullable=False),
    *actor(),
    now(),
    moment("cancelled_at"),
    CheckConstraint("id ~ '^[a-z2-7]{26}$'", name="id"),
    Index("job_account_idx", "account", "at", "id"),
    Index("job_at_idx", "at", "id"),
    comment="What somebody wants to submit, described before there is a file. How far it is"
    " follows from its upload, its submission and its book.",
)

upload = Table(
    "upload",
    metadata,
    Column("id", Text, primary_key=True),
    Column("job", Text, ForeignKey("job.id"), nullable=False),
    Column("sender", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("name", CleanText, nullable=False),
    Column("landing_key", CleanText, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False, server_default="0"),
    Column("promised", Text),
    Column("sha256", Text),
    Column("place", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("finding", CleanJson),
    Column("holder", Text),
    now(),
    now("moved_at"),
    moment("expires_at", needed=True),
    CheckConstraint("id ~ '^[a-z2-7]{26}$'", name="id"),
    CheckConstraint("received >= 0 AND received <= length AND length > 0", name="length"),
    CheckConstraint("promised ~ '^[0-9a-f]{64}$' AND sha256 ~ '^[0-9a-f]{64}$'", name="digests"),
    CheckConstraint("(state = 'refused') = (finding IS NOT NULL)", name="refused"),
    CheckConstraint("state <> 'landed' OR sha256 IS NOT NULL", name="landed"),
    CheckConstraint("sender <> ''", name="sender"),
    one_of("way", "tus", "direct"),
    one_of("state", "open", "whole", "landed", "refused", "terminated", "expired"),
    Index(
        "upload_job_idx",
        "job",
        unique=True,
        postgresql_where=text("state IN ('open', 'whole', 'landed')"),
    ),
    Index("upload_of_job_idx", "job", "at"),
    Index("upload_sender_idx", "sender", "at"),
    Index("upload_landing_key_idx", "landing_key"),
    Index("upload_sha256_idx", "sha256"),
    Index(
        "upload_expires_at_idx", "expires_at", postgresql_where=text("state IN ('open', 'whole')")
    ),
    comment="A file on its way: received of its length bytes are durable. open: bytes are missing;"
    " whole: it has yet to appear in the landing store; landed: it lies there as landing_key, or"
    " the same bytes do. sender: whose quota it counts for; promised: the SHA-256 that they"
    " named; holder: the process that receives it; place: what the store calls it.",
)
