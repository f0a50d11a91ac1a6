"""What a cover is called for those who can't see it, in its book's language."""

import functools
from collections.abc import Sequence

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.toml_files import toml_beside

_NAMELESS = "en"
"""The language that speaks of a book of which neither language, title nor author is known."""


class CoverWords(Record):
    """One language's words: `{title}` goes into `cover`, that and `{names}` into `by`."""

    cover: str
    by: str
    untitled: str


@functools.cache
def cover_words() -> dict[str, CoverWords]:
    """By primary tag."""
    listed = toml_beside(__file__, "cover_words.toml")
    return {tag: CoverWords.model_validate(words) for tag, words in listed.items()}


def cover_alt(title: str, authors: Sequence[str], language: str) -> str:
    """``Cover of Emma by Jane Austen``, in the `language` of a tag of BCP 47.

    In one without words it is title and authors alone.
    """
    names = ", ".join(authors)
    words = cover_words().get(primary_tag(language))
    if words is None:
        alone = ", ".join(filter(None, (title, names)))
        return alone or cover_words()[_NAMELESS].untitled
    cover = words.cover.format(title=title) if title else words.untitled
    return words.by.format(cover=cover, names=names) if names else cover
