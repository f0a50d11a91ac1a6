"""Every request to Amazon as a span: service, operation and status, never an address or a body."""

from typing import Any

from ebook_pipeline.foundation import tracing

_SPAN = "ebook_span"


def trace(client: Any) -> None:
    """Let requests of a boto3 client be spans, where anybody is told of them."""
    client.meta.events.register("before-call", _begin)
    client.meta.events.register("after-call", _end)
    client.meta.events.register("after-call-error", _fail)


def _begin(model: Any, context: dict[str, Any], **_: Any) -> None:
    if not tracing.is_traced():
        return
    service = str(model.service_model.service_name)
    facts = {"rpc.system": "aws-api", "rpc.service": service, "rpc.method": str(model.name)}
    context[_SPAN] = tracing.span(f"{service}.{model.name}", **facts)
    context[_SPAN].__enter__()


def _end(context: dict[str, Any], **_: Any) -> None:
    _leave(context, None)


def _fail(context: dict[str, Any], exception: BaseException, **_: Any) -> None:
    _leave(context, exception)


def _leave(context: dict[str, Any], error: BaseException | None) -> None:
    span = context.pop(_SPAN, None)
    if span is not None:
        tracing.leave(span, error)
