"""``ebooks purge``: a book taken out of everything, with a tombstone in its stead."""

import click

from ebook_pipeline.cli.event_delivery import changing
from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.running import actor
from ebook_pipeline.cli.terminal import as_json, console, print_json, safe
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.owning.tombstones import Tombstone, list_tombstones
from ebook_pipeline.settings import Settings


@click.command()
@click.argument("book", required=False)
@click.option("--reason", default="", help="Why; it stands on the tombstone.")
@click.option("--list", "listed", is_flag=True, help="The tombstones of all that was purged.")
@as_json
def purge(book: str | None, reason: str, listed: bool, as_json: bool) -> None:
    """Remove a withdrawn book for good: keys first, then bytes, records, rows, its partition.

    A tombstone is left, with hashes of what it was and the reason. A purge that was cut off is
    taken up by the same command. It can't be undone.
    """
    settings = Settings()
    if listed:
        with Stack(settings).borrowed():
            _print(list_tombstones(opened(settings).database), as_json)
        return
    if not book or not reason.strip():
        raise click.UsageError("name the book, and with --reason why it goes")
    with changing(settings) as resources:
        stone = _purge(resources, book, reason)
    _print((stone,), as_json)


def _purge(resources: Resources, book: str, reason: str) -> Tombstone:
    import dagster as dg

    from ebook_pipeline.assets import PARTITION
    from ebook_pipeline.execution.dagster_forgetting import forget_partition
    from ebook_pipeline.resources.event_bus import EventFolder
    from ebook_pipeline.services.purging.purge import Purge

    with dg.DagsterInstance.get() as instance:
        whole = Purge(
            database=resources.database,
            store=resources.object_store,
            cdn=resources.cdn,
            notifier=resources.notifier,
            events=tuple(place for place in resources.event_bus if isinstance(place, EventFolder)),
            elsewhere=lambda key: forget_partition(instance, PARTITION, key),
        )
        return whole.purge(book, reason, actor=actor())


def _print(stones: tuple[Tombstone, ...], as_json: bool) -> None:
    if as_json:
        print_json(stones)
        return
    for stone in stones:
        ended = f"{stone.ended_at:%Y-%m-%d %H:%M}" if stone.ended_at else "not finished"
        console().print(f"{stone.digest[:16]}  {ended}  {stone.actor}  {safe(stone.reason)}")
