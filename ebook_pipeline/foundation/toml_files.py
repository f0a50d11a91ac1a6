"""TOML files: those that come with the package, and those that a setting names.

https://toml.io/en/v1.0.0, in UTF-8.
"""

import tomllib
from pathlib import Path
from typing import Any


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of the file. Raises OSError, and ValueError where it is no TOML or no UTF-8."""
    with path.open("rb") as stream:
        return tomllib.load(stream)


def toml_beside(module: str, name: str) -> dict[str, Any]:
    """The tables of the file `name` that lies beside a module, whose ``__file__`` is `module`.

    Who asks often keeps what it made of them: the file is read anew each time.
    """
    return read_toml(Path(module).with_name(name))
