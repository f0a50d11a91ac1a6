"""Language, sentences and names by py3langid and spaCy, in a worker's child."""

import functools
import importlib.metadata
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ebook_pipeline.books.text import paragraphs
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.installed_versions import installed_version
from ebook_pipeline.resources.models.onnx_folders import model_document
from ebook_pipeline.resources.models.task_models import TaskModels
from ebook_pipeline.resources.models.task_runner import TaskRunner
from ebook_pipeline.tools.worker import Worker

SENTENCES_WITHOUT = ("ner", "lemmatizer", "tagger", "attribute_ruler")
NEVER_ASKED = ("parser", "senter", "lemmatizer")
NAMES_WITHOUT = ("tagger", "attribute_ruler", "morphologizer")
WORDS_WITHOUT = ("ner",)
"""Parts of a spaCy model that cost time and give nothing to the question; names and parts of speech
are told by one loaded model."""
PASSAGES_AT_ONCE = 32
"""Texts that are read for names together: 16 take a sixth more time, 120 of 150 words 400 MB more
memory and no less time."""
_TAG = 2
_SIZES = ("sm", "md", "lg", "trf")


class LanguageAnalyzer:
    """Asks a child of the sandbox that keeps its models; no endpoint offers this.

    `tasks` name the models that tell names before spaCy's do. `spacy_model` is the name or folder
    of a spaCy model, for its own language; of the others each is served by the model that is
    installed for it, English by the one that the lock brings.
    """

    def __init__(
        self,
        spacy_model: str = "",
        tasks: TaskModels | None = None,
    ) -> None:
        self._spacy_model, named = spacy_model, tasks or TaskModels()
        reads = (*model_folder(spacy_model), *named.folders)
        self._worker = Worker(reads=tuple(path.resolve() for path in reads))
        self.tasks = TaskRunner(named, self._worker)

    @property
    def version(self) -> str:
        return f"py3langid-{installed_version('py3langid')}+spacy-{installed_version('spacy')}"

    @functools.cached_property
    def _by_language(self) -> dict[str, str]:
        """Names or folders of the models, by primary tag."""
        named = {_language_of(self._spacy_model): self._spacy_model} if self._spacy_model else {}
        return {**installed_models(), **named}

    @property
    def namers(self) -> str:
        """Every installed model that names, or parts of speech, may come from."""
        taggers = map(self._tagger, sorted(self._by_language))
        return "+".join(dict.fromkeys(taggers)) or "no-names"

    def namer(self, language: str) -> str:
        """The model that tells names in `language`, with its version; empty where there is none."""
        return self.tasks.identity("names", language) or self._tagger(language)

    def used_in(self, language: str) -> tuple[str, ...]:
        """The models that tell names and parts of speech in `language`."""
        told = (self.namer(language), self._tagger(language))
        return tuple(dict.fromkeys(filter(None, told)))

    def _tagger(self, language: str) -> str:
        name = self._by_language.get(language, "")
        return f"{Path(name).name}-{_version_of(name)}" if name else ""

    @property
    def namers_by_language(self) -> dict[str, str]:
        """Who tells names, by primary tag; ``*`` for all others."""
        return {
            tag: self.namer(tag) for tag in sorted({*self._by_language, *self.tasks.models.names})
        }

    def language(self, text: str) -> str:
        return self._worker.call(language_of, text)

    def sentences(self, text: str) -> list[str]:
        return self._worker.call(sentences_of, self._spacy_model, text)

    def entities(self, texts: Sequence[str], language: str) -> list[tuple[str, str]]:
        if self.tasks.models.model("names", language):
            return self.tasks.entities(texts, language)
        name = self._by_language.get(language, "")
        if not texts or not name:
            return []
        return self._worker.call(entities_of, name, list(texts))

    def parts_of_speech(self, texts: Sequence[str], language: str) -> list[list[tuple[str, str]]]:
        name = self._by_language.get(language, "")
        if not name or not texts:
            return []
        return self._worker.call(parts_of_speech_of, name, list(texts))


def installed_models() -> dict[str, str]:
    """The installed pipelines (entry points of spaCy's) by language; a smaller one goes first."""
    found = importlib.metadata.entry_points(group="spacy_models")
    names = sorted((entry.name for entry in found), key=lambda name: (_size(name), name))
    return {name.partition("_")[0]: name for name in reversed(names)}


def _size(name: str) -> int:
    return next((rank for rank, size in enumerate(_SIZES) if f"_{size}" in name), len(_SIZES))


