"""From a manuscript to a book on sale: e-book ingestion as one Dagster project."""

import os

# Else Pydantic reads what every installed package offers, in every process that starts.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
