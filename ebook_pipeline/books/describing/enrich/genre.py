"""The genres of a book: what its passages mean, which words it uses, what people say of it.

Nothing is learned from labelled books: passages are compared with descriptions of each label, and
what counts is how unusual the likeness is (`background`).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ebook_pipeline.books.describing.enrich import background
from ebook_pipeline.books.describing.enrich.background import Background, BackgroundRow, FloatArray
from ebook_pipeline.books.describing.enrich.encoder import Encoder
from ebook_pipeline.books.describing.enrich.form import TextForm
from ebook_pipeline.books.describing.enrich.labels import Label, labels, words_of_each
from ebook_pipeline.books.describing.enrich.passages import NUMBER
from ebook_pipeline.books.describing.enrich.prompt_vectors import kept_vectors, prompts
from ebook_pipeline.books.describing.enrich.vocabulary import Vocabulary
from ebook_pipeline.books.records import Genre, Product

# Points of a score and what divides them are weighed against each other on the books of
# `benchmarks/metadata.py --only genre`, which prints how many genres come out right.
MOST = 3
"""Genres of one book: who sells it shelves it under no more."""
SUGGESTED = 0.2
"""Below this confidence (0 to 1) a genre is not even suggested."""
_HEADING, _TOPIC, _FURTHER, _TITLE, _DESCRIPTION = 4.0, 2.0, 1.0, 3.0, 1.0
"""Points for a heading that names the genre, for one that names a topic of it, for each further
one, for a word of the title, for one of the description."""
_INVENTED = 3.0
"""Points that labels of fact lose where headings say that the book is fiction."""
_FORM = {TextForm.VERSE: "DC", TextForm.PLAY: "DD"}
_IN_FORM = 5.0
"""Points for poetry where lines are verse, and for drama where speakers are named."""
_WORDS = 0.5
"""Points for each standard deviation by which a book uses a label's words more than others do."""
_DESCRIBED = 0.5
"""Points for each standard deviation of the description's likeness to a label, two at the most."""
_SPREAD_OF_SHORT = 0.08
"""The standard deviation of the cosines of a short text with the labels' prompts."""
_GENERAL = 1.0
"""Points that a general label loses: Thema's rule is the most specific subject that fits."""
_EVEN = 4.5
"""The score at which a genre is as likely as not."""
_HALVED = 3.0
"""How many points behind the first genre another one has half of its confidence."""
_LEAST_SHARE = 0.012
"""Of a classifier of genres, the share (0 to 1) from which a genre gets points: one alone makes the
confidence what the share is."""
_MOST_CLASSIFIED = 7.5
"""Points of a classifier that is sure."""
_LEAST_SPREAD = 1e-4
"""Of the cosines of a book with the labels, below which they tell nothing."""
FEWEST_WORDS = 1000
"""Of a shorter text words and passages say nothing certain."""


@dataclass(frozen=True)
class GenreEvidence:
    """What is known of one book: vectors of its passages and description, words, form, card.

    `rates` are `word_rates`, none of a text that is short or not English. The vectors have one row
    each; none where no model read them. `shares` are what a classifier of genres told, by code.
    """

    product: Product
    rates: tuple[float, ...] = ()
    form: TextForm = TextForm.PROSE
    passages: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    described: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    shares: Mapping[str, float] = field(default_factory=dict)


