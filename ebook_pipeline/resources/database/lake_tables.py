"""The data lake's files, and the figures that are made of it."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Float, Index, Integer, Table, Text

from ebook_pipeline.resources.database.columns import metadata, now

__all__ = ["daily_figure", "lake_file"]

lake_file = Table(
    "lake_file",
    metadata,
    Column("key", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    now(),
    CheckConstraint("rows > 0 AND bytes > 0", name="figures"),
    Index("lake_file_day_idx", "day"),
    comment="The Parquet files that make up the lake: what lies beside them is of no account."
    " version: of their schema.",
)

daily_figure = Table(
    "daily_figure",
    metadata,
    Column("day", Date, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("format", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("value", Float, nullable=False),
    Column("events", BigInteger, nullable=False),
    now(),
    Index("daily_figure_metric_idx", "metric", "day"),
    comment="A metric of one day (UTC); what it is not told apart by is ''. events: of how many it"
    " is made.",
)
