"""``ebooks reprocess``: a stage of many books again, after code, a model or a policy changed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.book_filter import where
from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.reprocessing_tables import print_reprocessings, print_summary
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.services.reporting.book_files import STAGES
from ebook_pipeline.services.reprocessing import reprocessings, schedules, versions
from ebook_pipeline.services.reprocessing.plan import ReprocessPlan
from ebook_pipeline.services.reprocessing.reprocessings import Reprocessing, ReprocessingRequest
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_Moving = Callable[..., Reprocessing]
_stage = click.option("--stage", type=click.Choice(list(STAGES)), help="From which stage.")
_alone = click.option("--alone", is_flag=True, help="Without the stages behind it.")
_queue = click.option(
    "--queue", is_flag=True, help="Leave it to the services (`ebooks up`), behind fresh arrivals."
)


@click.group(invoke_without_command=True)
@_stage
@where
@_alone
@click.option("--plan", "only_plan", is_flag=True, help="Say what it would take, and do nothing.")
@click.option("--yes", is_flag=True, help="Begin without asking.")
@_queue
@click.option("--per-run", default=50, show_default=True, type=click.IntRange(1, 1000))
@as_json
@click.pass_context
def reprocess(context: click.Context, /, **given: Any) -> None:
    """Do a stage again for the books that have been through it, and what follows from it.

    What would come out as it is is not done again. How many books there are, and how many hours
    they take, is said first. It can be paused, resumed and cancelled from any shell and at the
    desk, and outlives this one: `ebooks reprocess resume`, or the services, go on with it.
    """
    if context.invoked_subcommand is None:
        _reprocess(**given)


def _reprocess(stage: str | None, as_json: bool, queue: bool, **given: Any) -> None:
    if stage is None:
        raise click.UsageError("name a --stage, or a command of `ebooks reprocess --help`")
    settings = Settings()
    request = ReprocessingRequest(
        stage=stage,
        condition=given["where"] or "",
        alone=given["alone"],
        books_per_run=given["per_run"],
    )
    with changing(settings) as resources:
        planned = reprocessings.plan(resources.database, request)
        if given["only_plan"] and as_json:
            print_json([planned.model_dump(exclude={"books"}) | {"books": len(planned.books)}])
            return
        _say(planned)
        if given["only_plan"] or not planned.books:
            return
        if not given["yes"]:
            click.confirm("Begin?", abort=True, err=True)
        begun = reprocessings.begin(resources.database, request, planned, actor=actor())
        _go_on(settings, resources, begun, queue=queue, as_json=as_json)


@reprocess.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """Reprocessings, the newest first: how far they are, and when they end."""
    settings = Settings()
    with Stack(settings).borrowed():
        print_reprocessings(opened(settings).database, as_json=as_json)


@reprocess.command("show")
@click.argument("number", type=int)
@as_json
def show_one(number: int, as_json: bool) -> None:
    """What became of its books so far, and why."""
    settings = Settings()
    with Stack(settings).borrowed():
        database = opened(settings).database
        print_summary(database, reprocessings.find(database, number), as_json=as_json)


@reprocess.command("pause")
@click.argument("number", type=int)
def pause_one(number: int) -> None:
    """Begin no further stage of its books, until it is resumed."""
    _move(number, reprocessings.pause)


@reprocess.command("resume")
@click.argument("number", type=int)
@_queue
@as_json
def resume_one(number: int, queue: bool, as_json: bool) -> None:
    """Go on where it was paused, or where its shell was killed."""
    _begin_by(reprocessings.resume, number, queue=queue, as_json=as_json)


@reprocess.command("cancel")
@click.argument("number", type=int)
def cancel_one(number: int) -> None:
    """Leave the books that it has not come to as they are."""
    _move(number, reprocessings.cancel)


@reprocess.command("retry")
@click.argument("number", type=int)
@_queue
@as_json
def retry_failed(number: int, queue: bool, as_json: bool) -> None:
    """Only the books that failed in it, again."""
    _begin_by(reprocessings.try_failed_again, number, queue=queue, as_json=as_json)


@reprocess.command("offers")
@click.option("--accept", type=click.Choice(list(STAGES)), help="Do this stage again.")
@click.option("--dismiss", type=click.Choice(list(STAGES)), help="Leave its books as they are.")
@_queue
@as_json
def show_offers(accept: str | None, dismiss: str | None, queue: bool, as_json: bool) -> None:
    """Stages whose code, model or policy has changed: books made with something else, and hours."""
    if accept is not None:
        _begin_by(versions.accept, accept, queue=queue, as_json=as_json)
        return
    from ebook_pipeline.assets.stage_versions import note_stage_versions

    with changing(Settings()) as resources:
        note_stage_versions(resources)
        if dismiss is not None:
            versions.dismiss(resources.database, dismiss, actor=actor())
        found = versions.offers(resources.database)
    if as_json:
        print_json(found)
        return
    for one in found:
        console().print(f"{one.stage}: {one.books} books, about {one.hours:.2f} hours of work")
    if not found:
        console().print("every book is made with what there is")


@reprocess.command("schedule")
@click.argument("name")
@_stage
@where
@_alone
@click.option("--cron", help="When, of UTC: `0 1 * * 6` is Saturdays at one.")
@click.option("--remove", is_flag=True, help="Let it begin no more.")
def keep_schedule(name: str, remove: bool, **given: Any) -> None:
    """Let one begin by itself, while the services run (`ebooks up`)."""
    from ebook_pipeline.jobs.reprocessings import next_time

    with changing(Settings()) as resources:
        if remove:
            schedules.remove(resources.database, name, actor=actor())
            return
        if not given["stage"] or not given["cron"] or not _NAME.fullmatch(name):
            raise click.UsageError("a schedule has a name in small letters, --stage and --cron")
        try:
            next_at = next_time(given["cron"], datetime.now(UTC))
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        one = schedules.ReprocessingSchedule(
            name=name,
            stage=given["stage"],
            alone=given["alone"],
            condition=given["where"] or "",
            cron=given["cron"],
            next_at=next_at,
        )
        schedules.keep(resources.database, one, actor=actor())
    console().print(f"{name}: first at {next_at:%Y-%m-%d %H:%M} UTC")


@reprocess.command("schedules")
@as_json
def list_schedules(as_json: bool) -> None:
    """Those that begin by themselves, and when next."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = schedules.schedules(opened(settings).database)
    if as_json:
        print_json(found)
        return
    for one in found:
        words = f"{one.name}: {one.stage} {one.condition or 'of all books'}, {one.cron}"
        console().print(safe(f"{words}, next {one.next_at:%Y-%m-%d %H:%M} UTC"))


