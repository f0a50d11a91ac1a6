"""Which local model does which task in which language: the file that EBOOK_TASK_MODELS names."""

import tomllib
from hashlib import file_digest
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.record import Record

EVERY_LANGUAGE = "*"


class TaskModels(Record):
    """A table for each task; in it a folder by primary tag, ``*`` for all other languages.

    `names`: a token classifier exported to ONNX (`onnx_names`), before spaCy's model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: dict[str, Path] = Field(default_factory=dict)

    def namer(self, language: str) -> Path | None:
        """The folder of the model that tells names in `language`."""
        return self.names.get(language) or self.names.get(EVERY_LANGUAGE)

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(self.names.values()))


def load_task_models(file: Path | None) -> TaskModels:
    """The models of a TOML file, folders relative to it; none without it. Raises ServiceError."""
    if file is None:
        return TaskModels()
    try:
        read = TaskModels.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{file} names no models for tasks: {error}") from error
    folders = {tag: (file.parent / folder).resolve() for tag, folder in read.names.items()}
    return TaskModels(names=folders)


def identity_of(folder: Path) -> str:
    """The folder's name with the digest of its weights. Raises ServiceError."""
    digest = ""
    for file in sorted(graph_of(folder).parent.glob("*.onnx*")):
        with file.open("rb") as stream:
            digest += file_digest(stream, "sha256").hexdigest()[:12]
    return f"{folder.name}-{digest[:24]}"


def graph_of(folder: Path) -> Path:
    """The folder's ONNX file. Raises ServiceError where it is no token classifier's folder."""
    config = config_of(folder)
    kinds = config.get("architectures") or []
    if not any(str(kind).endswith("ForTokenClassification") for kind in kinds):
        raise ServiceError(f"{folder}: config.json names no model for token classification")
    for path in (folder / "model.onnx", folder / "onnx" / "model.onnx"):
        if path.is_file():
            return path
    raise ServiceError(f"{folder} has no model.onnx: export it with optimum-cli")


def config_of(folder: Path) -> dict[str, Any]:
    """What the model states of itself. Raises ServiceError."""
    return model_document(folder / "config.json")


def model_document(path: Path) -> dict[str, Any]:
    """What a model states of itself, as JSON. Raises ServiceError."""
    try:
        document: dict[str, Any] = parse_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ServiceError(f"{path}: no readable part of a model: {error}") from error
    return document
