"""How the books of a run ended: each told as it is read, so that none is kept."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ebook_pipeline.cli.book_tables import print_lines
from ebook_pipeline.cli.running import BAD_ENDS, book_statuses
from ebook_pipeline.cli.terminal import print_json
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.reporting.status import BookState, BookStatus
from ebook_pipeline.services.reporting.status_lines import StatusLine, lines_of

Told = TypeVar("Told", BookStatus, StatusLine)


@dataclass
class BookEnds:
    """Books that were told of, by state, and the seconds that they took, by stage."""

    states: Counter[BookState] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    @property
    def books(self) -> int:
        return self.states.total()

    @property
    def bad(self) -> int:
        return sum(self.states[state] for state in BAD_ENDS)

    def counting(self, books: Iterable[Told]) -> Iterator[Told]:
        """The same books, each counted when it is asked for."""
        for book in books:
            self.states[book.state] += 1
            self.seconds.update(book.seconds)
            yield book


def print_ends(resources: Resources, books: Sequence[str], *, as_json: bool) -> BookEnds:
    """Say how `books` ended: in full as JSON, else a line each."""
    ends = BookEnds()
    if as_json:
        print_json(ends.counting(book_statuses(resources).each(books)))
    else:
        print_lines(ends.counting(lines_of(resources.database, books)))
    return ends
