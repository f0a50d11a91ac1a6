"""Versions of what is installed, as fingerprints and reports name them.

To ask costs half a millisecond, in which the distribution's metadata are read and parsed; stages of
every book ask. What is installed does not change while a process lives, so each is asked for once.
"""

import functools


@functools.cache
def installed_version(distribution: str) -> str:
    """The version of a distribution. Raises `importlib.metadata.PackageNotFoundError`."""
    import importlib.metadata  # commands start without it

    return importlib.metadata.version(distribution)


def named_version(distribution: str) -> str:
    """The same behind the distribution's name: ``wordfreq-3.1.1``."""
    return f"{distribution}-{installed_version(distribution)}"
