"""``ebooks purge``: a book taken out of everything, with a tombstone in its stead."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.license import licenses_of
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.owning.tombstones import Tombstone, list_tombstones
from ebook_pipeline.services.preserving.tombstone_log import logged
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.services.erasing.erase import Erasure
    from ebook_pipeline.services.purging.purge import Purge
    from ebook_pipeline.services.purging.replay import Replayed


@click.command()
@click.argument("book", required=False)
@click.option("--reason", default="", help="Why; it stands on the tombstone.")
@click.option("--replay", is_flag=True, help="Purge and erase again what a restored database has.")
@click.option("--list", "listed", is_flag=True, help="The tombstones of all that was purged.")
@as_json
def purge(book: str | None, reason: str, listed: bool, replay: bool, as_json: bool) -> None:
    """Remove a withdrawn book for good: keys first, then bytes, records, rows, its partition.

    A tombstone is left, with hashes of what it was and the reason. A purge that was cut off is
    taken up by the same command. It can't be undone.
    """
    settings = Settings()
    if listed:
        with Stack(settings).borrowed():
            _print(list_tombstones(opened(settings).database), as_json)
        return
    if replay:
        with changing(settings) as resources:
            done = replayed(resources, list(logged(resources.object_store)))
        print_json([done]) if as_json else console().print(done_again(done))
        return
    if not book or not reason.strip():
        raise click.UsageError("name the book, and with --reason why it goes")
    with changing(settings) as resources, taking_away(resources) as (purging, _):
        stone = purging.purge(book, reason, actor=actor())
    _print((stone,), as_json)


def replayed(resources: Resources, documents: list[Any]) -> "Replayed":
    """Take away again what these tombstones say was taken away."""
    from ebook_pipeline.services.preserving import tombstone_log
    from ebook_pipeline.services.purging.replay import replay

    books = tombstone_log.books(iter(documents))
    persons = tombstone_log.persons(iter(documents))
    with taking_away(resources) as (purging, erasing):
        return replay(purging, erasing, books, persons)


def done_again(done: "Replayed") -> str:
    """What was taken away once more, in words."""
    return f"{done.books} books purged again, {done.persons} persons erased again"


@contextmanager
def taking_away(resources: Resources) -> "Iterator[tuple[Purge, Erasure]]":
    """What takes books and persons out of this home, its Dagster included."""
    import dagster as dg

    from ebook_pipeline.assets import PARTITION
    from ebook_pipeline.execution.dagster_forgetting import forget_partition, rename_texts
    from ebook_pipeline.resources.event_bus import EventFolder
    from ebook_pipeline.services.erasing.erase import Erasure
    from ebook_pipeline.services.purging.purge import Purge

    folders = tuple(place for place in resources.event_bus if isinstance(place, EventFolder))
    with dg.DagsterInstance.get() as instance:
        purging = Purge(
            database=resources.database,
            store=resources.object_store,
            cdn=resources.cdn,
            notifier=resources.notifier,
            events=folders,
            elsewhere=lambda key: forget_partition(instance, PARTITION, key),
        )
        erasing = Erasure(
            database=resources.database,
            store=resources.object_store,
            notifier=resources.notifier,
            events=folders,
            republish=lambda license: licenses_of(resources).publish(license),
            elsewhere=lambda names: rename_texts(instance, names),
        )
        yield purging, erasing


def _print(stones: tuple[Tombstone, ...], as_json: bool) -> None:
    if as_json:
        print_json(stones)
        return
    if not stones:
        messages().print("nothing was purged")
    for stone in stones:
        ended = f"{stone.ended_at:%Y-%m-%d %H:%M}" if stone.ended_at else "not finished"
        console().print(f"{stone.digest[:16]}  {ended}  {stone.actor}  {safe(stone.reason)}")
