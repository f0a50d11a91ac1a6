"""A book's fields as a form: what each holds, who says so, and what a reviewer changed of it."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.books.contributor_roles import AUTHOR
from ebook_pipeline.books.describing.overrides import InvalidOverride
from ebook_pipeline.books.records import Genre, Product, Record
from ebook_pipeline.services.actors import login_behind
from ebook_pipeline.services.describing.overrides import UNLOCKED, BookFields
from ebook_pipeline.services.describing.subjects import FIELD as GENRES
from ebook_pipeline.services.describing.subjects import (
    QUALIFIERS,
    BookSubjects,
    confirmed_genres,
    confirmed_qualifiers,
    subjects_in,
)

FIELDS = (
    "title",
    "subtitle",
    "creators",
    "description",
    "languages",
    "keywords",
    "genres",
    "qualifiers",
    "rights",
)
_CODED = frozenset({GENRES, QUALIFIERS})
_PEOPLE = "creators"
_LISTS = frozenset({"languages", "keywords"})
_LONGEST = 20_000


class ShownField(Record):
    """A field as the form shows it; `origin` says who it is from, `locked_by` who fixed it."""

    name: str
    value: str
    origin: str = ""
    locked_by: str = ""
    is_long: bool = False
    suggested: tuple[Genre, ...] = ()
    """Of the fields `genres` and `qualifiers`, what a model told and nobody has confirmed."""


class MetadataForm(BaseModel):
    """What was typed; ``free`` names fields that the next run shall find again.

    ``was`` is what each of `FIELDS` held on the page: what its reader left alone is not theirs to
    decide, whatever it holds by now.
    """

    model_config = ConfigDict(extra="ignore")
    title: str | None = Field(None, max_length=_LONGEST)
    subtitle: str | None = Field(None, max_length=_LONGEST)
    creators: str | None = Field(None, max_length=_LONGEST)
    description: str | None = Field(None, max_length=_LONGEST)
    languages: str | None = Field(None, max_length=_LONGEST)
    keywords: str | None = Field(None, max_length=_LONGEST)
    genres: str | None = Field(None, max_length=_LONGEST)
    qualifiers: str | None = Field(None, max_length=_LONGEST)
    rights: str | None = Field(None, max_length=_LONGEST)
    free: list[str] = Field(default_factory=list, max_length=len(FIELDS))
    was: list[str] = Field(default_factory=list, max_length=len(FIELDS))

    def typed(self) -> dict[str, str]:
        """By field what was typed over something else."""
        before = dict(zip(FIELDS, self.was, strict=False))
        given = {name: getattr(self, name) for name in FIELDS}
        return {
            name: text
            for name, text in given.items()
            if text is not None and _plain(text) != _plain(before.get(name, ""))
        }

    def changes(self, fields: BookFields) -> dict[str, object]:
        """By field its new value, and `UNLOCKED` for what is freed.

        Raises `InvalidOverride` for an empty title.
        """
        locked = {lock.field for lock in fields.locks}
        freed = dict.fromkeys((name for name in self.free if name in locked), UNLOCKED)
        known = _values(fields).get(_PEOPLE) or ()
        typed = {name: _value(name, text, known) for name, text in self.typed().items()}
        return typed | freed


def shown(fields: BookFields, product: Product | None) -> tuple[ShownField, ...]:
    """The fields that the form has; a lock's value goes before what a run has found."""
    held, subjects = _values(fields), subjects_in(fields)
    locks = {lock.field: lock.actor for lock in fields.locks}
    provenance = product.provenance if product else {}
    return tuple(
        ShownField(
            name=name,
            value=_confirmed(held, locks, name) if name in _CODED else _text(held.get(name)),
            origin=provenance[name].origin.value if name in provenance else "",
            locked_by=login_behind(locks.get(name, "")),
            is_long=name in ("description", "rights"),
            suggested=_suggested(subjects, name),
        )
        for name in FIELDS
    )


def _values(fields: BookFields) -> dict[str, Any]:
    return fields.values | {lock.field: lock.value for lock in fields.locks}


def _confirmed(held: dict[str, Any], locks: dict[str, str], name: str) -> str:
    """Empty before a person has: what stands there is theirs to decide."""
    return "; ".join(told["code"] for told in held.get(name) or ()) if name in locks else ""


def _suggested(subjects: BookSubjects, name: str) -> tuple[Genre, ...]:
    """Thema's subjects begin with a letter, its qualifiers with a digit."""
    if name not in _CODED:
        return ()
    return tuple(
        told for told in subjects.suggested if told.code[:1].isdigit() == (name == QUALIFIERS)
    )


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(_name(one) for one in value)
    return "" if value is None else _plain(str(value))


def _name(value: Any) -> str:
    return str(value["name"] if isinstance(value, dict) else value)


def _plain(text: str) -> str:
    """As forms send it back: their line ends are CR and LF."""
    return text.replace("\r\n", "\n").strip()


def parted(typed: str) -> list[str]:
    """What was typed with semicolons or line ends between."""
    return [part.strip() for part in typed.replace("\n", ";").split(";") if part.strip()]


def _value(name: str, typed: str, people: Sequence[Any]) -> object:
    """What a field is to hold; who was among `people` keeps their roles and other names."""
    if name == _PEOPLE:
        known = {_name(one): one for one in people}
        return [known.get(one, {"name": one, "roles": [AUTHOR]}) for one in parted(typed)]
    if name == GENRES:
        return confirmed_genres(parted(typed))
    if name == QUALIFIERS:
        return confirmed_qualifiers(parted(typed))
    if name in _LISTS:
        return parted(typed)
    plain = _plain(typed)
    if name == "title" and not plain:
        raise InvalidOverride("title: a book has one")
    return None if name == "subtitle" and not plain else plain
