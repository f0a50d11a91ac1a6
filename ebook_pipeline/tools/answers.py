"""What a sandbox's child answers, as data: written there as JSON, believed here only by its type.

The child may have been taken over by the file that it read. So nothing of its answer is code: the
value is read by the type that the function declares, strictly, and an error by the name of one of
ours. An answer is a letter that says which it is, then a JSON document.
"""

import functools
import json
import logging
import traceback
import typing
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from ebook_pipeline.foundation.errors import (
    BookError,
    LimitExceeded,
    PipelineError,
    ServiceError,
)
from ebook_pipeline.foundation.findings import Finding

NO_MEMORY = b"m"
_VALUE, _RAISED, _CRASHED = b"v", b"r", b"c"
_CONFIG = ConfigDict(val_json_bytes="base64", ser_json_inf_nan="constants")
_MOST_SAID = 2000
"""Characters of a sentence of the child's that are kept."""
_log = logging.getLogger(__name__)


class _Raised(BaseModel):
    """One of our errors: the name of its class, and its finding where it is a book's."""

    model_config = ConfigDict(extra="forbid", strict=True)

    error: str
    message: str
    finding: Finding | None = None


class _Crash(BaseModel):
    """Any other error, in words."""

    model_config = ConfigDict(extra="forbid", strict=True)

    message: str
    trace: str


class NoAnswer(Exception):
    """What came is no answer; `str` says for the log what it is instead."""


def answer_of(function: Callable[[], object]) -> bytes:
    """Call `function`; what it returned or raised. Runs in the child."""
    try:
        return _VALUE + _written(function())
    except MemoryError:
        return NO_MEMORY
    except PipelineError as error:
        finding = error.finding if isinstance(error, BookError) else None
        said = _Raised(error=_name(type(error)), message=str(error), finding=finding)
        return _RAISED + _written(said)
    except BaseException as error:  # noqa: BLE001
        text = f"{type(error).__name__}: {str(error)[:500]}"
        return _CRASHED + _written(_Crash(message=text, trace=traceback.format_exc()[-4000:]))


def read_answer(answer: bytes, function: Callable[..., object]) -> Any:
    """What `function` returned, by the type that it declares; without one, plain JSON.

    Raises what it raised where that is an error of ours, LimitExceeded (``sandbox.memory``),
    BookError (``sandbox.crash``) for other errors, NoAnswer.
    """
    kind, document = answer[:1], answer[1:]
    if kind == NO_MEMORY:
        raise LimitExceeded("sandbox.memory", "The work on this file needed too much memory.")
    try:
        if kind == _VALUE:
            return _adapter(function).validate_json(b"[%b]" % document, strict=True)[0]
        if kind == _RAISED:
            raise _error(_Raised.model_validate_json(document))
        if kind == _CRASHED:
            raise _crash(_Crash.model_validate_json(document))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
        raise NoAnswer(f"{wrong['type']} at {wrong['loc'][:8]}") from None
    raise NoAnswer("nothing that an answer begins with")


@functools.lru_cache(maxsize=256)
def _adapter(function: Callable[..., object]) -> TypeAdapter[tuple[Any]]:
    """Reads a list of the one value, for a configuration reaches what stands inside of another."""
    declared = getattr(function, "__annotations__", {}).get("return", Any)
    known = getattr(function, "__globals__", {})
    alone = SimpleNamespace(__annotations__={"value": declared})
    kind: Any = typing.get_type_hints(alone, known, include_extras=True)["value"]
    listed: Any = tuple.__class_getitem__(kind)
    return TypeAdapter(listed, config=_CONFIG)


def _written(value: object) -> bytes:
    """JSON; what is no Unicode in a text (half of a pair) becomes a question mark."""
    try:
        return to_json(value, bytes_mode="base64", inf_nan_mode="constants")
    except PydanticSerializationError:
        plain = to_jsonable_python(value, bytes_mode="base64", inf_nan_mode="constants")
        return json.dumps(plain, ensure_ascii=False).encode(errors="replace")


def _crash(crash: _Crash) -> BookError:
    shown = (sign if sign.isprintable() or sign == "\n" else "?" for sign in crash.trace)
    _log.warning("a sandboxed call failed: %s", "".join(shown))
    return BookError("sandbox.crash", crash.message[:_MOST_SAID])


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _error(raised: _Raised) -> PipelineError:
    """The error of that name where it is one of ours, else the nearest that is."""
    kinds = {_name(kind): kind for kind in _kinds(PipelineError)}
    kind = kinds.get(raised.error)
    if raised.finding is not None:
        if kind is None or not issubclass(kind, BookError):
            kind = BookError
        return kind.of(raised.finding)
    message = raised.message[:_MOST_SAID]
    if kind is None or issubclass(kind, BookError) or kind.__init__ is not Exception.__init__:
        return ServiceError(message)
    return kind(message)


def _kinds(base: type[PipelineError]) -> set[type[PipelineError]]:
    return {base}.union(*(_kinds(kind) for kind in base.__subclasses__()))
