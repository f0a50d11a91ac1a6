"""My books: the list, and a book's page with its stages, findings, files and history."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from ebook_pipeline.books.owning.rights import accounts_of
from ebook_pipeline.books.records import Manifestations
from ebook_pipeline.books.reviewing.edition_changes import edition_changes
from ebook_pipeline.desk import etags, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After
from ebook_pipeline.desk.routes.book_summaries import LONGEST
from ebook_pipeline.desk.routes.books import BookId, detail_of, page_of_books
from ebook_pipeline.desk.routes.pages.book_prices import prices_for
from ebook_pipeline.desk.routes.pages.book_steps import steps_for
from ebook_pipeline.desk.routes.pages.covers import cover_of
from ebook_pipeline.desk.routes.pages.stage_line import stage_line
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.services.recording.journal import Journal, Progress
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.reporting import book_files
from ebook_pipeline.services.reporting.book_list import (
    BookFilter,
    BookSummary,
    list_books,
    summary_of,
)
from ebook_pipeline.services.reporting.status import BookState, BookStatuses
from ebook_pipeline.services.reviewing import evidence, queue, routing
from ebook_pipeline.services.reviewing.queue import QueueFilter
from ebook_pipeline.services.summarizing import book_summaries
from ebook_pipeline.services.summarizing.book_summaries import KeptSummary

AT_ONCE = 30
"""Books of a page of the list."""
_MOST_REVIEWS = 20
_MOST_NEEDED = 5
_SENT_BACK = BookFilter(states=(BookState.REJECTED,))
_MOST_EDITIONS = 2**31 - 1
_LARGEST_TEXT = 8 << 20
"""Bytes of a text that is compared: some twelve long novels."""
Reading = Annotated[Access, Depends(allow("file", "read"))]

router = APIRouter(prefix="/books", include_in_schema=False)


@router.get("")
def show_list(
    request: Request,
    access: Reading,
    state: Annotated[BookState | str, Query(max_length=20)] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    after: After = "",
) -> Response:
    """The books whose files one may read, the newest first."""
    chosen = (BookState(state),) if state in list(BookState) else ()
    is_filtered = bool(chosen or text or after)
    wanted = BookFilter(states=chosen, text=text or None)
    page = page_of_books(access.context.database, wanted, access.books(), after, AT_ONCE)
    values = {
        "books": page.items,
        "next": page.next,
        "states": list(BookState),
        "state": state,
        "text": text,
        "is_filtered": is_filtered,
        "needed": () if is_filtered else _needed(access),
        "may_submit": rendering.may_open(request, "submit"),
    }
    return rendering.render(request, "books", values)


@router.get("/{book}")
def show(book: BookId, request: Request, access: Reading) -> Response:
    """Everything about one book that its people need."""
    context = access.context
    summary = detail_of(access, book)
    number = summary.edition or None
    standing = _standing(access, summary)
    found = evidence.all_findings(context.records, book, summary.edition)
    values = standing | {
        "findings": (*filter(None, [standing["ended_by"]]), *found),
        "files": book_files.files_of(context.database, context.records, book, number).files
        if number
        else (),
        "history": routing.history(context.database, book),
        "releases": releases.history(context.database, book),
        "editions": book_files.editions_of(context.database, book),
        "about": (about := book_summaries.kept(context.database, book)),
        "about_seen": etags.etag_of(about or KeptSummary(book=book)),
        "may_say": access.may("summary", "change"),
        "longest_about": LONGEST,
        **steps_for(access, summary),
        **prices_for(access, book),
    }
    return rendering.render(request, "book", values)


@router.post("/{book}/summary")
def say_about(
    book: BookId,
    access: Annotated[Access, Depends(allow("summary", "change"))],
    words: Annotated[str, Form(max_length=LONGEST)] = "",
    seen: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """A person's words about the book; none let a machine speak."""
    check = etags.seen_in_form(seen)
    book_summaries.lock(
        access.context.database, book, words, actor=access.actor.name, precondition=check
    )
    return rendering.see_other(f"/books/{book}#about")


@router.get("/{book}/changes")
def show_changes(
    book: BookId,
    request: Request,
    access: Reading,
    before: Annotated[int, Query(ge=1, le=_MOST_EDITIONS)] = 0,
    after: Annotated[int, Query(ge=1, le=_MOST_EDITIONS)] = 0,
) -> Response:
    """Two editions side by side by their text; the last two, if none are named."""
    summary = summary_of(access.context.database, book)
    new = after or summary.edition
    old = before or max(1, new - 1)
    texts = [_text(access, book, number) for number in (old, new)]
    values = {
        "book": summary,
        "old": old,
        "new": new,
        "found": None if None in texts else edition_changes(*(text or "" for text in texts)),
    }
    return rendering.render(request, "changes", values)


@router.get("/{book}/standing")
def show_standing(book: BookId, request: Request, access: Reading) -> Response:
    """The part of the page that moves while the book is worked on."""
    values = _standing(access, summary_of(access.context.database, book))
    return rendering.render(request, "book_standing", values)


@router.get("/{book}/cover")
def show_cover(
    book: BookId,
    request: Request,
    access: Reading,
    edition: Annotated[int, Query(ge=0, le=_MOST_EDITIONS)] = 0,
) -> Response:
    """The cover as small as lists show it; a plain one where there is none yet."""
    return cover_of(request, access.context, book, edition)


def _needed(access: Access) -> tuple[BookSummary, ...]:
    """Books that wait for a corrected file of one's own accounts; not of everybody's."""
    if accounts_of(access.actor, "submit", "book") is None:
        return ()
    database, visible = access.context.database, access.books()
    return list_books(database, _SENT_BACK, visible=visible, limit=_MOST_NEEDED)


def _ended_by(progress: Progress | None) -> Finding | None:
    """What a stage ended with that made no record of it, such as a claim that is another's."""
    last = next(reversed(progress.stages.values()), None) if progress else None
    if last is None or "finding" not in last.detail:
        return None
    return Finding.model_validate(last.detail["finding"])


def _text(access: Access, book: str, edition: int) -> str | None:
    """The edition's words; None where it was not converted, or has too many to compare."""
    made = access.context.records.read("converted_book", book, edition, Manifestations)
    if made is None or made.text.length > _LARGEST_TEXT:
        return None
    with access.context.object_store.open(made.text) as stream:
        return stream.read().decode("utf-8", "replace")


def _standing(access: Access, summary: BookSummary) -> dict[str, Any]:
    context, book = access.context, summary.book
    progress = Journal(context.database).last([book])
    statuses = BookStatuses(context.database, context.records, context.resources.cdn)
    [status] = statuses.of(progress)
    every = QueueFilter(state=None, book=book)
    reviews = queue.list_reviews(context.database, every, limit=_MOST_REVIEWS)
    return {
        "book": summary,
        "status": status,
        "ended_by": _ended_by(progress.get(book)),
        "steps": stage_line(status.state, progress.get(book)),
        "reviews": reviews,
        "asked": next((one for one in reviews if one.task.state == "open"), None),
        "may_submit": access.may("book", "submit"),
        "may_decide": access.may("review", "decide"),
        "may_operate": access.may("dagster", "use"),
        "moves": status.state is BookState.IN_PROGRESS,
    }
