"""Fewer partitions than items: what nothing happens to is taken off Dagster's list.

Dagster advises at most 100,000 keys a definition; its pages list them all. A key that is taken off
keeps its events, and has them again when it is added anew.
"""

import time
from collections.abc import Iterable, Sequence

import dagster as dg


def archive_partitions(
    instance: dg.DagsterInstance, name: str, keys: Iterable[str], *, seconds: float
) -> list[str]:
    """Take `keys` off the list of the dynamic partitions `name`, for about `seconds`; which."""
    until = time.monotonic() + seconds
    archived: list[str] = []
    for key in keys:
        if time.monotonic() >= until:
            break
        instance.delete_dynamic_partition(name, key)
        archived.append(key)
    return archived


def list_partitions(instance: dg.DagsterInstance, name: str, keys: Sequence[str]) -> None:
    """Let Dagster list these, before something happens to them; those that it lists stay."""
    instance.add_dynamic_partitions(name, list(keys))
