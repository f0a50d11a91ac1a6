"""When is a finished stage still good? Same code, same inputs, same tools, and its blobs exist."""

import hashlib
from collections.abc import Callable, Mapping

from ebook_pipeline.execution.stage import Stage, parameters
from ebook_pipeline.foundation.record import Record, canonical_json


def fingerprint(
    stage: Stage, arguments: Mapping[str, object], former_names: Mapping[str, str]
) -> str:
    """SHA-256 over what the stage's result depends on.

    Records count by their data version, tools and models by their `version`; what has neither
    (stores, folders) carries bytes and decides nothing. An argument counts under its name of
    `former_names` where it has one.
    """
    versions = {
        former_names.get(name, name): version_of(value) for name, value in arguments.items()
    }
    facts = {
        "stage": stage.name,
        "code": stage.version,
        "schema": stage.record.schema_version,
        "inputs": {name: version for name, version in versions.items() if version is not None},
    }
    return hashlib.sha256(canonical_json(facts)).hexdigest()


def made_with(stage: Stage, shared: Callable[[str], str | None]) -> dict[str, str]:
    """What `stage` is made with, whatever the item: its code, its record's schema, its tools.

    `shared` tells versions by parameter: `ItemContext.shared_version`.
    """
    versions = ((name, shared(name)) for name in parameters(stage.function))
    tools = {name: version for name, version in versions if version is not None}
    return {"code": stage.version, "schema": str(stage.record.schema_version), **tools}


def digest_of(facts: Mapping[str, str]) -> str:
    """Twelve hex digits that tell facts of `made_with` apart."""
    return hashlib.sha256(canonical_json(dict(facts))).hexdigest()[:12]


def is_current(record: Record, arguments: Mapping[str, object]) -> bool:
    """Whether every tool that can tell would make `record` with what it was made with.

    A tool whose models depend on what the record turns out to be (its language) has `is_current`:
    its `version` cannot name them before the work is done.
    """
    told = (getattr(value, "is_current", None) for value in arguments.values())
    return all(ask(record) for ask in told if callable(ask))


def version_of(value: object) -> str | None:
    """What tells two values of one parameter apart, or None where they are interchangeable."""
    if isinstance(value, Record):
        return value.data_version
    version = getattr(value, "version", None)
    return version if isinstance(version, str) else None
