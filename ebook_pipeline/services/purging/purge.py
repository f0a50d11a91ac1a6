"""The order in which a book goes: what opens it, what is delivered, what is kept, what is known."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.foundation.record import text_digest
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.notifier import Notifier
from ebook_pipeline.resources.object_store import ObjectStore
from ebook_pipeline.services.audit_and_outbox import audit, lock_book_row
from ebook_pipeline.services.concurrency import TAKING_AWAY
from ebook_pipeline.services.measuring.lake import Lake
from ebook_pipeline.services.owning import accounts, tombstones
from ebook_pipeline.services.owning.tombstones import Tombstone
from ebook_pipeline.services.preserving.tombstone_log import forget_book, log_book
from ebook_pipeline.services.purging import rows
from ebook_pipeline.services.purging.traces import Traces, traces_of
from ebook_pipeline.services.releasing import releases


class ForgetfulSubscriber(Protocol):
    """A place of events that can forget one."""

    def forget(self, event: str) -> None: ...


@dataclass(frozen=True)
class Purge:
    """Takes books out of all that this pipeline keeps; `elsewhere` forgets a book's partition.

    Who has no `elsewhere` leaves that to who has: the tombstone is not ended (`unfinished`).
    Every step may be repeated: a purge that was cut off is taken up again by the same call.
    """

    database: Database
    store: ObjectStore
    cdn: Cdn
    notifier: Notifier
    events: tuple[ForgetfulSubscriber, ...]
    elsewhere: Callable[[str], None] | None = None
    keeps_contents: bool = True
    """Whether the same bytes are refused from now on, under whatever name."""

    def purge(self, book: str, reason: str, *, actor: str) -> Tombstone:
        """Leave nothing of the book but its tombstone.

        The tombstone stands before a backup under way is waited for: the set that this makes still
        holds the book, and who restores it finds the stone beside it.

        Raises `NotFound` for an unknown book, `Denied` where it is on sale, and ServiceErrors of
        what can't be reached: then it is not over, and asked for again.
        """
        with self.database.lock(f"book {book}"):
            self._announce(book, reason, actor)
            with self.database.lock(TAKING_AWAY):
                try:
                    return self._take_out(book, reason, actor)
                except Denied:  # it went on sale while a backup was waited for
                    self._take_back(book)
                    raise

    def _announce(self, book: str, reason: str, actor: str) -> None:
        """Keep the tombstone of a book that is there and may be purged."""
        with self.database.begin() as connection:
            if accounts.owner(connection, book) is None:
                return
        self._require_off_sale(book)
        with self.database.begin() as connection:
            lock_book_row(connection, book)
            tombstones.raise_stone(connection, book, reason, actor=actor)
        log_book(self.store, tombstones.standing(self.database, book))

    def _take_back(self, book: str) -> None:
        with self.database.begin() as connection:
            tombstones.take_back(connection, book)
        forget_book(self.store, text_digest(book))

    def delete_draft(self, book: str, *, actor: str) -> Tombstone:
        """The same of a book that was never released; its file may be submitted again.

        Raises `Denied` where it was, and `ServiceError` at once where a run has the book, or a
        backup is under way.
        """
        with self._unless_a_run_has(book):
            draft = replace(self, keeps_contents=False)
            return draft._take_out(book, "deleted as a draft", actor)

    @contextmanager
    def _unless_a_run_has(self, book: str) -> Iterator[None]:
        at_once = threading.Event()
        at_once.set()
        with (
            self.database.lock(TAKING_AWAY, stop=at_once),
            self.database.lock(f"book {book}", stop=at_once),
        ):
            yield

    def _take_out(self, book: str, reason: str, actor: str) -> Tombstone:
        if self._begin(book, reason, actor):
            for step in self.steps(book):
                step()
        if self.elsewhere is None:
            stone = tombstones.standing(self.database, book)
        else:
            self.elsewhere(book)
            stone = tombstones.ended(self.database, book)
        log_book(self.store, stone)
        return stone

    def steps(self, book: str) -> Iterator[Callable[[], object]]:
        """What is done one after the other once the keys are gone; the rows go last."""
        traces = traces_of(self.database, self.store, book)
        yield partial(self._remember, book, traces)
        for path in traces.edge:
            yield partial(self.cdn.purge, path)
        for notice in traces.notices:
            yield partial(self.notifier.forget, notice)
        for event in traces.events:
            yield from (partial(place.forget, event) for place in self.events)
        yield partial(self._forget_blobs, book, traces)
        for key in traces.documents:
            yield partial(self.store.remove, key)
        yield partial(Lake(self.database, self.store).forget, book)
        yield partial(self._delete_rows, book)

    def _begin(self, book: str, reason: str, actor: str) -> bool:
        """Tombstone and shredded keys in one transaction; whether there are rows of the book."""
        with self.database.begin() as connection:
            before = tombstones.of_book(connection, book)
            if accounts.owner(connection, book) is None:
                if before is None:
                    raise NotFound(f"no book is called {book!r}")
                return False
        self._require_off_sale(book)
        with self.database.begin() as connection:
            lock_book_row(connection, book)
            if not self.keeps_contents:
                rows.require_draft(connection, book)
            tombstones.raise_stone(connection, book, reason, actor=actor)
            rows.shred(connection, book)
            audit(connection, actor, "purge", "", {"tombstone": text_digest(book)})
        return True

    def _require_off_sale(self, book: str) -> None:
        live = releases.current(self.database, book)
        if live is not None and live.state == "live":
            raise Denied(f"{book} is on sale: `ebooks withdraw --now {book}` first")

    def _remember(self, book: str, traces: Traces) -> None:
        with self.database.begin() as connection:
            contents = traces.contents if self.keeps_contents else ()
            tombstones.remember(connection, book, traces.arrivals, contents)
            stone = tombstones.of_book(connection, book)
        if stone is not None:
            log_book(self.store, stone)

    def _forget_blobs(self, book: str, traces: Traces) -> None:
        """Bytes that another book has too are that book's."""
        digests = {blob.sha256 for blob in traces.stored}
        with self.database.begin() as connection:
            others = rows.shared(connection, book, digests)
        for blob in traces.stored:
            if blob.sha256 not in others:
                self.store.remove_blob(blob)

    def _delete_rows(self, book: str) -> None:
        with self.database.begin() as connection:
            lock_book_row(connection, book)
            rows.delete_rows(connection, book)
