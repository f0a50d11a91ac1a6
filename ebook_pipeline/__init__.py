"""From a manuscript to a book on sale: e-book ingestion as one Dagster project."""
