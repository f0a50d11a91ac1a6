"""What the folder of a model holds beside its weights."""

from pathlib import Path
from typing import Any

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.foreign_json import parse_json


def model_document(path: Path) -> dict[str, Any]:
    """What a model states of itself, as JSON. Raises ServiceError."""
    try:
        document: dict[str, Any] = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path}: no readable part of a model: {error}") from error
    return document
