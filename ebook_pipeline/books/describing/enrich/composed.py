"""A description that no model writes: how the book begins, its people, places and manner.

Every sentence but the quotations comes from `description_words.toml`; what is not known of a book
is not said, and the last line says how the text was made.
"""

import functools
from collections.abc import Iterator

from ebook_pipeline.books.describing.enrich.brief import Brief
from ebook_pipeline.books.describing.enrich.form import TextForm
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside

_MOST_PEOPLE, _MOST_PLACES, _MOST_TOPICS = 5, 4, 5
_MUCH, _LITTLE = 0.5, 0.12
"""Shares of a book's words that are spoken, above and below which it is told."""


class DescriptionWords(Record):
    """One language's sentences; a list of names goes into `{names}`, a quotation into `{quote}`."""

    outer: str
    inner: str
    space: str = ""
    opening: str
    people: str
    places: str
    topics: str
    first_person: str = ""
    much_speech: str
    little_speech: str
    verse: str
    play: str
    later: str
    made: str
    narrator: tuple[str, ...] = ()

    def quoted(self, text: str) -> str:
        """`text` between the language's marks; its own become the inner ones."""
        opens, closes = self.outer[0], self.outer[1]
        within = text.replace(opens, self.inner[0]).replace(closes, self.inner[1])
        return f"{opens}{self.space}{within.strip()}{self.space}{closes}"


@functools.cache
def description_words() -> dict[str, DescriptionWords]:
    """By primary tag."""
    listed = toml_beside(__file__, "description_words.toml")
    return {tag: DescriptionWords.model_validate(words) for tag, words in listed.items()}


def words_of(language: str) -> DescriptionWords | None:
    """The sentences for `language`, a tag of BCP 47."""
    return description_words().get(primary_tag(language))


def narrator_words(language: str) -> tuple[str, ...]:
    """Words for oneself, in lower case."""
    words = words_of(language)
    return tuple(word.lower() for word in words.narrator) if words else ()


class ComposedCopywriter:
    """Lets the book speak: its beginning, its people, places and manner, a passage from later on.

    In a language without sentences it is the passages alone, as quotations.
    """

    version = "composed-1"
    _most = 2

    def author(self, _language: str, /) -> str:
        return self.version

    def describe(self, brief: Brief) -> str:
        words = words_of(brief.language)
        if words is None:
            quoted = brief.passages[: self._most]
            return "\n\n[…] ".join(quoted).join(("[…] ", " […]")) if quoted else ""
        begun = brief.manner.opening
        if not (begun or brief.passages):
            return ""
        about = " ".join(_about(brief, words))
        parts = (_opening(brief, words), about, _later(brief, words), words.made)
        return "\n\n".join(filter(None, parts))


def _opening(brief: Brief, words: DescriptionWords) -> str:
    begun = brief.manner.opening
    quote = words.quoted(begun) if begun else ""
    return words.opening.replace("{quote}", quote).replace("{title}", brief.title) if quote else ""


def _later(brief: Brief, words: DescriptionWords) -> str:
    """A passage that is not the beginning again."""
    begun = brief.manner.opening
    later = next((one for one in brief.passages if one[:40] not in begun), "")
    return words.later.replace("{quote}", words.quoted(later)) if later else ""


def _about(brief: Brief, words: DescriptionWords) -> Iterator[str]:
    named = (
        (words.people, brief.people[:_MOST_PEOPLE]),
        (words.places, brief.places[:_MOST_PLACES]),
        (words.topics, brief.topics[:_MOST_TOPICS]),
    )
    for sentence, names in named:
        if names:
            yield sentence.replace("{names}", ", ".join(names))
    manner = brief.manner
    forms = {TextForm.VERSE: words.verse, TextForm.PLAY: words.play}
    if manner.form in forms:
        yield forms[manner.form]
        return
    if manner.narrated and words.first_person:
        yield words.first_person
    if manner.speech is not None and manner.speech >= _MUCH:
        yield words.much_speech
    elif manner.speech is not None and manner.speech <= _LITTLE:
        yield words.little_speech
