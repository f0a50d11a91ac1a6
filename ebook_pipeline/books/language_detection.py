"""The language that a text is in, by py3langid.

To import this costs 0.5 CPU s, for the model is unpacked: who may not need it imports it in the
function that does, and modules of the sandbox's functions name it as what they share.
"""

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_IDENTIFIER = LanguageIdentifier.from_model_file(MODEL_FILE)


def detected_language(text: str) -> str:
    """The likeliest language of `text`, ISO 639-1, or -3 where that has none."""
    return str(_IDENTIFIER.classify(text)[0])
