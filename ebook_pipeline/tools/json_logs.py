"""Log lines as JSON, one object a line, for who collects them; nothing secret stands in one."""

import json
import logging
import re
from datetime import UTC, datetime

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


def without_secrets(text: str) -> str:
    """`text` with what signs, opens or proves taken out of addresses and headers in it."""
    return _BEARER.sub(rf"\1 {_HIDDEN}", _SIGNED.sub(rf"\1={_HIDDEN}", text))
