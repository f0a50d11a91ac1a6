"""Pools: how many stages of this machine may use something scarce at a time.

A place is a file that is locked while a stage is in it. All processes of a home share them,
whichever run they have, and the kernel frees the places of a process that dies.
"""

import fcntl
import os
import random
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ebook_pipeline.resources import disk
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.sandbox import Cancelled

_LOOK_SECONDS = 0.05
"""Between two looks for a free place: little beside a stage, and a thousandth of a core."""


@dataclass(frozen=True)
class Pools:
    """`limits`: places by pool, without limit where it is not named or 0; `folder` of the home."""

    folder: Path = Path()
    limits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of this home, by the names that stages call them."""
        limits = {
            "jvm": settings.pool_jvm,
            "browser": settings.pool_browser,
            "models": settings.pool_models,
            "vault": settings.pool_vault,
        }
        return cls(settings.scratch / "pools", limits)

    @contextmanager
    def entered(self, names: Iterable[str], stop: threading.Event) -> Iterator[None]:
        """Hold a place of each pool, waiting for those that are full; Cancelled once `stop` is set.

        All ask in the same order, so nobody waits for who waits for them.
        """
        with ExitStack() as stack:
            for name in sorted(names):
                if self.limits.get(name):
                    stack.callback(os.close, self._place(name, stop))
            yield

    def _place(self, name: str, stop: threading.Event) -> int:
        with disk.disk_errors(f"pools {self.folder}"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        places = [self.folder / f"{name}-{number}" for number in range(self.limits[name])]
        while True:
            random.shuffle(places)
            for place in places:
                handle = _locked(place)
                if handle is not None:
                    return handle
            if stop.wait(_LOOK_SECONDS):
                raise Cancelled(f"the run was cancelled before it had a place of {name}")


def _locked(place: Path) -> int | None:
    with disk.disk_errors(f"pool {place.name}"):
        handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
