"""The token that opens the web UI: made anew at each start, read by its owner alone."""

import os
import secrets
from pathlib import Path

from ebook_pipeline.settings import Settings
from ebook_pipeline.web.addresses import base_url

_BYTES = 32


def token_file(settings: Settings) -> Path:
    """Where the token of the running web UI lies."""
    return settings.root / "run" / "web-token"


def renew(file: Path) -> str:
    """A new token in `file`, which only its owner may read; the one before opens nothing now."""
    token = secrets.token_urlsafe(_BYTES)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(token)
    fresh.replace(file)
    return token


def link(settings: Settings, path: str = "/") -> str:
    """The address of a page with the token, to be opened in a browser once.

    Raises FileNotFoundError where no web UI was started.
    """
    token = token_file(settings).read_text(encoding="ascii")
    return f"{base_url(settings)}{path}{'&' if '?' in path else '?'}token={token}"