def _begin_by(beginning: _Moving, named: int | str, *, queue: bool, as_json: bool) -> None:
    settings = Settings()
    with changing(settings) as resources:
        begun = beginning(resources.database, named, actor=actor())
        _go_on(settings, resources, begun, queue=queue, as_json=as_json)


def _move(number: int, moving: _Moving) -> None:
    with changing(Settings()) as resources:
        one = moving(resources.database, number, actor=actor())
    console().print(f"reprocessing {one.id} is {one.state}")


def _say(planned: ReprocessPlan) -> None:
    after = f", {planned.hours_after:.2f} more if all behind it changes" * bool(planned.hours_after)
    messages().print(
        f"{planned.stage}: {len(planned.books)} books, about {planned.hours:.2f} hours of"
        f" work{after}"
    )


def _go_on(
    settings: Settings, resources: "Resources", one: Reprocessing, *, queue: bool, as_json: bool
) -> None:
    """Here, or by the services; then how it ended."""
    from ebook_pipeline.cli.reprocessing_work import work_through

    if queue:
        if as_json:
            print_json([one])
        else:
            console().print(f"reprocessing {one.id} waits: `ebooks reprocess show {one.id}`")
        return
    messages().print(f"reprocessing {one.id}: `ebooks reprocess pause {one.id}` stops it")
    work_through(settings, resources, one.id)
    after = reprocessings.find(resources.database, one.id)
    if print_summary(resources.database, after, as_json=as_json):
        click.get_current_context().exit(1)
