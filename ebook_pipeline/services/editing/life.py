"""A manuscript's steps, each in one transaction with its round, its event and its audit row."""

from sqlalchemy import Connection

from ebook_pipeline.books.editing.life import Guard, Transition, transition
from ebook_pipeline.books.owning.rights import RightsState
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.editing import rounds
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.reporting.job_states import JobState
from ebook_pipeline.services.writing import manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript
from ebook_pipeline.services.writing.submitting import (
    NeedsEditors,
    require_written,
    tell_step,
)

_UNDER_WAY = frozenset(
    {JobState.UPLOADING, JobState.RECEIVED, JobState.PROCESSING, JobState.NEEDS_REVIEW}
)


class NoSuchStep(Denied):
    """From where the thing stands, there is no such step."""


class NoReason(Denied):
    """The step is taken with a reason alone."""


def take(
    database: Database,
    manuscript: str,
    step: str,
    *,
    reason: str = "",
    actor: str,
    precondition: Precondition[Manuscript] = unconditionally,
) -> Manuscript:
    """Take one step, but for publishing, which is the submitter's.

    Raises `NotFound`, `NoSuchStep`, `NoReason`, `NothingWritten`, `NeedsEditors`, `Denied` while
    the chain has it, and what `precondition` raises.
    """
    _require_chain_ended(database, manuscript)
    with database.begin() as connection:
        seen = manuscripts.lock(connection, manuscript)
        precondition(seen)
        taken = require_step(seen, step)
        _require(seen, taken, reason)
        _change_rounds(connection, seen, taken, reason, actor)
        manuscripts.changed(connection, manuscript, state=taken.after.value)
        tell_step(connection, seen, taken, actor, reason)
        return manuscripts.manuscript_of(connection, manuscript)


def require_step(seen: Manuscript, step: str) -> Transition:
    """The step of this name. Raises `NoSuchStep`."""
    taken = transition("manuscript", step, [seen.phase])
    if taken is None:
        raise NoSuchStep(f"a manuscript that is {seen.phase} has no step {step[:40]!r}")
    return taken


def require_reason(taken: Transition, reason: str) -> None:
    """Raise `NoReason` where one is needed and none given."""
    if taken.needs_reason and not reason.strip():
        raise NoReason("say why: it is read by who has to work on it")


def _require(seen: Manuscript, taken: Transition, reason: str) -> None:
    require_reason(taken, reason)
    if taken.guard is Guard.CHAIN:
        raise NoSuchStep("publishing hands it to the chain")
    if taken.guard is Guard.WRITTEN:
        require_written(seen)
        if not seen.editors:
            raise NeedsEditors("Nobody edits it: assign an editor first, or submit it directly.")


def _require_chain_ended(database: Database, manuscript: str) -> None:
    """What is on its way to be sold is stopped there, not here."""
    seen = manuscripts.read(database, manuscript)
    if seen.phase is not RightsState.READY or not seen.job:
        return
    last = job_states.statuses(database, [seen.job]).get(seen.job)
    if last is not None and last.state in _UNDER_WAY:
        raise Denied("the chain has it: cancel its job, or wait until that has ended")


def _change_rounds(
    connection: Connection, seen: Manuscript, taken: Transition, reason: str, actor: str
) -> None:
    if taken.after is RightsState.SUBMITTED:
        rounds.begin(connection, seen, actor)
    elif taken.before is RightsState.SUBMITTED:
        rounds.end(connection, seen.id, taken.name, reason, actor)
