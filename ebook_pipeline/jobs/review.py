"""Reviews in Dagster's launchpad: what `ebooks review` does, and what is still open."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from ebook_pipeline.books.reviewing.routing import Priority, load_routing
from ebook_pipeline.foundation.errors import Denied, PipelineError
from ebook_pipeline.foundation.findings import in_one_line
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.actors import LAUNCHED_BY
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.reviewing import reviews, routing
from ebook_pipeline.services.reviewing.reviews import ReviewTask
from ebook_pipeline.services.reviewing.routing import AssignmentChange
from ebook_pipeline.settings import Settings

NAME = "review_books"
_MOST_SHOWN = 200
_BOOK = dg.Field(str, description="The book's key.")
_PRIORITIES = dg.Enum("Priority", [dg.EnumValue(priority.value) for priority in Priority])
_SCHEMA = {
    "decisions": dg.Field(
        [
            {
                "book": _BOOK,
                "approve": dg.Field(bool, description="True lets it go on, false closes it."),
                "note": dg.Field(str, default_value="", description="Why; the author may read it."),
            }
        ],
        default_value=[],
        description="Answers. Decided books are taken up by the sensor within seconds.",
    ),
    "assignments": dg.Field(
        [
            {
                "book": _BOOK,
                "assignee": dg.Field(
                    str, is_required=False, description="An address or a name; empty frees it."
                ),
                "priority": dg.Field(_PRIORITIES, is_required=False, description="How pressing."),
                "days": dg.Field(float, is_required=False, description="Due so many days on."),
            }
        ],
        default_value=[],
        description="Who should answer what, how urgently, and by when.",
    ),
    "flags": dg.Field(
        [{"book": _BOOK, "reason": dg.Field(str, description="What should be looked at.")}],
        default_value=[],
        description="Books to be reviewed whatever quality says; they stop at the release gate.",
    ),
}
_Work = Callable[[Mapping[str, Any]], object]


def review_books(settings: Settings) -> dg.JobDefinition:
    """The job: decisions, assignments and flags by config; without any it shows what is open."""

    @dg.op(
        name=f"{NAME}_desk",
        config_schema=_SCHEMA,
        required_resource_keys={"database", "object_store"},
        description="Writes the answers down as `ebooks review` does, then lists what is open.",
    )
    def answers(context: dg.OpExecutionContext) -> dg.Output[None]:
        database: Database = context.resources.database
        store: ObjectStore = context.resources.object_store
        config = context.op_config
        problems = []
        if any(config.values()):
            launcher = _launcher(database, settings, context.run_tags)
            actions = _ReviewActions(database, store, settings, f"dagster:{launcher}")
            problems = list(_done(actions, config))
        shown = table(reviews.tasks(database))
        if problems:
            told = {str(number): problem for number, problem in enumerate(problems, 1)}
            raise dg.Failure(f"{len(problems)} could not be done", metadata={**shown, **told})
        return dg.Output(None, metadata=shown)

    @dg.job(name=NAME, description=__doc__, executor_def=dg.in_process_executor)
    def job() -> None:
        answers()

    return job


def config(**requests: Any) -> dict[str, Any]:
    """The job's run config: ``decisions``, ``assignments``, ``flags``."""
    return {"ops": {f"{NAME}_desk": {"config": requests}}}


def table(tasks: tuple[ReviewTask, ...]) -> dict[str, Any]:
    """Open tasks as people read them in a run's page, the most pressing first."""
    rows = [
        dg.TableRecord(
            {
                "book": task.book,
                "edition": task.edition,
                "priority": task.priority.value,
                "due": task.due.strftime("%Y-%m-%d %H:%M"),
                "assignee": task.assignee or "–",
                "why": _why(task),
                "evidence": _evidence(task),
            }
        )
        for task in tasks[:_MOST_SHOWN]
    ]
    return {"open": len(tasks), "tasks": dg.MetadataValue.table(rows, schema=_COLUMNS)}


_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn(name, "int" if name == "edition" else "string")
        for name in ("book", "edition", "priority", "due", "assignee", "why", "evidence")
    ]
)


class _ReviewActions:
    """The operator's answers, through the same doors as the command line's."""

    def __init__(
        self, database: Database, store: ObjectStore, settings: Settings, actor: str
    ) -> None:
        self._database, self._records = database, RecordStore(store)
        self._routing = load_routing(settings.review_routing)
        self._actor = actor

    def decide(self, said: Mapping[str, Any]) -> None:
        approved, note = said["approve"], said["note"]
        reviews.decide(
            self._database, said["book"], approved=approved, note=note, actor=self._actor
        )

    def assign(self, said: Mapping[str, Any]) -> None:
        wanted = {name: value for name, value in said.items() if name != "book"}
        change = AssignmentChange.model_validate(wanted)
        routing.assign(self._database, said["book"], change, actor=self._actor)

    def flag(self, said: Mapping[str, Any]) -> None:
        routing.flag(
            self._database,
            said["book"],
            reason=said["reason"],
            actor=self._actor,
            evidence=routing.evidence_of(self._database, self._records, said["book"]),
            routing=self._routing,
        )


def _launcher(database: Database, settings: Settings, tags: Mapping[str, str]) -> str:
    """The operator whom the run's tag names, else the one in whose name a shell would act.

    Raises dg.Failure that says what to do where that is nobody.
    """
    try:
        return people.shell_operator(database, tags.get(LAUNCHED_BY, settings.operator))
    except Denied as error:
        raise dg.Failure(f"Tag the run `{LAUNCHED_BY}` with your name: {error}") from error


def _done(actions: _ReviewActions, config: Mapping[str, Any]) -> Iterator[str]:
    """Do everything that can be done; what could not be, with the reason."""
    works: dict[str, _Work] = {
        "flags": actions.flag,
        "assignments": actions.assign,
        "decisions": actions.decide,
    }
    requests = [(work, request) for name, work in works.items() for request in config[name]]
    for work, request in requests:
        try:
            work(request)
        except PipelineError as error:
            yield f"{request['book']}: {error}"


def _evidence(task: ReviewTask) -> str:
    """Every finding that the task knows, whole, and how many more its page has."""
    shown = [str(finding.get("message", "")) for finding in task.evidence.get("findings", ())]
    more = int(task.evidence.get("more", 0))
    told = [*shown, f"and {more} more on its page"] if more else shown
    return f"{len(shown) + more}: {'; '.join(told)}" if shown else "–"


def _why(task: ReviewTask) -> str:
    reasons = task.evidence.get("reasons") or [task.evidence.get("reason", "")]
    return in_one_line(reasons)
