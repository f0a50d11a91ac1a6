"""Log lines as JSON, one object a line, for who collects them; nothing secret stands in one."""

import json
import logging
import re
from datetime import UTC, datetime

from ebook_pipeline.foundation.log_context import WithRunAndBook

_SIGNED = re.compile(
    r"(?i)\b(signature|x-amz-[a-z-]+|policy|key-pair-id|expires|token|code|password|secret)"
    r"=[^&\s\"'<>]+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}")
_FIELDS = ("request_id", "run", "book")
_HIDDEN = "…"


class JsonFormatter(logging.Formatter):
    """`at`, `level`, `logger`, `message`; `request_id`, `run` and `book` where they are known."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        for name in _FIELDS:
            value = getattr(record, name, None)
            if value and value != "-":
                line[name] = str(value)
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def log_as_json(run: str) -> None:
    """Write this process' own lines as JSON from now on, each with the run and book it is about."""
    own = logging.getLogger("ebook_pipeline")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(WithRunAndBook(run))
    own.handlers[:] = [handler]
    own.propagate = False


def without_secrets(text: str) -> str:
    """`text` with what signs, opens or proves taken out of addresses and headers in it."""
    return _BEARER.sub(rf"\1 {_HIDDEN}", _SIGNED.sub(rf"\1={_HIDDEN}", text))
