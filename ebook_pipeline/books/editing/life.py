"""The life of a book, in one table: from a draft to what is on sale, and every way back.

Who may take a step the matrix of rights says, by `right`; so no role stands here a second time.
A manuscript's steps are taken before its processing, a book's beside it: what is on sale the
release says, and what is past the gate the gate.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Literal

from ebook_pipeline.books.owning.rights import RightsState, matrix
from ebook_pipeline.foundation.record import Record

Thing = Literal["manuscript", "book"]
CHANGED = "book.stateChanged"
PIPELINE = "pipeline"
"""Who takes a step that no person takes."""


class Guard(StrEnum):
    """What has to be so, besides who asks."""

    NONE = "none"
    WRITTEN = "it has a title, words, and an editor"
    REASON = "a reason is given"
    ASKED = "its review is open"
    ASKED_WITH_REASON = "its review is open, and a reason is given"
    GATE = "the gate lets it pass"
    CHAIN = "the chain takes it: checks, gate and release"
    VERIFIED = "its files are right at the edge"


class Transition(Record):
    """One step. `right`: the resource and action that the matrix must grant; None: no person's."""

    name: str
    of: Thing
    before: RightsState
    after: RightsState
    right: tuple[str, str] | None
    guard: Guard
    event: str

    @property
    def needs_reason(self) -> bool:
        """Whether it is taken with a reason alone."""
        return self.guard in (Guard.REASON, Guard.ASKED_WITH_REASON)

    @property
    def roles(self) -> tuple[str, ...]:
        """Who may take it, by their roles."""
        if self.right is None:
            return (PIPELINE,)
        kind, action = self.right
        found = {
            row.role.value
            for row in matrix()
            if row.resource == kind
            and action in row.actions
            and (row.states is None or self.before in row.states)
        }
        return tuple(sorted(found))


_DRAFT, _SUBMITTED, _READY = RightsState.DRAFT, RightsState.SUBMITTED, RightsState.READY
_PUBLISHED, _WITHDRAWN = RightsState.PUBLISHED, RightsState.WITHDRAWN


def _manuscript(
    name: str, before: RightsState, after: RightsState, action: str, guard: Guard = Guard.NONE
) -> Transition:
    return Transition(
        name=name, of="manuscript", before=before, after=after,
        right=("manuscript", action), guard=guard, event=CHANGED,
    )  # fmt: skip


def _book(
    name: str,
    states: tuple[RightsState, RightsState],
    right: tuple[str, str] | None,
    guard: Guard,
    event: str,
) -> Transition:
    before, after = states
    return Transition(
        name=name, of="book", before=before, after=after, right=right, guard=guard, event=event
    )


TRANSITIONS: tuple[Transition, ...] = (
    _manuscript("submit", _DRAFT, _SUBMITTED, "submit", Guard.WRITTEN),
    _manuscript("recall", _SUBMITTED, _DRAFT, "recall"),
    _manuscript("recall", _READY, _DRAFT, "recall"),
    _manuscript("ask-changes", _SUBMITTED, _DRAFT, "edit", Guard.REASON),
    _manuscript("accept", _SUBMITTED, _READY, "edit"),
    _manuscript("reopen", _READY, _DRAFT, "reopen", Guard.REASON),
    _manuscript("publish", _READY, _PUBLISHED, "publish", Guard.CHAIN),
    _manuscript("revise", _PUBLISHED, _DRAFT, "revise"),
    _manuscript("revise", _WITHDRAWN, _DRAFT, "revise"),
    _book("approve", (_SUBMITTED, _READY), ("review", "decide"), Guard.ASKED, "review.decided"),
    _book(
        "send-back",
        (_SUBMITTED, _DRAFT),
        ("review", "decide"),
        Guard.ASKED_WITH_REASON,
        "review.decided",
    ),
    _book("pass", (_SUBMITTED, _READY), None, Guard.GATE, "stage.finished"),
    _book("release", (_READY, _PUBLISHED), None, Guard.VERIFIED, "release.live"),
    _book("unpublish", (_PUBLISHED, _WITHDRAWN), ("book", "withdraw"), Guard.NONE,
          "release.withdrawn"),
    _book("republish", (_WITHDRAWN, _PUBLISHED), ("book", "release"), Guard.VERIFIED,
          "release.live"),
)  # fmt: skip


def transition(of: Thing, name: str, states: Collection[RightsState]) -> Transition | None:
    """The step of this name from one of the states that the thing is in; None: there is none."""
    return next((one for one in open_to(of, states) if one.name == name), None)


def open_to(of: Thing, states: Collection[RightsState]) -> tuple[Transition, ...]:
    """Every step from these states that a person may take."""
    return tuple(one for one in TRANSITIONS if one.of == of and one.right and one.before in states)


def life_table() -> str:
    """The table for people, in Markdown."""
    head = "| step | of | from | to | who | guard | event |\n|---|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {one.name} | {one.of} | {one.before} | {one.after} | {', '.join(one.roles)} |"
        f" {one.guard} | `{one.event}` |\n"
        for one in TRANSITIONS
    )
