"""What a child puts on itself before it touches a stranger's bytes, from the outside in."""

import os
from dataclasses import dataclass

from ebook_pipeline.tools import identity, landlock, prctl, system_calls
from ebook_pipeline.tools.identity import Identity
from ebook_pipeline.tools.isolation import Layers
from ebook_pipeline.tools.landlock import FileRules, OpenedRules
from ebook_pipeline.tools.limits import Limits, apply_limits, bound_open_files
from ebook_pipeline.tools.system_calls import Work


@dataclass(frozen=True)
class Confinement:
    """What holds one call: its number, its limits, the files it may open, this machine's layers.

    `programs` are the rules over files that every program needs.
    """

    call: int
    limits: Limits
    files: FileRules
    programs: OpenedRules
    layers: Layers

    def apply(self, work: Work, *, first_file: int) -> None:
        """Hold this process, and each that it starts, for good. Raises OSError: then do no work.

        What it has open from `first_file` on is closed.
        """
        if self.limits.gains_privileges and not self.layers.for_all:
            os.closerange(first_file, 1 << 16)
            apply_limits(self.limits, counted=False)
            bound_open_files(self.limits)
            return
        apply_limits(self.limits, counted=self._identity is not Identity.SHARED)
        identity.take(self._identity, self.call)
        prctl.forgo_privileges()
        if self.layers.landlock:
            landlock.restrict(self.files, self.programs)
        os.closerange(first_file, 1 << 16)
        bound_open_files(self.limits)
        if self.layers.filter:
            system_calls.restrict(*() if self.layers.for_all else (Work.FORKING,), work)

    @property
    def _identity(self) -> Identity:
        """Chromium does not get far as a user that nobody knows."""
        other = self.limits.gains_privileges and self.layers.identity is Identity.USER
        return Identity.SHARED if other else self.layers.identity


def work_of(limits: Limits, *, program: bool) -> Work:
    """What a child with these limits does: call a function, or become a program."""
    if limits.gains_privileges:
        return Work.BROWSER
    if limits.processes:
        return Work.PROCESSES
    return Work.PROGRAM if program else Work.FUNCTION
