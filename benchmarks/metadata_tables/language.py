"""Language: samples of 30 words in 20 languages, made of spaCy's example sentences."""

import importlib

from benchmarks.frame import Cell, Options, Table
from ebook_pipeline.resources.models.language_analysis import LanguageAnalyzer

LANGUAGES = (
    "en de fr es it pt nl sv da nb fi pl cs hu ro tr ru uk el he".split()  # noqa: SIM905
)
WORDS, STEP = 30, 2
SAME = {"nb": {"nb", "no", "nn"}}
"""Norwegian by its macrolanguage is right."""


def table(_: Options) -> Table:
    """A row per language; a sample begins at every second word, so they overlap."""
    analyzer = LanguageAnalyzer()
    rows: list[list[Cell]] = []
    right = number = 0
    for language in LANGUAGES:
        told = [analyzer.language(sample) for sample in samples(language)]
        same = [one in SAME.get(language, {language}) for one in told]
        wrong = " ".join(sorted({one for one, good in zip(told, same, strict=True) if not good}))
        rows.append([language, len(told), sum(same), wrong])
        right, number = right + sum(same), number + len(same)
    said = f"{right} of {number} samples of {WORDS} words are right: {right / number:.4f}."
    return Table("Language of 30 words", ("language", "samples", "right", "taken for"), rows, said)


def samples(language: str) -> list[str]:
    """Every run of `WORDS` words that begins at a multiple of `STEP`, over all sentences."""
    sentences = importlib.import_module(f"spacy.lang.{language}.examples").sentences
    words = " ".join(sentences).split()
    starts = range(0, max(1, len(words) - WORDS + 1), STEP)
    return [" ".join(words[start : start + WORDS]) for start in starts]
