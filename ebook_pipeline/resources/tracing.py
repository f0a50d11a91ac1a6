"""Traces to a collector by OTLP, https://opentelemetry.io/docs/specs/otlp/, where one is set."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ebook_pipeline.foundation import tracing
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.tracing import Fact

SERVICE = "ebook-pipeline"
_once = threading.Lock()


class OtlpTracer:
    """Sends spans through the official SDK, a batch at a time and in a thread of its own.

    An error is told by its type alone: its words may hold what nobody should read.
    """

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    @contextmanager
    def span(self, name: str, facts: Mapping[str, Fact]) -> Iterator[None]:
        from opentelemetry.trace import StatusCode

        own = {"record_exception": False, "set_status_on_exception": False}
        with self._tracer.start_as_current_span(name, attributes=dict(facts), **own) as one:
            try:
                yield
            except BaseException as error:
                one.set_attribute("error.type", type(error).__name__)
                one.set_status(StatusCode.ERROR)
                raise


def start_tracing(endpoint: str | None) -> None:
    """Tell the collector at `endpoint`, such as http://localhost:4318, from now on; once a process.

    Nothing happens without one. Raises `ServiceError` where the SDK is not installed.
    """
    with _once:
        if endpoint and not tracing.is_traced():
            tracing.trace_to(OtlpTracer(_provider(endpoint).get_tracer(SERVICE)))


def _provider(endpoint: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        text = "traces need more: pip install 'ebook-pipeline[otel]', or unset EBOOK_OTLP_ENDPOINT"
        raise ServiceError(text) from error
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    address = f"{endpoint.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    return provider
