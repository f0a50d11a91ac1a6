"""How the edge did, as people see it in the UI."""

import dagster as dg

from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.verifying import edge_log

_SPANS = (24, 30 * 24)
_COLUMNS = {
    "point": "string",
    "last_hours": "int",
    "requests": "int",
    "available_percent": "float",
    "p50_ms": "float",
    "p95_ms": "float",
}


def figures_table(database: Database) -> dg.TableMetadataValue:
    """Availability and latency of each point of the edge, over one day and over thirty."""
    figures = [point for hours in _SPANS for point in edge_log.figures(database, hours)]
    rows = [
        dg.TableRecord(dict(zip(_COLUMNS, point.model_dump().values(), strict=True)))
        for point in figures
    ]
    columns = [dg.TableColumn(name, kind) for name, kind in _COLUMNS.items()]
    return dg.MetadataValue.table(rows, schema=dg.TableSchema(columns=columns))
