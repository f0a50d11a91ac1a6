"""Accounts, imprints and people: what they are called, and what their names must look like."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

from ebook_pipeline.foundation.record import Record

HOUSE = "house"
"""The first account: of whoever runs the pipeline, and of all that was there before accounts."""

_ACCOUNT = re.compile(r"[0-9a-z]+(?:-[0-9a-z]+)*")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_LONGEST_ID = 63
_LONGEST_NAME = 200


class Role(StrEnum):
    """What somebody does in an account; operators look after the pipeline, and are the house's."""

    AUTHOR = "author"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    READER = "reader"
    OPERATOR = "operator"


class Account(Record):
    """A person or a firm that submits; `id` is its folder in the landing store.

    `texts_per_day` and `price_fall` (a share from 0 to 1) stand instead of the settings' limits.
    """

    id: str
    name: str
    texts_per_day: int | None = None
    price_fall: float | None = None
    at: datetime


class Imprint(Record):
    """The name under which an account publishes; policies know it by `name`."""

    key: str
    name: str
    account: str
    at: datetime


class Membership(Record):
    """What a person is in an account."""

    account: str
    role: Role


class Person(Record):
    """Somebody in whose name things are done, until `left_at`."""

    login: str
    name: str = ""
    memberships: tuple[Membership, ...] = ()
    at: datetime
    left_at: datetime | None = None


def is_account_id(text: str) -> bool:
    """Whether an account, and its folder, may be called so."""
    return len(text) <= _LONGEST_ID and _ACCOUNT.fullmatch(text) is not None


def is_login(text: str) -> bool:
    """Whether a person may sign in as `text`: small letters, digits, dots, hyphens."""
    return _LOGIN.fullmatch(text) is not None


def imprint_key(name: str) -> str:
    """An imprint's name as names are compared: case, width and white space are nobody's."""
    folded = unicodedata.normalize("NFKC", name[:_LONGEST_NAME]).casefold()
    return " ".join(folded.split())
