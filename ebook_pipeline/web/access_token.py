"""The token that opens the web UI: made anew at each start, read by its owner alone."""

import os
import secrets
from pathlib import Path

from ebook_pipeline.settings import Settings
from ebook_pipeline.web.addresses import PREFIX, base_url

_BYTES = 32


def token_file(settings: Settings) -> Path:
    """Where the token of the running web UI lies."""
    return settings.root / "run" / "web-token"


def begin(settings: Settings) -> str:
    """The token that opens the web UI from this start on: the settings', or a new one.

    A desk on another machine has it from the same secret (`EBOOK_WEB_TOKEN`).
    """
    file = token_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    given = settings.web_token.get_secret_value() if settings.web_token else None
    return renew(file, given)


def current(settings: Settings) -> str:
    """The token of the running web UI, for the desk. Raises FileNotFoundError where none runs."""
    if settings.web_token:
        return settings.web_token.get_secret_value()
    return token_file(settings).read_text(encoding="ascii")


def renew(file: Path, given: str | None = None) -> str:
    """A new token in `file`, which only its owner may read; the one before opens nothing now."""
    token = given or secrets.token_urlsafe(_BYTES)
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
    where = f"{base_url(settings)}{PREFIX}{path}"
    return f"{where}{'&' if '?' in path else '?'}token={current(settings)}"
