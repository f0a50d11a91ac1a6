"""What enrichment asks of text models; their classes are in `resources.models.text_models`."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Encoder(Protocol):
    """Vectors of meaning; `encoder` names the model that makes them."""

    @property
    def encoder(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 per text, in order."""
        ...


class EnrichmentModels(Encoder, Protocol):
    """Vectors, language, sentences, names and genres."""

    @property
    def version(self) -> str: ...

    @property
    def common(self) -> str:
        """Of `version` what every text's answers depend on, whatever its language."""
        ...

    def used_in(self, language: str) -> tuple[str, ...]:
        """Of `version` what serves texts in `language` alone."""
        ...

    def encoder_in(self, language: str) -> Encoder | None:
        """Who makes vectors of texts in `language`; None where no model understands it."""
        ...

    def genre_shares(
        self, texts: Sequence[str], language: str, terms: Mapping[str, str]
    ) -> dict[str, float]:
        """How likely a text of these passages is of each genre (0 to 1), by its code.

        `terms` are what the codes are called. Empty where no model is named for `language`.
        """
        ...

    @property
    def analyzer(self) -> str:
        """Who tells languages."""
        ...

    def namer(self, language: str) -> str:
        """The model that tells names in `language`; empty where there is none."""
        ...

    def language(self, text: str) -> str:
        """The likeliest language as a primary tag of BCP 47."""
        ...

    def entities(self, texts: Sequence[str], language: str) -> list[tuple[str, str]]:
        """Names in `texts` in order, with their kind (``PERSON``, ``GPE``, ``LOC`` …).

        None where no model is installed that knows names in `language`.
        """
        ...

    def parts_of_speech(self, texts: Sequence[str], language: str) -> list[list[tuple[str, str]]]:
        """The words of each text with their part of speech (``NOUN``, ``VERB`` …).

        None where no model is installed for `language`.
        """
        ...
