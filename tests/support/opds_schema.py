"""What OPDS 2.0 and Readium's manifest demand, in our words as JSON Schema, for tests.

https://drafts.opds.io/opds-2.0 and https://readium.org/webpub-manifest: what they say must be, or
what type a thing has if it is there. Unknown names are refused, so that slips of ours are seen.
"""

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

URL = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+$"}
TEMPLATE = {"type": "string", "pattern": r"^[a-z]+:[^\s{}]+\{\?[a-z,]+\}$"}
TEXT = {"type": "string", "minLength": 1}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
TAG = {"type": "string", "pattern": r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"}
COUNT = {"type": "integer", "minimum": 0}
POSITIVE = {"type": "integer", "minimum": 1}
PICTURE = {"enum": ["image/jpeg", "image/png", "image/gif"]}
ACQUIRED = "^http://opds-spec.org/acquisition(/(buy|sample|borrow|subscribe|open-access))?$"


def record(required: str = "", **properties: Schema) -> Schema:
    """An object of these properties and no others; `required` names those it must have."""
    closed = {"type": "object", "properties": properties, "additionalProperties": False}
    return closed | {"required": required.split(), "minProperties": 1}


def list_of(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True} | more


def with_rel(rel: str) -> Schema:
    return {"required": ["rel"], "properties": {"rel": {"pattern": rel}}}


PROPERTIES = record(
    numberOfItems=COUNT,
    price=record(
        "value currency",
        value={"type": "number", "minimum": 0},
        currency={"type": "string", "pattern": "^[A-Z]{3}$"},
    ),
    availability=record(
        "state",
        state={"enum": ["available", "unavailable", "reserved", "ready"]},
        since=TIME,
        until=TIME,
    ),
    indirectAcquisition=list_of(
        record("type", type=TEXT, child=list_of(record("type", type=TEXT)))
    ),
)
LINK = record(
    "href type",
    href=URL,
    type={"type": "string", "pattern": "^[a-z]+/[a-z0-9.+-]+$"},
    rel=TEXT,
    title=TEXT,
    width=POSITIVE,
    height=POSITIVE,
    properties=PROPERTIES,
)
SEARCH = record(
    "href templated", href=TEMPLATE, type=TEXT, rel={"const": "search"}, templated={"const": True}
)
PEOPLE = list_of(record("name", name=TEXT, sortAs=TEXT, role=list_of(TEXT)))
ROLES = "author translator editor artist illustrator colorist narrator contributor publisher"
METADATA = record(
    "title identifier modified",
    **{"@type": URL, **dict.fromkeys(ROLES.split(), PEOPLE)},
    title=TEXT,
    subtitle=TEXT,
    identifier=URL,
    language=list_of(TAG),
    subject=list_of(record("name", name=TEXT, scheme=URL, code=TEXT)),
    published=DAY,
    modified=TIME,
    description=TEXT,
    numberOfPages=POSITIVE,
    readingProgression={"enum": ["ltr", "rtl", "auto"]},
    belongsTo=record(series=list_of(record("name", name=TEXT, position={"type": "number"}))),
    accessibility=record(
        conformsTo=list_of(URL),
        accessMode=list_of(TEXT),
        accessModeSufficient=list_of(list_of(TEXT)),
        feature=list_of(TEXT),
        hazard=list_of(TEXT),
        summary=TEXT,
    ),
)
PUBLICATION = record(
    "metadata links images",
    metadata=METADATA,
    links=list_of(LINK, allOf=[{"contains": with_rel("^self$")}, {"contains": with_rel(ACQUIRED)}]),
    images=list_of(LINK, contains={"properties": {"type": PICTURE}}),
)
LIST_METADATA = record(
    "title",
    title=TEXT,
    modified=TIME,
    numberOfItems=COUNT,
    itemsPerPage=POSITIVE,
    currentPage=POSITIVE,
)
NAVIGATION = list_of({**LINK, "required": ["href", "title"]})
FACETS = list_of(record("metadata links", metadata=LIST_METADATA, links=NAVIGATION))
PUBLICATIONS = list_of(PUBLICATION, minItems=0)
FEED = record(
    "metadata links",
    metadata=LIST_METADATA,
    links=list_of({"anyOf": [LINK, SEARCH]}, contains=with_rel("^self$")),
    navigation=NAVIGATION,
    publications=PUBLICATIONS,
    facets=FACETS,
    groups=list_of(
        record(
            "metadata publications",
            metadata=LIST_METADATA,
            links=list_of(LINK),
            publications=PUBLICATIONS,
        )
    ),
) | {"anyOf": [{"required": [name]} for name in ("navigation", "publications", "groups")]}


def faults(document: dict[str, Any]) -> list[str]:
    """What is wrong with a feed or a publication; its collections tell which of them it is."""
    schema = FEED if {"navigation", "publications", "groups"} & set(document) else PUBLICATION
    found = Draft202012Validator(schema).iter_errors(document)
    return [f"{one.json_path}: {one.message[:200]}" for one in found]
