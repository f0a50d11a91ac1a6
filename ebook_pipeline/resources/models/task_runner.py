"""Local models asked for the tasks that EBOOK_TASK_MODELS names them for, in a worker's child.

What runs there is imported where it is asked for: most houses name no model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ebook_pipeline.books.text import spread
from ebook_pipeline.foundation.errors import BookError, ServiceError
from ebook_pipeline.resources.models.onnx_folders import identity_of
from ebook_pipeline.resources.models.task_models import (
    EVERY_LANGUAGE,
    TASKS,
    TaskModel,
    TaskModels,
)
from ebook_pipeline.tools.worker import Worker

T = TypeVar("T")

MOST_TEXTS = {"genre": 24, "appropriateness": 40}
"""Of the passages of a book, spread over it: a base model reads one in 0.2 CPU s."""
MOST_INFERRED = 4
"""Passages of which a model of inference is asked: once for each of 25 genres."""


@dataclass(frozen=True)
class TaskEncoder:
    """Vectors by one sentence encoder; `encoder` names it."""

    model: TaskModel
    worker: Worker

    @property
    def encoder(self) -> str:
        return identity_of(self.model, "embeddings")

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text. Raises ServiceError."""
        from ebook_pipeline.resources.models import onnx_vectors

        return _asked(self.worker, onnx_vectors.vectors_of, self.model, list(texts))


@dataclass(frozen=True)
class TaskRunner:
    """`models` by task and language, asked in the child of `worker`.

    Whatever goes wrong with a model is a fault of ours: ServiceError, never a BookError.
    """

    models: TaskModels
    worker: Worker

    def identity(self, task: str, language: str) -> str:
        """The model that does `task` in `language`, with its digest; empty without one."""
        model = self.models.model(task, language)
        return identity_of(model, task) if model else ""

    def used_in(self, language: str, tasks: Sequence[str] = TASKS) -> tuple[str, ...]:
        """``task=model`` for each task that has a model in `language`."""
        named = ((task, self.identity(task, language)) for task in tasks)
        return tuple(f"{task}={identity}" for task, identity in named if identity)

    @property
    def identities(self) -> tuple[str, ...]:
        """Every model there is, each once; a bad one fails the books of its language alone."""
        named = (
            _identity_or_unreadable(model, task)
            for task in TASKS
            for model in self.models.by_language(task).values()
        )
        return tuple(dict.fromkeys(named))

    def entities(self, texts: Sequence[str], language: str) -> list[tuple[str, str]]:
        """Names in `texts`; none without a model."""
        model = self.models.model("names", language)
        if not model or not texts:
            return []
        from ebook_pipeline.resources.models import onnx_names

        return _asked(self.worker, onnx_names.entities_of, model, list(texts))

    def encoder_in(self, language: str) -> TaskEncoder | None:
        """The sentence encoder of `language`."""
        model = self.models.model("embeddings", language)
        return TaskEncoder(model, self.worker) if model else None

    def genre_shares(
        self, texts: Sequence[str], language: str, terms: Mapping[str, str]
    ) -> dict[str, float]:
        """How likely each genre is (0 to 1), by its code; `terms` are what codes are called.

        The mean of the passages that were read. Empty without a model.
        """
        model = self.models.model("genre", language)
        if not model or not texts:
            return {}
        from ebook_pipeline.resources.models import onnx_texts

        codes = _meanings(model, terms)
        labels = _asked(self.worker, onnx_texts.labels_told, model)
        most = MOST_TEXTS["genre"] if labels else MOST_INFERRED
        read = spread(texts, most)
        _require_known(model, labels, codes)
        asked = list(terms.values())
        told = _asked(self.worker, onnx_texts.shares_of, model, read, asked)
        return _mean(told, codes)

    def content_shares(
        self, texts: Sequence[str], language: str, kinds: Mapping[str, str]
    ) -> list[tuple[int, dict[str, float]]]:
        """Of each passage that is read its number, and how likely each kind of content is.

        `kinds` are what the kinds' names are called. Empty without a model.
        """
        model = self.models.model("appropriateness", language)
        if not model or not texts:
            return []
        from ebook_pipeline.resources.models import onnx_texts

        meanings = _meanings(model, kinds)
        labels = _asked(self.worker, onnx_texts.labels_told, model)
        if not labels:
            raise ServiceError(f"{model.folder} tells what follows, no kinds: name a classifier")
        _require_known(model, labels, meanings)
        numbers = spread(range(len(texts)), MOST_TEXTS["appropriateness"])
        told = _asked(self.worker, onnx_texts.shares_of, model, [texts[n] for n in numbers], [])
        return [(n, _mean([shares], meanings)) for n, shares in zip(numbers, told, strict=True)]

    def summaries(self, text: str, language: str) -> list[str]:
        """What a model makes of `text`, a piece per window; none without a model."""
        model = self.models.model("summary", language)
        if not model or not text:
            return []
        from ebook_pipeline.resources.models import onnx_summaries

        return _asked(self.worker, onnx_summaries.summaries_of, model, text)

    def tried(self, task: str, known: Mapping[str, str]) -> dict[str, str]:
        """By language the model of `task`, each loaded and asked once. Raises ServiceError.

        `known` are what the task's genres or kinds are called, by their codes or names.
        """
        ask: dict[str, Callable[[str], object]] = {
            "names": lambda tag: self.entities([_TRIED], tag),
            "genre": lambda tag: self.genre_shares([_TRIED], tag, known),
            "appropriateness": lambda tag: self.content_shares([_TRIED], tag, known),
            "embeddings": lambda tag: self._vectors(tag),
            "summary": lambda tag: self.summaries(_TRIED, tag),
        }
        for tag in self.models.by_language(task):
            ask[task]("" if tag == EVERY_LANGUAGE else tag)
        return {tag: self.identity(task, tag) for tag in self.models.by_language(task)}

    def _vectors(self, language: str) -> object:
        encoder = self.encoder_in(language)
        return encoder.embed([_TRIED]) if encoder else []


