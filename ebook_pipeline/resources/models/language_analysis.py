"""Language, sentences and names by py3langid and spaCy, in a worker's child."""

import functools
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ebook_pipeline.books.text import paragraphs
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.tools.worker import Worker

SENTENCES_WITHOUT = ("ner", "lemmatizer", "tagger", "attribute_ruler")
NAMES_WITHOUT = ("parser", "senter", "lemmatizer", "tagger", "attribute_ruler")
"""Parts of a spaCy model that cost time and give nothing to the question."""


class LanguageAnalyzer:
    """Asks the child of `worker`; no endpoint offers this.

    `spacy_model` is the name or folder of an installed spaCy model; empty: a blank English one
    with the rule-based sentencizer.
    """

    def __init__(self, spacy_model: str = "", worker: Worker | None = None) -> None:
        self._spacy_model = spacy_model
        self._worker = worker or Worker(reads=model_folder(spacy_model))

    @property
    def version(self) -> str:
        installed = importlib.metadata.version
        spacy = f"spacy-{installed('spacy')}-{self._spacy_model or 'blank'}"
        return f"py3langid-{installed('py3langid')}+{spacy}"

    def language(self, text: str) -> str:
        return self._worker.call(language_of, text)

    def sentences(self, text: str) -> list[str]:
        return self._worker.call(sentences_of, self._spacy_model, text)

    def entities(self, texts: Sequence[str]) -> list[tuple[str, str]]:
        if not self._spacy_model:
            return []
        return self._worker.call(entities_of, self._spacy_model, list(texts))


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
        for document in pipeline.pipe(_pieces(text, pipeline.max_length)):
            sentences.extend(span.text.strip() for span in document.sents)
    return [sentence for sentence in sentences if sentence]


def entities_of(spacy_model: str, texts: list[str]) -> list[tuple[str, str]]:
    """Names in `texts` with spaCy's kinds."""
    namer = _pipeline(spacy_model, NAMES_WITHOUT)
    with namer.memory_zone():
        cut = (text[: namer.max_length] for text in texts)
        return [
            (entity.text, entity.label_) for document in namer.pipe(cut) for entity in document.ents
        ]


@functools.cache
def _pipeline(name: str, without: tuple[str, ...]) -> Any:
    import spacy

    if not name:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
        return pipeline
    try:
        return spacy.load(name, exclude=without)
    except OSError as error:
        raise ServiceError(f"EBOOK_SPACY_MODEL={name} is not installed") from error


def _pieces(text: str, longest: int) -> list[str]:
    return [
        part[start : start + longest]
        for part in paragraphs(text)
        for start in range(0, len(part), longest)
    ]
