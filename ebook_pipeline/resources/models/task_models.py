"""Which local model does which task in which language: the file that EBOOK_TASK_MODELS names."""

from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, model_validator

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import read_toml

EVERY_LANGUAGE = "*"
TASKS = ("names", "genre", "appropriateness", "embeddings", "summary")


class TaskModel(Record):
    """The folder of a model; `labels` is what its labels mean to us: a genre or kind by label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _folder_alone(cls, stated: object) -> object:
        """A path alone is a folder whose labels are our own words."""
        return {"folder": stated} if isinstance(stated, str | Path) else stated


ByLanguage = dict[str, TaskModel]


class TaskModels(Record):
    """A table for each task; in it a model by primary tag, ``*`` for all other languages.

    `names`: a token classifier (`onnx_names`), before spaCy's model. `genre`: a text classifier
    whose labels are Thema's, or one of inference (NLI), which any label can be asked of.
    `appropriateness`: a text classifier of kinds of content. `embeddings`: a sentence encoder, of
    which ``*`` is not for English: EBOOK_MODEL_DIR serves that. `summary`: an encoder with its
    decoder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: ByLanguage = Field(default_factory=dict)
    genre: ByLanguage = Field(default_factory=dict)
    appropriateness: ByLanguage = Field(default_factory=dict)
    embeddings: ByLanguage = Field(default_factory=dict)
    summary: ByLanguage = Field(default_factory=dict)

    def by_language(self, task: str) -> ByLanguage:
        """The models of a task."""
        models: ByLanguage = getattr(self, task)
        return models

    def model(self, task: str, language: str) -> TaskModel | None:
        """The one that does `task` in `language`, a primary tag."""
        models = self.by_language(task)
        if task == "embeddings" and language == "en":
            return models.get("en")
        return models.get(language) or models.get(EVERY_LANGUAGE)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Each once."""
        models = (model for task in TASKS for model in self.by_language(task).values())
        return tuple(dict.fromkeys(model.folder for model in models))


def load_task_models(file: Path | None) -> TaskModels:
    """The models of a TOML file, folders relative to it; none without it. Raises ServiceError."""
    if file is None:
        return TaskModels()
    try:
        read = TaskModels.model_validate(read_toml(file))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{file} names no models for tasks: {error}") from error
    placed: dict[str, Any] = {
        task: {
            tag: TaskModel(folder=(file.parent / model.folder).resolve(), labels=model.labels)
            for tag, model in read.by_language(task).items()
        }
        for task in TASKS
    }
    return TaskModels(**placed)
