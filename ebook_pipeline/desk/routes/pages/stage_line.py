"""A book's stages as a line: what is done, where it is now, what comes."""

from enum import StrEnum

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.services.recording.journal import Progress
from ebook_pipeline.services.reporting.job_states import STAGES
from ebook_pipeline.services.reporting.status import BookState


class StepState(StrEnum):
    """How a stage of the line looks."""

    DONE = "done"
    NOW = "now"
    ASKED = "asked"
    STOPPED = "stopped"
    TO_COME = "to_come"


_ENDED = {
    Outcome.WAITING: StepState.ASKED,
    Outcome.REJECTED: StepState.STOPPED,
    Outcome.FAILED: StepState.STOPPED,
}


class Step(Record):
    """One stage of the line; `seconds` it took, where it is done."""

    stage: str
    state: StepState
    seconds: float | None = None


def stage_line(state: BookState, progress: Progress | None) -> tuple[Step, ...]:
    """The nine stages of a book's newest edition.

    Stages behind the last that ended are to come, whatever an earlier run has of them. A book that
    went through and is under way again waits for its next file to be taken.
    """
    ended = progress.stages if progress else {}
    last = next(reversed(ended), None)
    reached = STAGES.index(last) if last in STAGES else -1
    is_moving = state is BookState.IN_PROGRESS
    if is_moving and reached == len(STAGES) - 1:
        reached = -1
    steps = []
    for number, stage in enumerate(STAGES):
        run = ended.get(stage) if number <= reached else None
        if run is not None:
            steps.append(Step(stage=stage, state=_looks(run.outcome), seconds=run.seconds))
        elif is_moving and number == reached + 1:
            steps.append(Step(stage=stage, state=StepState.NOW))
        else:
            steps.append(Step(stage=stage, state=StepState.TO_COME))
    return tuple(steps)


def _looks(outcome: Outcome) -> StepState:
    return _ENDED.get(outcome, StepState.DONE)
