"""Putting a release on sale again: an earlier one, or a withdrawn book's; verified before.

What is not whole at the edge does not go on sale. The commit comes first and the pointer after it:
a kill in between is made good by the event's delivery, or by ``ebooks verify --repair``.
"""

from dataclasses import dataclass
from typing import Protocol

from ebook_pipeline.books.records import CatalogEntry
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.concurrency import Precondition, unconditionally
from ebook_pipeline.services.releasing import pointer, releases
from ebook_pipeline.services.releasing.releases import BookRelease


class IncompleteRelease(ServiceError):
    """A release whose objects readers would not get as they were released."""


class VerifiedRelease(Protocol):
    """A release as readers would get it, and why it does not go on sale where it is not whole."""

    @property
    def whole(self) -> bool: ...

    @property
    def refusal(self) -> str: ...


class ReleaseVerifier(Protocol):
    """What looks at a release through the edge: `services.verifying`."""

    @property
    def database(self) -> Database: ...

    @property
    def cdn(self) -> Cdn: ...

    def release(self, book: str, name: str) -> VerifiedRelease: ...


@dataclass(frozen=True)
class ReleaseManager:
    """Where releases go (back) on sale; `verifier` has the catalogue and the edge."""

    verifier: ReleaseVerifier
    actor: str

    def roll_back(self, book: str, to: str | None = None) -> BookRelease:
        """Go back to the release `to`, or to the one before the one on sale.

        Raises `NotFound`, with the releases there are, where there is no such release;
        `IncompleteRelease` where its objects are not as released; `ServiceError` for a withdrawn
        book.
        """
        live = self._live(book)
        if live.state != "live":
            raise ServiceError(f"{book} is withdrawn: `ebooks release {book}` puts it back on sale")
        return self._put(live, to or self._before(live))

    def release(
        self,
        book: str,
        to: str | None = None,
        *,
        precondition: Precondition[BookRelease] = unconditionally,
    ) -> BookRelease:
        """Put a withdrawn book back on sale, or go to the release `to`; errors as above.

        Raises whatever `precondition` raises, before anything is verified and when it is done.
        """
        live = self._live(book)
        precondition(live)
        return self._put(live, to, precondition)

    def withdraw(
        self,
        book: str,
        *,
        take_down: bool = False,
        precondition: Precondition[BookRelease] = unconditionally,
    ) -> BookRelease:
        """Take a book off sale; what is at the edge stays for those who bought it.

        With `take_down` nothing else stays: covers, excerpts and previews of all its releases go.
        Raises whatever `precondition` raises of the release that is on sale.
        """
        live = releases.withdraw(
            self.verifier.database,
            book,
            actor=self.actor,
            take_down=take_down,
            precondition=precondition,
        )
        self._point(live, "withdrawn")
        return live

    def _put(
        self,
        live: BookRelease,
        name: str | None,
        precondition: Precondition[BookRelease] = unconditionally,
    ) -> BookRelease:
        known = {entry.release for entry in self._history(live)}
        if name is not None and name not in known:
            raise NotFound(f"{live.book} has no release {name!r}: {self._list(live)}")
        seen = self.verifier.release(live.book, name or live.release)
        if not seen.whole:
            raise IncompleteRelease(seen.refusal)
        done = releases.release(
            self.verifier.database,
            live.book,
            release=name,
            actor=self.actor,
            precondition=precondition,
        )
        self._point(done, "on sale")
        return done

    def _point(self, live: BookRelease, state: str) -> None:
        try:
            pointer.rewrite(self.verifier.database, self.verifier.cdn, live.book)
        except ServiceError as error:
            raise type(error)(
                f"{live.release} is {state}, but the edge does not say so yet: {error}."
                f" Its delivery tries again; so does `ebooks verify {live.book} --repair`"
            ) from error

    def _live(self, book: str) -> BookRelease:
        live = releases.current(self.verifier.database, book)
        if live is None:
            raise NotFound(f"{book!r} was never released")
        return live

    def _before(self, live: BookRelease) -> str:
        names = [entry.release for entry in self._history(live)]
        at = names.index(live.release)
        if at == 0:
            raise NotFound(f"no release of {live.book} is older: {self._list(live)}")
        return names[at - 1]

    def _list(self, live: BookRelease) -> str:
        on_sale = live.release if live.state == "live" else None
        names = [
            f"{entry.release} (edition {entry.edition}"
            f"{', on sale)' if entry.release == on_sale else ')'}"
            for entry in self._history(live)
        ]
        return "it has " + "; ".join(names)

    def _history(self, live: BookRelease) -> tuple[CatalogEntry, ...]:
        return releases.history(self.verifier.database, live.book)