def _language_of(spacy_model: str) -> str:
    """What a folder's description says, or what a package is named by; English if neither does."""
    meta = Path(spacy_model) / "meta.json"
    if meta.is_file():
        return str(model_document(meta).get("lang", "en"))
    first = spacy_model.partition("_")[0]
    return first if len(first) == _TAG else "en"


def _version_of(name: str) -> str:
    """Of a package its version; of a folder what its description says. Raises ServiceError."""
    meta = Path(name) / "meta.json"
    if meta.is_file():
        return str(model_document(meta).get("version", ""))
    try:
        return installed_version(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise ServiceError(f"EBOOK_SPACY_MODEL={name} is not installed") from error


def model_folder(spacy_model: str) -> tuple[Path, ...]:
    """The folder that `spacy_model` is, where it is no installed package."""
    folder = Path(spacy_model)
    return (folder.resolve(),) if spacy_model and folder.is_dir() else ()


def language_of(text: str) -> str:
    """The likeliest language of `text`; ``und`` where there are no letters."""
    if not any(map(str.isalpha, text)):
        return "und"
    from ebook_pipeline.books.language_detection import detected_language

    return detected_language(text)


def sentences_of(spacy_model: str, text: str) -> list[str]:
    """Paragraph by paragraph, for spaCy refuses more than a million characters at once."""
    pipeline = _pipeline(spacy_model, SENTENCES_WITHOUT)
    sentences: list[str] = []
    with pipeline.memory_zone():
        for document in pipeline.pipe(
            _pieces(text, pipeline.max_length), disable=_idle(pipeline, ())
        ):
            sentences.extend(span.text.strip() for span in document.sents)
    return [sentence for sentence in sentences if sentence]


def entities_of(spacy_model: str, texts: list[str]) -> list[tuple[str, str]]:
    """Names in `texts` with spaCy's kinds."""
    namer = _pipeline(spacy_model, NEVER_ASKED)
    with namer.memory_zone():
        cut = (text[: namer.max_length] for text in texts)
        idle = _idle(namer, NAMES_WITHOUT)
        documents = namer.pipe(cut, batch_size=PASSAGES_AT_ONCE, disable=idle)
        return [(entity.text, entity.label_) for read in documents for entity in read.ents]


def parts_of_speech_of(spacy_model: str, texts: list[str]) -> list[list[tuple[str, str]]]:
    """The words of each text with their part of speech; none where the model tells none."""
    tagger = _pipeline(spacy_model, NEVER_ASKED)
    if not {"tagger", "morphologizer"} & set(tagger.pipe_names):
        return []
    with tagger.memory_zone():
        cut = (text[: tagger.max_length] for text in texts)
        documents = tagger.pipe(cut, disable=_idle(tagger, WORDS_WITHOUT))
        return [[(word.text, word.pos_) for word in document] for document in documents]


@functools.cache
def _pipeline(name: str, without: tuple[str, ...]) -> Any:
    _leave_out_commands()
    import spacy
    from thinc.api import NumpyOps, set_current_ops

    # The wheels of BLIS are built for no processor; NumPy's library takes a third of its time.
    set_current_ops(NumpyOps(use_blis=False))
    if not name:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
        return pipeline
    try:
        return spacy.load(name, exclude=without)
    except OSError as error:
        raise ServiceError(f"EBOOK_SPACY_MODEL={name} is not installed") from error


def _leave_out_commands() -> None:
    """spaCy's command line, with typer, requests and what they bring, is a third of its import."""
    if "spacy" in sys.modules:
        return
    for name in ("spacy.cli", "spacy.cli.info"):
        empty = sys.modules[name] = types.ModuleType(name)
        empty.info = None  # type: ignore[attr-defined]  # what spaCy imports of it


def _idle(pipeline: Any, without: Sequence[str]) -> list[str]:
    """The parts `without`, and the vectors too where no other part listens to them.

    They are half the work then: spaCy's namers mostly have their own.
    """
    idle = [name for name in pipeline.pipe_names if name in without]
    if "tok2vec" in pipeline.pipe_names:
        listening = pipeline.get_pipe("tok2vec").listening_components
        if not set(listening) & {*pipeline.pipe_names} - {*idle}:
            idle.append("tok2vec")
    return idle


def _pieces(text: str, longest: int) -> list[str]:
    return [
        part[start : start + longest]
        for part in paragraphs(text)
        for start in range(0, len(part), longest)
    ]
