"""What a browser or a mail holds, and what the database keeps of it: never the same."""

import hashlib
import re
import secrets

_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """256 random bits, as URLs and cookies take them."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """SHA-256 of a token in hex: enough to know it again, for nobody guesses 256 bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_token(text: str) -> bool:
    """Whether it could be one of ours: what can't be is not looked for."""
    return _TOKEN.fullmatch(text) is not None
