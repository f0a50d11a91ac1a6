"""Files that every child of the sandbox may read besides our code: the same ones for all.

They are public and large, such as a model laid out to be mapped into memory. A process says what it
shares; the fork server learns it with each order, and a child finds it by its name.
"""

from collections.abc import Mapping
from pathlib import Path

_NAMED: dict[str, Path] = {}


def share(name: str, path: Path) -> None:
    """Let all calls to come read the file or folder at `path`, which they know as `name`."""
    _NAMED[name] = path.resolve()


def shared(name: str) -> Path | None:
    """Where what is called `name` lies; None where nobody has shared it."""
    return _NAMED.get(name)


def all_shared() -> dict[str, Path]:
    """Everything that is shared, by name."""
    return dict(_NAMED)


def take(named: Mapping[str, Path]) -> None:
    """Know what another process shares; in the fork server."""
    _NAMED.update(named)
