"""Spans of what is under way: told to a tracer where one is set, else they cost nothing.

Facts are names and numbers of ours, never what a file, an address or an error says: nothing secret
can stand in a trace.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

Fact = str | int | float | bool


class Tracer(Protocol):
    """Takes spans; those that begin within another, in the same thread, are its children."""

    def span(self, name: str, facts: Mapping[str, Fact]) -> AbstractContextManager[object]:
        """A span from now until the body ends, with the kind of the error that ended it."""
        ...


_tracers: list[Tracer] = []


def trace_to(tracer: Tracer | None) -> None:
    """Tell this process' spans to `tracer` from now on, or to nobody."""
    _tracers[:] = [tracer] if tracer else []


def is_traced() -> bool:
    """Whether anybody is told of spans."""
    return bool(_tracers)


def span(name: str, **facts: Fact) -> AbstractContextManager[object]:
    """What the body does, as one span; facts are named as OpenTelemetry's conventions name them."""
    return _tracers[0].span(name, facts) if _tracers else nullcontext()


def leave(span: AbstractContextManager[object], error: BaseException | None) -> None:
    """End a span that was entered elsewhere, with the error that ended it; it is not raised."""
    try:
        span.__exit__(type(error) if error else None, error, None)
    except BaseException as raised:
        if raised is not error:
            raise


@contextmanager
def traced_to(tracer: Tracer) -> Iterator[None]:
    """As `trace_to`, while the body runs."""
    before = list(_tracers)
    trace_to(tracer)
    try:
        yield
    finally:
        _tracers[:] = before
