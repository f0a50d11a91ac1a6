"""Short texts of a Kindle book, titles and names, as a program may show them."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def words(raw: bytes, encoding: str) -> str:
    """`raw` as one line: undecodable and control characters replaced, spaces made one."""
    return " ".join(_CONTROL.sub(" ", raw.decode(encoding, "replace")).split())
