"""Key material in memory: held so that no log, trace, pickle or record ever shows it."""

import hmac
import secrets
from typing import NoReturn, Self

_HIDDEN = "<secret>"


class Secret:
    """Bytes that only `reveal` gives away. Equality takes the same time wherever bytes differ."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    @classmethod
    def random(cls, length: int = 32) -> Self:
        """`length` bytes from the operating system's generator."""
        return cls(secrets.token_bytes(length))

    def reveal(self) -> bytes:
        """The bytes themselves: keep them out of names that a traceback or a record may hold."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return _HIDDEN

    def __str__(self) -> str:
        return _HIDDEN

    def __format__(self, format_spec: str) -> str:
        return format(_HIDDEN, format_spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied: pass it within its process")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> NoReturn:
        raise TypeError("a Secret is no field of a record: records are stored as JSON")
