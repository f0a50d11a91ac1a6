"""The language that a text is in, by py3langid.

To import this costs 0.5 CPU s where the model is not laid out (`language_model`): who may not need
it imports it in the function that does, and modules of the sandbox's functions name it as what they
share.
"""

import functools
from typing import TYPE_CHECKING

from ebook_pipeline.books.language_model import language_identifier

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_IDENTIFIER = language_identifier(weighs=False)


def detected_language(text: str) -> str:
    """The likeliest language of `text`, ISO 639-1, or -3 where that has none."""
    return str(_IDENTIFIER.classify(text)[0])


def probable_language(text: str) -> tuple[str, float]:
    """The same with its probability, 0 to 1."""
    language, probability = _weighing_identifier().classify(text)
    return str(language), float(probability)


@functools.cache
def _weighing_identifier() -> "LanguageIdentifier":
    return language_identifier(weighs=True)