_TRIED = "Alice was beginning to get very tired of sitting by her sister on the bank."


def _asked(worker: Worker, function: Callable[..., T], model: TaskModel, *rest: object) -> T:
    try:
        return worker.call(function, model.folder, *rest)
    except BookError as error:
        raise ServiceError(f"the model in {model.folder} ended: {error}") from error


def _meanings(model: TaskModel, terms: Mapping[str, str]) -> dict[str, str]:
    """Our code or name by label, in lower case: as stated, as it is called, or as it is.

    Raises ServiceError for a label that is said to mean what we have not.
    """
    if unknown := sorted(set(model.labels.values()) - set(terms)):
        raise ServiceError(
            f"the table of models gives {model.folder.name} labels that mean {', '.join(unknown)}; "
            f"known are {', '.join(terms)}"
        )
    own = {name.lower(): name for name in terms}
    called = {term.lower(): name for name, term in terms.items()}
    stated = {label.lower(): meant for label, meant in model.labels.items()}
    return {**own, **called, **stated}


def _require_known(model: TaskModel, labels: Sequence[str], meanings: Mapping[str, str]) -> None:
    if labels and not any(label.lower() in meanings for label in labels):
        told = ", ".join(labels[:8])
        raise ServiceError(
            f"{model.folder}: none of its labels ({told}) is known; say in the table of models "
            "what they mean (labels = { … })"
        )


def _mean(told: Sequence[Mapping[str, float]], meanings: Mapping[str, str]) -> dict[str, float]:
    """By our names; of two labels with one meaning the sum."""
    sums: dict[str, float] = {}
    for shares in told:
        for label, share in shares.items():
            if meant := meanings.get(label.lower()):
                sums[meant] = sums.get(meant, 0.0) + share / len(told)
    return {name: min(1.0, share) for name, share in sums.items()}


def _identity_or_unreadable(model: TaskModel, task: str) -> str:
    try:
        return identity_of(model, task)
    except ServiceError:
        return f"{model.folder.name}-unreadable"