class GenreModel:
    """Compares with the labels by the vectors of `encoder`; `known` is the background."""

    def __init__(self, encoder: Encoder, known: Background | None = None) -> None:
        self._encoder = encoder
        self._known = known if known is not None else background.background()

    @cached_property
    def _prompts(self) -> tuple[FloatArray, ...]:
        """Per label the vectors of its prompts."""
        kept = kept_vectors(self._encoder.encoder)
        vectors = iter(kept or self._encoder.embed(prompts()))
        return tuple(np.array([next(vectors) for _ in label.prompts]) for label in labels())

    def genres(self, evidence: GenreEvidence) -> tuple[Genre, ...]:
        """The likeliest genres, best first, at most `MOST`; doubtful ones with low confidence."""
        scores = self.scores(evidence)
        best = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:MOST]
        first = scores[best[0]]
        likeliest = (_genre(labels()[index], scores[index], first) for index in best)
        return tuple(genre for genre in likeliest if genre.confidence >= SUGGESTED)

    def scores(self, evidence: GenreEvidence) -> FloatArray:
        """One figure per label; the higher, the likelier."""
        total: FloatArray = np.array([_stated(label, evidence) for label in labels()])
        total += [_classified(evidence.shares.get(label.code, 0.0)) for label in labels()]
        if evidence.rates:
            total += _WORDS * self._known.unusual("words", evidence.rates)
        if background.ENCODER in self._encoder.encoder.lower():
            return total + self._meant(evidence) if evidence.rates else total
        return total + self._nearest(evidence.passages)

    def _nearest(self, passages: FloatArray) -> FloatArray:
        """By an encoder of whose vectors nothing is known: standard deviations among the labels."""
        if not len(passages):
            return np.zeros(len(labels()))
        likeness = self._likeness(passages)
        standard: FloatArray = (likeness - likeness.mean()) / max(likeness.std(), _LEAST_SPREAD)
        return np.maximum(standard, 0)

    def row(self, passages: FloatArray, vocabulary: Vocabulary) -> BackgroundRow:
        """What the background keeps of a book."""
        meant = tuple(float(round(figure, 4)) for figure in self._likeness(passages))
        return BackgroundRow(meant, word_rates(vocabulary))

    def _meant(self, evidence: GenreEvidence) -> FloatArray:
        total: FloatArray = np.zeros(len(labels()))
        if len(evidence.passages):
            sure = min(1.0, len(evidence.passages) / NUMBER) ** 0.5
            total += sure * self._known.unusual("meaning", self._likeness(evidence.passages))
        if len(evidence.described):
            likeness = self._likeness(evidence.described) - self._usual
            standard = (likeness - likeness.mean()) / _SPREAD_OF_SHORT
            total += _DESCRIBED * np.clip(standard, -2, 2)
        return total

    @cached_property
    def _usual(self) -> FloatArray:
        usual: FloatArray = np.array([row.meaning for row in self._known.rows.values()]).mean(
            axis=0
        )
        return usual

    def _likeness(self, vectors: FloatArray) -> FloatArray:
        """Mean cosine of all `vectors` with the prompts of each label."""
        means = [float((vectors @ prompts.T).mean()) for prompts in self._prompts]
        return np.array(means)


def word_rates(vocabulary: Vocabulary) -> tuple[float, ...]:
    """How much a text uses the words of each label: logarithms of rates per 10,000 words.

    None of a text of fewer words than `FEWEST_WORDS`.
    """
    total = vocabulary.total
    if total < FEWEST_WORDS:
        return ()
    lists = [(label.words, label.stems) for label in labels()]
    used = words_of_each(lists, vocabulary.types)
    counts = [sum(vocabulary.types[word] for word in words) for words in used]
    return tuple(round(math.log1p(10_000 * count / total), 3) for count in counts)


def _genre(label: Label, score: float, first: float) -> Genre:
    confidence = 2 ** ((score - first) / _HALVED) / (1 + math.exp(_EVEN - score))
    return Genre(code=label.code, term=label.term, confidence=round(confidence, 2))


def _classified(share: float) -> float:
    """Points for what a classifier told: of `share` alone, the confidence becomes `share`."""
    if share < _LEAST_SHARE:
        return 0.0
    return min(_MOST_CLASSIFIED, _EVEN + math.log(share / max(1e-9, 1 - share)))


def _stated(label: Label, evidence: GenreEvidence) -> float:
    """What headings, title, description and printed form say for `label`."""
    product = evidence.product
    headings = [subject.term for subject in product.subjects]
    hits = list(_hits(label, headings))
    score = max(hits, default=0.0) + _FURTHER * min(2, max(0, len(hits) - 1))
    if label.general:
        score -= _GENERAL
    if not label.fiction and any(map(_is_topic, headings)):
        score -= _INVENTED
    if label.titles.search(f"{product.title} {product.subtitle or ''}"):
        score += _TITLE
    if label.subjects.search(product.description):
        score += _DESCRIPTION
    return score + (_IN_FORM if _FORM.get(evidence.form) == label.code else 0.0)


def _hits(label: Label, headings: Sequence[str]) -> Iterator[float]:
    """*Science fiction* names a genre; *Vampires -- Fiction* only a topic of one."""
    for heading in headings:
        invented = "fiction" in heading.lower() or "stories" in heading.lower()
        if label.subjects.search(heading) and (label.fiction or not invented):
            yield _TOPIC if _is_topic(heading) else _HEADING


def _is_topic(heading: str) -> bool:
    return heading.lower().rstrip(". ").endswith(("-- fiction", "--fiction"))
