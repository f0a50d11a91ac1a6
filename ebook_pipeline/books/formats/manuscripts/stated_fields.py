"""What a metadata block's fields mean, under the names that authors' tools give them.

Pandoc's variables, https://pandoc.org/MANUAL.html#epub-metadata, and those of Hugo and Jekyll.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ebook_pipeline.books.formats.manuscripts.cleaned import ManuscriptMetadata, language_tag
from ebook_pipeline.books.formats.manuscripts.person_names import names_in
from ebook_pipeline.foundation.identifiers import isbn13

_AUTHORS = ("author", "authors", "creator", "creators", "by")
_CONTRIBUTORS = {
    "translator": "trl",
    "translators": "trl",
    "editor": "edt",
    "editors": "edt",
    "illustrator": "ill",
    "illustrators": "ill",
    "contributor": "ctb",
    "contributors": "ctb",
}
_ROLES = {"author": "aut", "editor": "edt", "translator": "trl", "illustrator": "ill"}
_SUBJECTS = ("subject", "subjects", "keywords", "tags", "categories")
_PROSE = {
    "title": ("title",),
    "subtitle": ("subtitle", "sub-title"),
    "publisher": ("publisher",),
    "rights": ("rights", "copyright", "license", "licence"),
    "description": ("description", "summary"),
    "abstract": ("abstract",),
}
"""Fields whose values are Markdown, and the names that they go by."""
_RELATOR = re.compile(r"[a-z]{3}")
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ].*)?")
_YEAR = re.compile(r"\b(1[4-9]\d\d|20\d\d)\b")
_MOST = 50
"""Values of one field."""


def prose_fields(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The fields whose values are Markdown, for pandoc to render; `author` is a list."""
    fields: dict[str, Any] = {}
    for name, names in _PROSE.items():
        texts = [text for known in names for text in _texts(_lower(stated).get(known))]
        if texts:
            fields[name] = texts[0]
    titles = _titles(_lower(stated).get("title"))
    fields |= {name: text for name, text in titles.items() if name == "title"}
    fields = titles | fields
    if isinstance(_lower(stated).get("abstract"), str):
        fields["abstract"] = str(_lower(stated)["abstract"])
    named = [name for role, name in _people(stated) if role == "aut"]
    authors = [name for text in named for name in names_in(text)]
    return fields | ({"author": authors} if authors else {})


def _titles(value: Any) -> dict[str, str]:
    """Title and subtitle of a title that is a list, maybe with types, or a map of both."""
    if isinstance(value, dict):
        parts = _lower(value)
        main = next((_text(parts[name]) for name in ("main", "title", "text") if name in parts), "")
        found = {"title": main, "subtitle": _text(parts.get("subtitle"))}
    elif isinstance(value, list):
        kinds = [
            _text(_lower(part).get("type")) if isinstance(part, dict) else "" for part in value
        ]
        typed = {kind: _text(part) for kind, part in zip(kinds, value, strict=True) if kind}
        plain = [text for text in _texts(value) if text not in typed.values()]
        texts = [typed.get("main"), *plain, typed.get("subtitle")]
        found = dict(zip(("title", "subtitle"), [text for text in texts if text], strict=False))
    else:
        return {}
    return {name: text for name, text in found.items() if text}


def plain_fields(stated: Mapping[str, Any]) -> ManuscriptMetadata:
    """All that is no Markdown: language, date, ISBN, subjects, contributors, series, direction."""
    known = _lower(stated)
    language = next(iter(_texts(known.get("lang") or known.get("language"))), "")
    dates = [known.get(name) for name in ("date", "published", "pubdate", "year")]
    return ManuscriptMetadata(
        language=language_tag(language),
        direction=_direction(known),
        date=next(filter(None, map(publication_date, (_text(date) for date in dates))), ""),
        isbn=_isbn(known),
        subjects=tuple(dict.fromkeys(text for name in _SUBJECTS for text in _words(known, name))),
        contributors=tuple((role, name) for role, name in _people(stated) if role != "aut"),
        series=_series(known),
    )


def publication_date(text: str) -> str:
    """`text` as ``YYYY[-MM[-DD]]``; of a date in words the year, empty for what is none."""
    found = _ISO_DATE.fullmatch(text.strip())
    if found:
        parts = [part for part in found.groups() if part]
        try:
            datetime.date(*(int(part) for part in [*parts, "01", "01"][:3]))
        except ValueError:
            return parts[0] if int(parts[0]) else ""
        return "-".join(parts)
    years = set(_YEAR.findall(text))
    return years.pop() if len(years) == 1 else ""


def _lower(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key).strip().lower().replace("_", "-"): value for key, value in stated.items()}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        known = _lower(value)
        name = next(
            (known[key] for key in ("text", "name", "literal", "title") if key in known), None
        )
        parts = [known.get(key) for key in ("given", "family", "first", "last")]
        return _text(name) if name is not None else " ".join(_text(part) for part in parts if part)
    if value is None or isinstance(value, list):
        return ""
    return " ".join(str(value).split())


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in map(_text, values[:_MOST]) if text]


def _words(known: Mapping[str, Any], name: str) -> list[str]:
    texts = _texts(known.get(name))
    split = name in ("keywords", "tags") and len(texts) == 1
    return [part.strip() for part in texts[0].split(",") if part.strip()] if split else texts


def _people(stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(MARC relator, name) of everybody who is named."""
    known = _lower(stated)
    for field in (*_AUTHORS, *_CONTRIBUTORS):
        usual = _CONTRIBUTORS.get(field, "aut")
        values = known.get(field)
        for value in values[:_MOST] if isinstance(values, list) else [values]:
            role = _text(_lower(value).get("role")) if isinstance(value, dict) else ""
            name = _text(value)
            if name:
                yield _role(role.lower(), usual), name


def _role(said: str, usual: str) -> str:
    return _ROLES.get(said, said if _RELATOR.fullmatch(said) else usual)


def _isbn(known: Mapping[str, Any]) -> str:
    values = [known.get(name) for name in ("isbn", "isbn-13", "isbn13", "isbn-10", "identifier")]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return next(filter(None, (isbn13(_text(value)) for value in flat)), "")


def _series(known: Mapping[str, Any]) -> tuple[str, str]:
    value = known.get("series") or known.get("belongs-to-collection")
    places = ("series-index", "series-number", "volume", "group-position", "position", "index")
    said = {**known, **(_lower(value) if isinstance(value, dict) else {})}
    number = next((_text(said[name]) for name in places if name in said), "")
    name = next(iter(_texts(value)), "")
    return name, number if name and re.fullmatch(r"\d+(\.\d+)*", number) else ""


def _direction(known: Mapping[str, Any]) -> str:
    values = (known.get(name) for name in ("dir", "direction", "page-progression-direction"))
    said = (_text(value).lower() for value in values)
    return next((value for value in said if value in ("ltr", "rtl")), "")
