"""Which form each field takes that people decide, in plain words and as an example."""

from collections.abc import Mapping
from types import MappingProxyType

from ebook_pipeline.foundation.record import Record


class FieldForm(Record):
    """What a field takes, as it is said to people, with an `example`: text or JSON."""

    takes: str
    example: str


_TEXT = "a text"
_LIST = "a list of texts"
_PEOPLE = "a list of people, each with a name and, where known, roles (MARC relators)"
_SUBJECTS = "a list of subjects, each with code, term and confidence (0 to 1)"

FIELD_FORMS: Mapping[str, FieldForm] = MappingProxyType(
    {
        name: FieldForm(takes=takes, example=example)
        for name, takes, example in (
            ("title", _TEXT, "The River Bank"),
            ("subtitle", _TEXT, "A Year on the Water"),
            ("published", _TEXT, "2024-05-17"),
            ("description", _TEXT, "A mole leaves home and finds a friend."),
            ("rights", _TEXT, "© 2024 The River Press"),
            ("languages", _LIST, '["en-GB"]'),
            ("publishers", _LIST, '["The River Press"]'),
            ("keywords", _LIST, '["river", "friendship"]'),
            ("summary", _LIST, '["The Mole had been working very hard all the morning."]'),
            ("people", _LIST, '["Mole", "Rat"]'),
            ("places", _LIST, '["Toad Hall"]'),
            ("creators", _PEOPLE, '[{"name": "Jane Austen", "roles": ["aut"]}]'),
            ("contributors", _PEOPLE, '[{"name": "Edith Grossman", "roles": ["trl"]}]'),
            (
                "identifiers",
                "a list of identifiers, each with a value and, where known, scheme and isbn13",
                '[{"value": "978-0-14-143958-7", "scheme": "isbn", "isbn13": "9780141439587"}]',
            ),
            (
                "subjects",
                "a list of subjects, each with a term and, where known, scheme and code",
                '[{"term": "Rivers"}, {"term": "Classics", "scheme": "thema", "code": "FBC"}]',
            ),
            ("genres", _SUBJECTS, '[{"code": "FF", "term": "Crime", "confidence": 1}]'),
            ("qualifiers", _SUBJECTS, '[{"code": "1DDU", "term": "Britain", "confidence": 1}]'),
            (
                "series",
                "a list of series, each with a name and, where known, the book's position",
                '[{"name": "Tales of the River", "position": "2"}]',
            ),
            (
                "price",
                "an amount and a currency of three capital letters",
                '{"amount": "4.90", "currency": "EUR"}',
            ),
            (
                "audience",
                "a code of ONIX list 28 and, where known, ages in years",
                '{"code": "02", "age_from": 8, "age_to": 11}',
            ),
            (
                "accessibility",
                "what is known of access_modes, features, hazards, conforms_to, each a list,"
                " and a summary",
                '{"features": ["alternativeText"], "hazards": ["none"]}',
            ),
        )
    }
)
"""By field."""
