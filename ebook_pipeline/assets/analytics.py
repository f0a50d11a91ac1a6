"""What the ingestion of each book took and found, as rows that reports are made of."""

from typing import Any

import dagster as dg

from ebook_pipeline.books.ingestion_metrics import measure_ingestion
from ebook_pipeline.books.records import CatalogEntry, EditionRecords, IngestionMetrics
from ebook_pipeline.execution import stage
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.reporting import ingestion_metrics


def is_recorded(
    ingestion_analytics: IngestionMetrics, catalog_row: CatalogEntry, database: Database
) -> bool:
    """The figures read back from Postgres are those that were counted."""
    book, edition = catalog_row.book, catalog_row.edition
    return ingestion_metrics.saved_metrics(database, book, edition) == ingestion_analytics


def show_metrics(ingestion_analytics: IngestionMetrics) -> dict[str, Any]:
    seconds = ingestion_analytics.seconds
    return {
        "total_seconds": dg.MetadataValue.float(round(sum(seconds.values()), 2)),
        "seconds_by_stage": dg.MetadataValue.table(
            [dg.TableRecord({"stage": name, "seconds": round(s, 2)}) for name, s in seconds.items()]
            or [dg.TableRecord({"stage": "", "seconds": 0.0})]
        ),
        "findings": dg.MetadataValue.json(ingestion_analytics.findings),
        "bytes": dg.MetadataValue.json(ingestion_analytics.bytes),
        "words": dg.MetadataValue.int(ingestion_analytics.words),
    }


@stage(
    group="sell",
    version="1",
    kinds=frozenset({"postgres"}),
    owners=("team:analytics",),
    proofs=(is_recorded,),
    show=show_metrics,
)
def ingestion_analytics(
    catalog_row: CatalogEntry,
    dossier: EditionRecords,
    timings: dict[str, float],
    database: Database,
) -> IngestionMetrics:
    """Durations by stage, sizes and findings by severity of one edition, as rows in Postgres."""
    figures = measure_ingestion(dossier, timings)
    ingestion_metrics.save_metrics(database, catalog_row.book, catalog_row.edition, figures)
    return figures
