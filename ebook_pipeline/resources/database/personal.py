"""Columns with a person in them, encrypted before Postgres sees them and opened when read.

What is sealed begins with `MARK`. The cipher goes with an engine's dialect, which is what a type
is handed; it is `attach`ed where a database is opened. A value without the mark is one of an
earlier release, and read as it stands.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Dialect, Engine, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

from ebook_pipeline.foundation.errors import Damaged, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.database.clean import clean_json, clean_text

MARK = "p1:"
_NONCE_BYTES = 16
_CIPHER = "personal_cipher"


class PersonalCipher:
    """AES-SIV (RFC 5297) under a key that is asked for at first use.

    The same text under the same `domain` is always sealed to the same, so that rows are found by
    equality, as by a blind index; with `nonce` it never is. In another domain it does not open.
    """

    def __init__(self, secret: Callable[[], Secret]) -> None:
        self._secret = secret

    def seal(self, domain: str, value: str, *, nonce: bool = False) -> str:
        """`value` for the database; nothing is sealed of an empty one."""
        if not value:
            return value
        salt = secrets.token_bytes(_NONCE_BYTES) if nonce else b""
        body = self._siv.encrypt(value.encode(), [domain.encode(), salt])
        return MARK + base64.urlsafe_b64encode(salt + body).decode().rstrip("=")

    def open(self, domain: str, sealed: str, *, nonce: bool = False) -> str:
        """What was sealed. `Damaged` where it was tampered with, or sealed by another home."""
        from cryptography.exceptions import InvalidTag

        if not sealed.startswith(MARK):
            return sealed
        coded = sealed.removeprefix(MARK)
        try:
            body = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
            start = _NONCE_BYTES if nonce else 0
            plain: bytes = self._siv.decrypt(body[start:], [domain.encode(), body[:start]])
        except (InvalidTag, ValueError) as error:
            raise Damaged(f"a personal field ({domain}) does not open with this key") from error
        return plain.decode()

    def digest(self, domain: str, value: str) -> str:
        """What stands for `value` when it is gone: nobody without the key can guess it."""
        facts = f"{domain}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._digest_key, facts, hashlib.sha256).hex()

    @cached_property
    def _digest_key(self) -> bytes:
        return self._key(b"digest", 32)

    @cached_property
    def _siv(self) -> Any:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return AESSIV(self._key(b"siv", 64))

    def _key(self, purpose: bytes, length: int) -> bytes:
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derivation = HKDF(SHA256(), length, salt=None, info=b"ebook-pipeline personal " + purpose)
        return derivation.derive(self._secret().reveal())


class PersonalText(TypeDecorator[str]):
    """Text that is found by equality with others of its `domain`.

    What is sealed has no case to look past: with `fold_addresses`, mail addresses have none.
    """

    impl = Text
    cache_ok = True

    def __init__(self, domain: str, *, fold_addresses: bool = False) -> None:
        super().__init__()
        self.domain, self.fold_addresses = domain, fold_addresses

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if not value:
            return value
        if self.fold_addresses and "@" in value:
            value = value.lower()
        return _cipher(dialect).seal(self.domain, clean_text(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or not value.startswith(MARK):
            return value
        return _cipher(dialect).open(self.domain, value)


class PersonalJson(TypeDecorator[Any]):
    """JSON, sealed as a whole: nothing in it is found by anything."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.domain = domain

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = json.dumps(clean_json(value), ensure_ascii=False, separators=(",", ":"))
        return _cipher(dialect).seal(self.domain, text, nonce=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if not (isinstance(value, str) and value.startswith(MARK)):
            return value
        return json.loads(_cipher(dialect).open(self.domain, value, nonce=True))


class PartlyPersonalJson(TypeDecorator[Any]):
    """A JSON object of which the texts called `names` are sealed, and the rest is not."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return self._each(clean_json(value), lambda name, text: _cipher(dialect).seal(name, text))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return self._each(value, lambda name, text: _opened(dialect, name, text))

    def _each(self, value: Any, change: Callable[[str, str], str]) -> Any:
        if not isinstance(value, Mapping):
            return value
        texts = {name: value.get(name) for name in self.names}
        changed = {
            name: change(name, text) for name, text in texts.items() if isinstance(text, str)
        }
        return {**value, **changed}


PERSONAL_TYPES = (PersonalText, PersonalJson, PartlyPersonalJson)


def attach(engine: Engine, cipher: PersonalCipher) -> None:
    """Let the personal columns of this engine's connections be sealed and opened with `cipher`."""
    setattr(engine.dialect, _CIPHER, cipher)


def _opened(dialect: Dialect, name: str, text: str) -> str:
    return _cipher(dialect).open(name, text) if text.startswith(MARK) else text


def _cipher(dialect: Dialect) -> PersonalCipher:
    cipher = getattr(dialect, _CIPHER, None)
    if not isinstance(cipher, PersonalCipher):
        raise ServiceError("personal fields are sealed: this connection has no key vault")
    return cipher
