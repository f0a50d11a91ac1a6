"""The one thing that is hidden in a copy: an HMAC of its order, which tells strangers nothing."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable

from pydantic import Field, field_validator

from ebook_pipeline.foundation.record import Record
from ebook_pipeline.foundation.secrets import Secret

TOKEN_BYTES = 8
_LONGEST = 200


class Buyer(Record):
    """Whose copy it is: `order` and `name` are shown, as the shop wants it.

    `sale` is what is hidden, where an order is of several books; else the order is.
    """

    order: str = Field(min_length=1, max_length=_LONGEST)
    name: str = Field(default="", max_length=_LONGEST)
    sale: str = ""

    @field_validator("order", "name")
    @classmethod
    def _fit_for_a_page(cls, value: str) -> str:
        """One line of characters that a page can show: no controls, no lone surrogates."""
        kept = "".join(
            " " if unicodedata.category(sign) in ("Cc", "Cs", "Cn", "Zl", "Zp") else sign
            for sign in unicodedata.normalize("NFC", value)
        )
        return " ".join(kept.split())

    @field_validator("order")
    @classmethod
    def _said(cls, value: str) -> str:
        if not value:
            raise ValueError("an order is more than white space")
        return value

    @property
    def hidden(self) -> str:
        """What the marks are made of."""
        return self.sale or self.order

    @property
    def said(self) -> str:
        """What the pages say."""
        to = f" for {self.name}" if self.name else ""
        return f"This copy was made{to}, order {self.order}."


class Trace(Record):
    """An order that a file leads back to, and how often its mark was found."""

    order: str
    marks: int


def token_of(order: str, secret: Secret) -> bytes:
    """The mark of an order: the first 64 bits of an HMAC-SHA256 under the house's `secret`."""
    message = b"ebook_pipeline/marking\0" + order.encode()
    return hmac.digest(secret.reveal(), message, hashlib.sha256)[:TOKEN_BYTES]


def traced(
    marks_found: dict[bytes, int], orders: Iterable[str], secret: Secret
) -> tuple[Trace, ...]:
    """Those of `orders` whose marks are among `marks_found`, the surest first.

    A mark of 64 bits comes about by chance once in 10¹⁹: one is enough to name an order.
    """
    marks = ((order, marks_found.get(token_of(order, secret), 0)) for order in orders)
    traces = [Trace(order=order, marks=count) for order, count in marks if count]
    return tuple(sorted(traces, key=lambda trace: -trace.marks))
