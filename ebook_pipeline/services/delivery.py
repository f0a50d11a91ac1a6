"""Events on their way out of the outbox: who hears of them."""

from typing import Protocol

from ebook_pipeline.books.events import Event


class Subscriber(Protocol):
    """Who is told of every event, in the order of each book.

    `deliver` is called from several threads, for different books at a time, and may hear the
    same event (`Event.id`) again. It raises a ServiceError to be asked again later; until then
    no later event of that book comes.
    """

    @property
    def name(self) -> str:
        """Names the subscriber for ever: how far it has heard is kept under it."""
        ...

    def deliver(self, event: Event) -> None: ...
