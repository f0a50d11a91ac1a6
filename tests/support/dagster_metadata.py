"""Dagster's metadata as plain values."""

from typing import Any

import dagster as dg


def table(value: object) -> list[dict[str, Any]]:
    """The rows of a table."""
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def markdown(value: object) -> str:
    """The text of Markdown."""
    assert isinstance(value, dg.MarkdownMetadataValue)
    return str(value.md_str)
