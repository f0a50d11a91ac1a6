"""A description completed by what models make of the text; what anybody states stays untouched."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ebook_pipeline.books.describing.enrich import audience, finer, keywords, names, set_in
from ebook_pipeline.books.describing.enrich.background import FloatArray
from ebook_pipeline.books.describing.enrich.bisac import BisacMapping, with_bisac
from ebook_pipeline.books.describing.enrich.book_embedding import RECIPE, book_embedding
from ebook_pipeline.books.describing.enrich.brief import Brief, Copywriter, UnusableAnswer
from ebook_pipeline.books.describing.enrich.encoder import Encoder, EnrichmentModels
from ebook_pipeline.books.describing.enrich.genre import FEWEST_WORDS, GenreEvidence, GenreModel
from ebook_pipeline.books.describing.enrich.labels import digest, labels
from ebook_pipeline.books.describing.enrich.summary import SPOILERS_FROM, summary
from ebook_pipeline.books.describing.enrich.text_facts import language_samples, text_facts
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Genre, Origin, Product, Provenance
from ebook_pipeline.foundation.findings import Finding, Severity
from ebook_pipeline.foundation.installed_versions import named_version
from ebook_pipeline.tools.worker import Worker

VERSION = "enrich-8"
"""Part of every description's version: grows when an answer changes."""
_DESCRIBED_WORDS = 150
_MOST_NAMES = 10


@dataclass(frozen=True)
class Enricher:
    """Who completes descriptions: text models, a copywriter, and BISAC headings if licensed.

    `reader`'s child reads the texts: what a stranger wrote is worked on within limits.
    """

    models: EnrichmentModels
    copywriter: Copywriter
    bisac: BisacMapping = field(default_factory=dict)
    reader: Worker = field(default_factory=Worker)

    @property
    def version(self) -> str:
        """Whatever may change an answer, but for the models that `Product.models` names."""
        return f"{VERSION}-{digest()}+{RECIPE}+{self.models.common}+{self.copywriter.version}"

    def models_for(self, language: str) -> tuple[str, ...]:
        """What serves books in `language` (a primary tag) alone. Raises ServiceError."""
        return self.models.used_in(language)

    def models_of(self, task: str, language: str) -> tuple[str, ...]:
        """Of `models_for` those that do `task`."""
        named = (name.partition("=") for name in self.models.used_in(language))
        return tuple(model for doing, _, model in named if doing == task)

    def genre_model(self, encoder: Encoder) -> GenreModel:
        """It compares with the labels by `encoder`; made once."""
        return self._genre_models.setdefault(encoder.encoder, GenreModel(encoder))

    @cached_property
    def _genre_models(self) -> dict[str, GenreModel]:
        return {}

    def enriched(self, product: Product, text: str) -> Product:
        """`product` with its empty fields filled from `text`, each with who made it.

        The same for the same book and models. Raises ServiceError, Unavailable, LimitExceeded and
        BookError where the text is one to be refused.
        """
        return _Enrichment(self, product, text).done()


