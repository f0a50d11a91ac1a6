"""``ebooks events``: what others are told, who has not heard it, and telling it again."""

from collections.abc import Sequence
from datetime import UTC, datetime

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import Moment, as_json, console, print_json, safe
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.delivering import dispatch, event_log
from ebook_pipeline.services.delivering.dispatch import DeliverySummary, Subscriber
from ebook_pipeline.settings import Settings

_SECONDS = 60.0
_WAIT_SECONDS = 20.0


@click.group()
def events() -> None:
    """What others are told of books."""


@events.command("list")
@click.option("--book", help="Only of this book.")
@click.option("--undelivered", is_flag=True, help="Only what somebody has not taken yet.")
@click.option("--most", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_events(book: str | None, undelivered: bool, most: int, as_json: bool) -> None:
    """The last events, oldest first, and who has not taken them."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        names = [one.name for one in dispatch.subscribers(resources)]
        found = event_log.list_events(
            resources.database, names, book=book, undelivered=undelivered, most=most
        )
    if as_json:
        print_json({**one.event.as_cloudevent(), "missing": one.missing} for one in found)
        return
    for one in found:
        when = one.event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        console().print(f"{when}  {one.event.id}  {one.event.type}  {one.event.book}", markup=False)
        for name, why in one.missing.items():
            console().print(f"  {name}: {safe(why)}", soft_wrap=True)


@events.command()
@as_json
def subscribers(as_json: bool) -> None:
    """Who is told, how far each has heard, and what waits for it."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        names = [one.name for one in dispatch.subscribers(resources)]
        found = event_log.subscriber_states(resources.database, names, datetime.now(UTC))
    if as_json:
        print_json(found)
        return
    for one in found:
        counts = f"{one.behind} behind, {one.waiting} waiting, {one.dead} dead"
        console().print(
            safe(f"{one.subscriber}: {counts}  {one.silenced}".rstrip()), soft_wrap=True
        )


@events.command()
@as_json
def deliver(as_json: bool) -> None:
    """Tell everybody what is new and what is due again, now; ends with 1 where events wait."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        tallies = _told(resources, dispatch.subscribers(resources))
    _show(tallies, as_json=as_json)


@events.command()
@click.argument("ids", metavar="[EVENT]...", nargs=-1)
@click.option("--to", "name", metavar="SUBSCRIBER", help="Only to this one; to all if unset.")
@click.option("--book", help="Only of this book.")
@as_json
def retry(ids: tuple[str, ...], name: str | None, book: str | None, as_json: bool) -> None:
    """Offer at once what was not taken, also what was set aside, and to whom was disabled."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        chosen = _chosen(dispatch.subscribers(resources), name)
        names = [one.name for one in chosen]
        now = datetime.now(UTC)
        event_log.retry(resources.database, names, now, events=ids, book=book, actor=actor())
        tallies = _told(resources, chosen)
    _show(tallies, as_json=as_json)


@events.command()
@click.option(
    "--since",
    required=True,
    type=Moment(),
    help="A day, or a time of ISO 8601; in UTC where it names no zone.",
)
@click.option("--to", "name", metavar="SUBSCRIBER", required=True, help="Who is told again.")
@click.option("--book", help="Only of this book.")
@as_json
def replay(since: datetime, name: str, book: str | None, as_json: bool) -> None:
    """Tell a subscriber again what happened since then, with the same ids."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        chosen = _chosen(dispatch.subscribers(resources), name)
        now = datetime.now(UTC)
        event_log.replay(resources.database, name, since, now, book=book, actor=actor())
        tallies = _told(resources, chosen)
    _show(tallies, as_json=as_json)


def _told(resources: Resources, listening: Sequence[Subscriber]) -> tuple[DeliverySummary, ...]:
    terms = dispatch.delivery_limits(
        resources.settings, seconds=_SECONDS, wait_seconds=_WAIT_SECONDS
    )
    return dispatch.deliver(resources.database, listening, terms)


def _chosen(listening: Sequence[Subscriber], name: str | None) -> Sequence[Subscriber]:
    chosen = [one for one in listening if name in (None, one.name)]
    if not chosen:
        known = ", ".join(one.name for one in listening)
        raise NotFound(f"no subscriber is called {name!r}: {known}")
    return chosen


def _show(tallies: Sequence[DeliverySummary], *, as_json: bool) -> None:
    if as_json:
        print_json(tallies)
    else:
        for one in tallies:
            console().print(safe(dispatch.summary_text(one)), soft_wrap=True)
    if any(one.failed or one.trouble for one in tallies):
        click.get_current_context().exit(1)
