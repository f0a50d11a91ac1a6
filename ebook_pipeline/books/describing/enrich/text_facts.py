"""What enrichment is told of a text: read once, in a child, and small whatever its length."""

from dataclasses import dataclass, field

from ebook_pipeline.books import text as prose
from ebook_pipeline.books.describing.enrich import composed, finer, keywords, names, set_in
from ebook_pipeline.books.describing.enrich.form import TextForm, form_of, speakers
from ebook_pipeline.books.describing.enrich.genre import FEWEST_WORDS, word_rates
from ebook_pipeline.books.describing.enrich.manner import Manner, manner_of
from ebook_pipeline.books.describing.enrich.passages import (
    WORDS,
    SampledPassage,
    author_parts,
    passages,
    without_repeats,
)
from ebook_pipeline.books.describing.enrich.vocabulary import vocabulary

_FRONT = 20_000
"""Characters of a text among which its title and copyright pages are."""
_SAMPLES, _SAMPLE_WORDS = 12, 60
_READ_FOR_NAMES = 120
"""Passages that a model of names reads: it is slow."""
_NAMED_WORDS = 75
"""Words of such a passage where cues vote too, in English: of 150 the same labelled names come out
(`benchmarks/metadata.py --only names`: P .92, R .77) for half more time, of 80 passages fewer."""


@dataclass(frozen=True)
class TextFacts:
    """What the words of a text say without a model.

    `words` is their number; `rates` of its labels' words, `names` with their uses and
    `sentence_words`, the mean length of a sentence, are known of English, `topics` where somebody
    has counted the language. `read_for_names` is what a model of names is given.
    """

    words: int
    passages: tuple[SampledPassage, ...]
    read_for_names: tuple[str, ...]
    manner: Manner
    rates: tuple[float, ...]
    sentence_words: float | None
    names: tuple[names.NameUses, ...]
    topics: tuple[keywords.TopicCandidate, ...]
    speakers: tuple[str, ...] = ()
    """Of a play, whoever speaks most first."""
    subjects: tuple[finer.SubjectUses, ...] = ()
    """Of an English text, how much it uses the words of finer subjects."""
    setting: set_in.SettingUses = field(default_factory=set_in.SettingUses)
    translated_from: tuple[tuple[str, str], ...] = ()
    """The language that its first pages say it was translated from, and their words."""


def language_samples(text: str) -> tuple[str, ...]:
    """Pieces of `text` that tell its language."""
    pieces = passages(author_parts(text), _SAMPLES, _SAMPLE_WORDS)
    return tuple(piece.text for piece in pieces)


def text_facts(text: str, language: str) -> TextFacts:
    """The facts of `text`, which is in `language`, a primary tag or nothing."""
    parts = author_parts(text)
    known, form = vocabulary(parts, language), form_of(parts)
    read = without_repeats(passages(parts))
    is_long, is_english = known.total >= FEWEST_WORDS, language == "en"
    return TextFacts(
        words=known.total,
        passages=tuple(read),
        read_for_names=_read_for_names(parts, _NAMED_WORDS if is_english else WORDS),
        manner=manner_of(parts, form, composed.narrator_words(language)),
        speakers=speakers(parts) if form is TextForm.PLAY else (),
        rates=word_rates(known) if is_english else (),
        sentence_words=_sentence_words(read) if is_english else None,
        names=names.name_uses(parts, known) if is_english else (),
        topics=keywords.candidates(parts, known, language) if is_long else (),
        subjects=finer.subject_uses(known) if is_english and is_long else (),
        setting=set_in.setting_uses(parts, known) if is_long else set_in.SettingUses(),
        translated_from=tuple(set_in.translated_from(text[:_FRONT])),
    )


def _read_for_names(parts: list[str], words: int) -> tuple[str, ...]:
    read = without_repeats(passages(parts, _READ_FOR_NAMES, words))
    return tuple(piece.text for piece in read)


def _sentence_words(read: list[SampledPassage]) -> float | None:
    lengths = [
        len(sentence.split()) for passage in read for sentence in prose.sentences(passage.text)[:-1]
    ]
    return sum(lengths) / len(lengths) if lengths else None