class _Enrichment:
    """One book in the making; every step fills a field that nobody has stated."""

    def __init__(self, enricher: Enricher, product: Product, text: str) -> None:
        self._by, self._product = enricher, product
        self._models, self._read = enricher.models, enricher.reader.call
        self._findings = list(product.findings)
        self._tell_language(text)
        self._text = self._read(text_facts, text, self._language)
        self._encoder = self._models.encoder_in(self._language)
        self._vectors = self._meanings()
        self._told_topics: tuple[str, ...] = ()

    def done(self) -> Product:
        self._tell_genres()
        self._tell_words()
        self._tell_audience()
        self._tell_qualifiers()
        self._tell_summary()
        self._describe()
        about = book_embedding(self._product, self._vectors, self._encoder or self._models)
        made = {
            "findings": tuple(self._findings),
            "meaning": about,
            "models": self._by.models_for(self._language),
        }
        return self._product.model_copy(update=made)

    @property
    def _language(self) -> str:
        languages = self._product.languages
        return primary_tag(languages[0]) if languages else ""

    def _meanings(self) -> FloatArray:
        """None for texts that the model does not understand, or too short to mean something."""
        if self._encoder is None or self._text.words < FEWEST_WORDS:
            return np.zeros((0, 0))
        return self._embedded([passage.text for passage in self._text.passages])

    def _tell_language(self, text: str) -> None:
        pieces = self._read(language_samples, text) if self._is_open("languages") else ()
        if pieces:
            heard = Counter(map(self._models.language, pieces))
            tag, times = heard.most_common(1)[0]
            if tag != "und":
                self._fill("languages", (tag,), self._models.analyzer, times / heard.total())

    def _tell_genres(self) -> None:
        if not self._is_open("genres"):
            return
        about = " ".join(f"{self._product.title}. {self._product.description}".split())
        evidence = GenreEvidence(
            self._product,
            self._text.rates,
            self._text.manner.form,
            self._vectors,
            self._embedded([_first_words(about)]) if self._has_blurb() else np.zeros((0, 0)),
            self._classified(),
        )
        encoder = self._encoder or self._models
        genres = self._by.genre_model(encoder).genres(evidence)
        if genres:
            narrowed = finer.refined(genres, self._product, self._text.subjects)
            both = with_bisac(narrowed, self._by.bisac)
            classifiers = self._by.models_of("genre", self._language) if evidence.shares else ()
            by = "+".join((encoder.encoder, *classifiers))
            self._fill("genres", both, by, genres[0].confidence)

    def _classified(self) -> dict[str, float]:
        """What a classifier of genres tells of the passages, where one is named."""
        if self._text.words < FEWEST_WORDS:
            return {}
        terms = {label.code: label.term for label in labels()}
        read = [passage.text for passage in self._text.passages]
        return self._models.genre_shares(read, self._language, terms)

    def _has_blurb(self) -> bool:
        """A description that people wrote, in the language of the labels."""
        return self._language == "en" and bool(self._product.description and self._encoder)

    def _tell_words(self) -> None:
        """Names and topics; the topics need frequencies of the language, the cues are English."""
        named, by = self._names()
        if self._text.speakers:
            named = names.with_speakers(named, self._text.speakers)
            by = "+".join(filter(None, ("speakers", by)))
        if named.people and self._is_open("people"):
            self._fill("people", named.people, by, None)
        if named.places and self._is_open("places"):
            self._fill("places", named.places, by, None)
        if self._is_open("keywords") and self._text.words >= FEWEST_WORDS:
            spoken_of = (*self._others(named.people), *named.places)
            self._told_topics, by = self._topics()
            both = (*self._told_topics, *spoken_of[:_MOST_NAMES])
            if both:
                self._fill("keywords", tuple(dict.fromkeys(both)), by, None)

    def _topics(self) -> tuple[tuple[str, ...], str]:
        """Nouns as a model of the language tells them, or its articles alone; who told them."""
        found, frequencies = self._text.topics, named_version("wordfreq")
        tagged = self._models.parts_of_speech(keywords.uses(found), self._language)
        by = f"{frequencies}+{self._models.namer(self._language)}" if tagged else frequencies
        return keywords.topics(found, tagged), by

    def _others(self, people: tuple[str, ...]) -> list[str]:
        """Without the author, whom nobody has to look for among the words."""
        own = {word for creator in self._product.creators for word in creator.name.split()}
        return [name for name in people if not set(name.split()) <= own]

    def _names(self) -> tuple[names.Names, str]:
        """By cues and the model of the language together; of a short text by cues alone."""
        long = self._text.words >= FEWEST_WORDS
        read = self._text.read_for_names if long else ()
        entities = self._models.entities(read, self._language)
        if self._language != "en":
            return names.from_model(entities), self._models.namer(self._language)
        by = f"cues+{self._models.namer(self._language)}" if entities else "cues"
        return names.from_both(self._text.names, entities), by

    def _tell_audience(self) -> None:
        if self._is_open("audience") and self._text.words >= FEWEST_WORDS:
            guess, confidence = audience.guess_audience(
                self._product, self._product.genres, self._text.sentence_words
            )
            self._fill("audience", guess, "audience", confidence)

    def _tell_qualifiers(self) -> None:
        """Where and when it is set, from which language and for which age, each with evidence."""
        if not self._is_open("qualifiers"):
            return
        told = (
            *set_in.places(self._text.setting),
            *set_in.times(self._text.setting),
            *(
                one
                for found in self._text.translated_from
                for one in set_in.original_language(*found)
            ),
            *self._interest_age(),
        )
        if told:
            sure = max(genre.confidence for genre in told)
            self._fill("qualifiers", told, "names+years", sure)

    def _interest_age(self) -> tuple[Genre, ...]:
        source = self._product.provenance.get("audience")
        if source is None:
            return ()
        sure = 1.0 if source.confidence is None else source.confidence
        return set_in.interest_age(self._product.audience, sure, source.origin.value)

    def _tell_summary(self) -> None:
        if self._is_open("summary") and len(self._vectors) and self._encoder:
            sentences = summary(self._text.passages, self._vectors, self._encoder)
            if sentences:
                self._fill("summary", sentences, self._encoder.encoder, None)

    def _describe(self) -> None:
        """Only a book that nobody has described; a bad answer is a finding, not a description."""
        is_told = bool(self._product.summary) or self._is_open("summary")
        if not self._is_open("description") or not is_told or self._text.words < FEWEST_WORDS:
            return
        try:
            text = self._by.copywriter.describe(self._brief())
        except UnusableAnswer as error:
            self._findings.append(_refused(str(error)))
            return
        if text and self._models.language(text) != self._language:
            self._findings.append(_refused("it is in another language than the book"))
        elif text:
            self._fill("description", text, self._by.copywriter.author(self._language), None)

    def _brief(self) -> Brief:
        product = self._product
        return Brief(
            title=product.title,
            creators=tuple(creator.name for creator in product.creators),
            language=product.languages[0] if product.languages else "",
            genres=tuple(genre.term for genre in product.genres if genre.assigned),
            passages=product.summary,
            people=tuple(self._others(product.people)),
            places=product.places,
            topics=self._told_topics,
            manner=self._text.manner,
            excerpts=tuple(one.text for one in self._text.passages if one.at < SPOILERS_FROM),
        )

    def _is_open(self, name: str) -> bool:
        return name not in self._product.provenance and not getattr(self._product, name)

    def _fill(self, name: str, value: Any, by: str, confidence: float | None) -> None:
        sure = None if confidence is None else round(confidence, 2)
        source = Provenance(origin=Origin.MODEL, model=f"{VERSION}+{by}", confidence=sure)
        provenance = {**self._product.provenance, name: source}
        self._product = self._product.model_copy(update={name: value, "provenance": provenance})

    def _embedded(self, texts: list[str]) -> FloatArray:
        vectors: FloatArray = np.array((self._encoder or self._models).embed(texts))
        return vectors


def _first_words(text: str) -> str:
    return " ".join(text.split()[:_DESCRIBED_WORDS])


def _refused(why: str) -> Finding:
    return Finding(
        rule="metadata.description-refused",
        severity=Severity.INFO,
        message=f"What the language model wrote was not taken: {why}.",
        remedy="State a description where you submit the book (sidecar: description).",
    )
