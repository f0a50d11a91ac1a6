"""A written book's genre and tags as the subjects that a sidecar names: a Thema code, and words."""

from collections.abc import Iterable, Sequence

from ebook_pipeline.books.selling.thema import has_thema_heading

_SCHEME = "thema:"


def genre_of(subjects: Iterable[str]) -> str:
    """The first Thema code among the subjects; empty where there is none."""
    return next((one[len(_SCHEME) :].upper() for one in subjects if _is_code(one)), "")


def tags_of(subjects: Sequence[str]) -> tuple[str, ...]:
    """The subjects but for the genre; further codes stay, as they were written."""
    genre = next((one for one in subjects if _is_code(one)), None)
    return tuple(one for one in subjects if one is not genre)


def subjects_of(genre: str, tags: Iterable[str]) -> list[str]:
    """Both as one list. LookupError for a genre that Thema has not, as far as we know it."""
    if genre and not has_thema_heading(genre):
        raise LookupError(genre)
    return [*([f"{_SCHEME}{genre}"] if genre else []), *dict.fromkeys(tags)]


def _is_code(subject: str) -> bool:
    """Whether it is one that has a heading: others are kept as they were written."""
    scheme, code = subject[: len(_SCHEME)], subject[len(_SCHEME) :]
    return scheme.lower() == _SCHEME and has_thema_heading(code.upper())
