"""Events on their way out of the outbox: who hears of them, and how they are told.

At least once, in the order of each book, to each subscriber on its own: one that refuses an event
holds up that book's later events, for itself alone, and is asked again for days.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.delivering import queue
from ebook_pipeline.services.delivering.worker import (
    DeliveryLimits,
    DeliverySummary,
    DeliveryWorker,
    Subscriber,
)

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources
    from ebook_pipeline.settings import Settings

__all__ = [
    "DeliveryLimits",
    "DeliverySummary",
    "Subscriber",
    "deliver",
    "deliver_all",
    "delivery_limits",
    "subscribers",
    "summary_text",
]


def subscribers(resources: "Resources") -> tuple[Subscriber, ...]:
    """Everybody who is told of events here; ServiceError where a setting of theirs is wrong."""
    return tuple(subscriber for makes in _MAKERS.values() for subscriber in makes(resources))


def _pointers(resources: "Resources") -> Sequence[Subscriber]:
    from ebook_pipeline.services.releasing.pointer import PointerWriter

    return (PointerWriter(resources.database, resources.cdn),)


def _notices(resources: "Resources") -> Sequence[Subscriber]:
    from ebook_pipeline.services.notifying.composing import notice_composer

    return (notice_composer(resources),)


_MAKERS: Mapping[str, Callable[["Resources"], Sequence[Subscriber]]] = {
    "pointers": _pointers,
    "notices": _notices,
    "event bus": lambda resources: resources.event_bus,
}


def delivery_limits(
    settings: "Settings", *, seconds: float, wait_seconds: float = 0.0
) -> DeliveryLimits:
    """What the settings say of offering again; `seconds` and `wait_seconds` are of a turn."""
    keep = timedelta(days=settings.event_offer_days)
    return DeliveryLimits(seconds=seconds, wait_seconds=wait_seconds, keep_offering=keep)


def deliver(
    database: Database, listening: Sequence[Subscriber], limits: DeliveryLimits
) -> tuple[DeliverySummary, ...]:
    """Tell `listening` what they have not heard: side by side, none waits for another.

    What a subscriber refuses, or a turn of it that fails, is in its tally; only where no place
    can be given to new events this raises `Unavailable`. Whom nothing awaits costs no turn, and
    so no lock: this is asked every few seconds, mostly in vain.
    """
    if not listening:
        return ()
    queue.assign_positions(database)
    names = [subscriber.name for subscriber in listening]
    expectant = queue.expectant(database, names, limits.clock())

    def turn(subscriber: Subscriber) -> DeliverySummary:
        if subscriber.name not in expectant:
            return DeliverySummary(subscriber=subscriber.name)
        return _turn(database, subscriber, limits)

    with ThreadPoolExecutor(len(listening), thread_name_prefix="subscriber") as pool:
        return tuple(pool.map(turn, listening))


def summary_text(summary: DeliverySummary) -> str:
    """A turn in a few words."""
    counts = {
        "delivered": summary.delivered,
        f"refused ({summary.error})": summary.failed,
        "dead": summary.dead,
        "waiting": summary.waiting,
    }
    words = [f"{count} {name}" for name, count in counts.items() if count]
    whole = [*words, summary.trouble] if summary.trouble else words
    return f"{summary.subscriber}: {', '.join(whole)}"


def deliver_all(
    resources: "Resources", limits: DeliveryLimits
) -> tuple[tuple[DeliverySummary, ...], tuple[DeliverySummary, ...]]:
    """Tell everybody; whom a wrong setting keeps from hearing keeps nobody else from it.

    The tallies of those who were told, and of those who could not be made why not.
    """
    made: list[Subscriber] = []
    wrong: list[DeliverySummary] = []
    for name, makes in _MAKERS.items():
        try:
            made += makes(resources)
        except PipelineError as error:
            wrong.append(DeliverySummary(subscriber=name, trouble=str(error)))
    return deliver(resources.database, made, limits), tuple(wrong)


def _turn(database: Database, subscriber: Subscriber, limits: DeliveryLimits) -> DeliverySummary:
    try:
        return DeliveryWorker(database, subscriber, limits).run()
    except PipelineError as error:
        return DeliverySummary(subscriber=subscriber.name, trouble=str(error))
