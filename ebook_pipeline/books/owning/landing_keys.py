"""Whose a file in the landing store is: its first folder says so, and nothing in the file does."""

import re
from collections.abc import Collection

from ebook_pipeline.books.owning.accounts import HOUSE
from ebook_pipeline.foundation.findings import Finding, Severity

SIDECAR = ".json"
"""Ends the name of what a submitter says of the file that is named before it."""
_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download")
_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_UPLOADS = "uploads"
_UPLOADED = re.compile(rf"(?P<account>[^/]+)/{_UPLOADS}/[a-z2-7]{{26}}/(?P<name>[^/]+)")


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is nothing that anybody means to submit."""
    lower = name.lower()
    return lower.startswith((".", "~$")) or lower.endswith(_UNFINISHED) or lower in _LITTER


def is_sidecar(name: str) -> bool:
    """Whether a file of this name speaks of another one."""
    return name.lower().endswith(SIDECAR)


def account_of(key: str, accounts: Collection[str], *, strict: bool = False) -> str | None:
    """The account among `accounts` that a landing key belongs to; None where nobody can say.

    What lies in no folder is the house's. So is any folder as long as the house is alone, unless
    `strict`: from the second account on, one without an account may have been meant for anybody.
    """
    folder = _folder(key)
    if not folder or folder in accounts:
        return folder or HOUSE
    return None if strict or set(accounts) - {HOUSE} else HOUSE


def landing_key(account: str, name: str, accounts: Collection[str]) -> str:
    """The key under which a file of `account` is submitted that lies in no landing store."""
    if account == HOUSE and _folder(name) not in accounts:
        return name
    return f"{account}/{name}"


def may_submit(account: str, key: str, accounts: Collection[str]) -> bool:
    """Whether a landing key is `account`'s: in its folder, or for the house in nobody else's."""
    folder = _folder(key)
    return folder == account or (account == HOUSE and folder not in accounts)


def upload_key(account: str, job: str, name: str) -> str:
    """The landing key of a file that is uploaded for a job: no two jobs have the same one.

    Names alone would make every ``manuscript.docx`` of an account one book.
    """
    return f"{account}/{_UPLOADS}/{job}/{name}"


def own_name(account: str, key: str) -> str:
    """What a book that arrives as `key` is named after: the house's books not after its folder.

    Nor is one that was uploaded named after its job.
    """
    uploaded = _UPLOADED.fullmatch(key)
    named = f"{uploaded['account']}/{uploaded['name']}" if uploaded else key
    return named.removeprefix(f"{HOUSE}/") if account == HOUSE else named


def nobodys_folder(key: str) -> Finding:
    """Why a file in a folder that is no account's can't be taken."""
    message = f"The folder {_folder(key)[:200]} is no account's."
    remedy = (
        "Put it into the folder of the account that it comes from: `ebooks accounts list` names"
        " them, `ebooks accounts add` makes one."
    )
    return refusal("landing.no-account", key, message, remedy)


def refusal(rule: str, key: str, message: str, remedy: str) -> Finding:
    """Why an arrival is not taken."""
    return Finding(rule=rule, severity=Severity.FATAL, message=message, place=key, remedy=remedy)


def _folder(key: str) -> str:
    folder, separator, _ = key.partition("/")
    return folder if separator else ""
