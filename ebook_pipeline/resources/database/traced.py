"""Every statement as a span: what it does and with which table, never its values."""

import re
from typing import Any

from sqlalchemy import Engine, event

from ebook_pipeline.foundation import tracing

_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN)\s+([a-z_]+)", re.IGNORECASE)
_SPAN = "_ebook_span"


def trace(engine: Engine) -> None:
    """Let statements of `engine` be spans, where anybody is told of them."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _begin(*given: Any) -> None:
    _connection, _cursor, statement, _parameters, context, _many = given
    if not tracing.is_traced() or context is None:
        return
    operation = statement.split(None, 1)[0].upper()[:20] if statement.strip() else "?"
    table = _TABLE.search(statement)
    name = f"{operation} {table[1]}" if table else operation
    facts = {"db.system.name": "postgresql", "db.operation.name": operation}
    span = tracing.span(name, **facts)
    span.__enter__()
    setattr(context, _SPAN, span)


def _end(*given: Any) -> None:
    _leave(given[4], None)


def _fail(context: Any) -> None:
    _leave(context.execution_context, context.original_exception)


def _leave(context: Any, error: BaseException | None) -> None:
    span = getattr(context, _SPAN, None)
    if span is not None:
        setattr(context, _SPAN, None)
        tracing.leave(span, error)
