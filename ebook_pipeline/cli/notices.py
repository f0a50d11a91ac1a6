"""``ebooks notices``: who was told what, who wants to be told what, and sending by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click
from rich.table import Table

from ebook_pipeline.books.notifying.addresses import Channel, channel_of, masked
from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.preferences import Preferences, quiet_hours
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, print_rows, safe
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.delivering import dispatch
from ebook_pipeline.services.notifying import notices as notice_log
from ebook_pipeline.services.notifying import recipients, stuck_and_overdue
from ebook_pipeline.services.notifying.composing import notice_composer
from ebook_pipeline.services.notifying.notices import LoggedNotice
from ebook_pipeline.services.notifying.sending import notice_sender
from ebook_pipeline.settings import Settings

_KINDS = click.Choice([kind.value for kind in NoticeKind])
_COLOURS = {
    "queued": "cyan",
    "held": "yellow",
    "sent": "green",
    "failed": "bold red",
    "suppressed": "dim",
}


@click.group()
def notices() -> None:
    """Who is told what, by mail, text message or Slack."""


@notices.command("list")
@click.option("--state", type=click.Choice(list(_COLOURS)), help="Only those.")
@click.option("--book", help="Only of this book.")
@click.option("--kind", type=_KINDS, help="Only of this kind.")
@click.option("--most", default=50, show_default=True, help="So many, the newest.")
@as_json
def list_notices(state: Any, book: str | None, kind: str | None, most: int, as_json: bool) -> None:
    """What was told, newest first; addresses are masked."""
    settings = Settings()
    with Stack(settings).borrowed():
        database = opened(settings).database
        found = notice_log.log(
            database, state=state, book=book, kind=NoticeKind(kind) if kind else None, most=most
        )
    print_json(map(_masked, found)) if as_json else _print(found)


@notices.command("show")
@click.argument("notice")
@as_json
def show_notice(notice: str, as_json: bool) -> None:
    """One notice in full, with its address; the beginning of its id is enough."""
    settings = Settings()
    with Stack(settings).borrowed():
        found = notice_log.notice(opened(settings).database, notice)
    if as_json:
        print_json([found])
        return
    out = console()
    out.print(f"{found.kind} to {safe(found.address or found.who)} by {found.channel}")
    out.print(f"{found.state}, {found.attempts} attempts, {safe(found.why)}")
    out.print(f"[bold]{safe(found.message.subject)}[/]")
    for line in found.message.text.splitlines():
        out.print(safe(line))


@notices.command()
@click.argument("notice", required=False)
@as_json
def send(notice: str | None, as_json: bool) -> None:
    """Send what is due now, or again a NOTICE that failed; what the daemon does by itself."""
    settings = Settings()
    with Stack(settings).borrowed():
        resources = opened(settings)
        if notice is None:
            _catch_up(resources)
        else:
            notice_log.send_again(resources.database, notice, actor=actor())
        tally = notice_sender(resources).send_due(most=1000, seconds=600)
    if as_json:
        print_json([tally])
        return
    console().print(f"{tally.sent} sent, {tally.later} later, {tally.failed} failed")


@notices.command()
@click.argument("who", required=False)
@click.option("--mail", help="The address; empty takes it away.")
@click.option("--phone", help="The number for text messages, such as +4930123456.")
@click.option("--by", help="Channels, by commas: mail, sms, slack, topic.")
@click.option("--kind", "kinds", multiple=True, help="KIND=CHANNELS: another way for a kind.")
@click.option("--language", help="The language of notices.")
@click.option("--zone", help="The time zone of the quiet hours, such as Europe/Berlin.")
@click.option("--quiet", help="Quiet hours, such as 22:00-07:00; empty for none.")
@click.option("--unsubscribe", multiple=True, type=_KINDS, help="Tell no more of this kind.")
@click.option("--subscribe", multiple=True, type=_KINDS, help="Tell of this kind again.")
@click.option("--forget", is_flag=True, help="Take back everything that was chosen.")
@as_json
def prefer(who: str | None, as_json: bool, forget: bool, **wishes: Any) -> None:
    """Show or change what WHO wants: an address, a reviewer's name, or a role.

    The roles `authors`, `team` and `reviewers` are the defaults of everybody in them.
    """
    settings = Settings()
    with Stack(settings).borrowed():
        database = opened(settings).database
        if who is not None and forget:
            recipients.forget(database, who, actor=actor())
        elif who is not None and any(value not in (None, ()) for value in wishes.values()):
            before = recipients.preferences_of(database, who) or Preferences()
            recipients.prefer(database, who, _changes(before, wishes), actor=actor())
        elif who is None and (forget or any(wishes.values())):
            raise click.UsageError("whose preferences?")
        found = recipients.all_preferences(database)
    _print_preferences(found, who, as_json)


def _catch_up(resources: Resources) -> None:
    """Hear events and look around first, as the daemon does: it may not run."""
    database, counter = resources.database, notice_composer(resources)
    dispatch.deliver(database, [counter], dispatch.delivery_limits(resources.settings, seconds=60))
    until = datetime.now(UTC) - timedelta(hours=resources.settings.stuck_hours)
    after = until - stuck_and_overdue.LOOK_BACK
    stuck_and_overdue.tell_of_stuck_and_overdue(
        database, counter, after, until, actor=actor(), seconds=600
    )


def _changes(before: Preferences, wishes: dict[str, Any]) -> dict[str, Any]:
    names = ("mail", "phone", "language", "zone")
    changes: dict[str, Any] = {name: wishes[name] for name in names if wishes[name] is not None}
    if wishes["by"] is not None:
        changes["channels"] = _channels(wishes["by"])
    if wishes["kinds"]:
        said = (one.partition("=") for one in wishes["kinds"])
        own = {_kind(kind): _channels(by) for kind, _, by in said}
        kept = {**before.by_kind, **own}
        changes["by_kind"] = {kind: by for kind, by in kept.items() if by}
    if wishes["quiet"] is not None:
        times = quiet_hours(wishes["quiet"]) if wishes["quiet"] else (None, None)
        changes |= {"quiet_from": times[0], "quiet_to": times[1]}
    if wishes["unsubscribe"] or wishes["subscribe"]:
        kept_out = {*before.unsubscribed, *wishes["unsubscribe"]} - {*wishes["subscribe"]}
        changes["unsubscribed"] = tuple(sorted(kept_out))
    return changes


def _channels(text: str) -> tuple[Channel, ...]:
    try:
        return tuple(Channel(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as error:
        known = ", ".join(Channel)
        raise ServiceError(f"channels are {known}, not {text[:60]!r}") from error


def _kind(text: str) -> NoticeKind:
    try:
        return NoticeKind(text.strip())
    except ValueError as error:
        raise ServiceError(f"no kind of notice is called {text[:60]!r}") from error


def _masked(one: LoggedNotice) -> dict[str, object]:
    facts: dict[str, object] = one.model_dump(mode="json")
    return facts | {"address": masked(one.address), "who": _who(one.who)}


def _who(who: str) -> str:
    return masked(who) if channel_of(who) else who


def _print(found: tuple[LoggedNotice, ...]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "at", "kind", "book", "to", "by", "state", "why"):
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(
            one.id[:12],
            f"{one.at:%Y-%m-%d %H:%M}",
            one.kind,
            one.book or "",
            safe(_who(one.who)),
            one.channel,
            f"[{_COLOURS[one.state]}]{one.state}[/]",
            safe(one.why[:120]),
        )
    print_rows(table, "nobody was told anything")


def _print_preferences(found: dict[str, Preferences], who: str | None, as_json: bool) -> None:
    name = None if who is None else recipients.name_of(who)
    shown = {one: prefs for one, prefs in found.items() if name in (None, one)}
    facts = [{"who": one, **prefs.model_dump(mode="json")} for one, prefs in shown.items()]
    if as_json:
        print_json(facts)
        return
    if not facts:
        messages().print("nobody has chosen otherwise than is usual")
    for one in facts:
        chosen = ", ".join(
            f"{key}: {value}" for key, value in one.items() if value and key != "who"
        )
        console().print(f"[bold]{safe(str(one['who']))}[/]  {safe(chosen)}")
