"""Pages of readers: their opinion of a book, their shelves and what is recommended to them."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from ebook_pipeline.books.owning.rights import grants
from ebook_pipeline.books.rating.holding import ReportReason
from ebook_pipeline.books.rating.opinion_text import LONGEST, LONGEST_SIGNATURE, OpinionText, plain
from ebook_pipeline.desk import rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.paging import After
from ebook_pipeline.desk.routes.books import BookId
from ebook_pipeline.desk.routes.opinions import (
    OpinionId,
    made_for,
    page_of_waiting,
    seen_opinion,
    tag_of,
)
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.services.notifying.new_books import of_followed
from ebook_pipeline.services.rating import moderating, opinions
from ebook_pipeline.services.recommending import recommend
from ebook_pipeline.services.shelving import following, shelves
from ebook_pipeline.services.shelving.shelves import Shelf
from ebook_pipeline.services.summarizing.summaries import summary_of

AT_ONCE = 60
RECOMMENDED = 12
NEW_BOOKS = 6
BESIDE_A_BOOK = 5
"""Recommendations on a book's page."""
Own = Annotated[Access, Depends(allow("activity", "read"))]
Shelving = Annotated[Access, Depends(allow("activity", "shelve"))]
Moderating = Annotated[Access, Depends(allow("opinion", "moderate"))]
Seen = Annotated[str, Form(max_length=100)]

DONE = frozenset(
    {"thanks", "wrong", "denied", "deleted", "voted", "reported", "appealed", "shelved", "followed"}
)
"""What a book's page says once a form was sent: its words are `opinion.done`'s."""

router = APIRouter(include_in_schema=False)


def done_in(request: Request) -> str:
    """What was done by the form before this page, or nothing."""
    done = request.query_params.get("done", "")
    return done if done in DONE else ""


def of_reader(access: Access, book: str, authors: Sequence[str]) -> dict[str, Any]:
    """What the page of a book shows of readers, and of the one who looks at it."""
    database, login = access.context.database, access.actor.login
    may_write = bool(login) and bool(grants(access.actor, "create", "opinion"))
    mine = None
    if may_write:
        mine = opinions.of_person_about(database, login, book)
    shown = (
        recommend.recommend(database, login, BESIDE_A_BOOK)
        if may_write
        else recommend.popular(database, BESIDE_A_BOOK)
    )
    return {
        "recommended": [one for one in shown if one.entry.book != book],
        "rating": opinions.rating(database, book),
        "opinions": opinions.list_opinions(database, book, limit=10),
        "summary": summary_of(database, book),
        "mine": mine,
        "mine_seen": tag_of(mine) if mine else "",
        "mine_text": plain(mine.text) if mine else "",
        "may_write": may_write,
        "shelf": shelves.shelf_of(database, book, login) if may_write else None,
        "shelves": list(Shelf),
        "followed": following.followed_of(database, login, authors) if may_write else {},
        "report_reasons": list(ReportReason),
        "longest": LONGEST,
        "longest_signature": LONGEST_SIGNATURE,
    }


@router.post("/shop/{book}/opinion")
def write(
    book: BookId,
    access: Annotated[Access, Depends(allow("opinion", "create"))],
    stars: Annotated[int, Form()],
    text: Annotated[str, Form(max_length=LONGEST)] = "",
    signed: Annotated[str, Form(max_length=LONGEST_SIGNATURE)] = "",
    seen: Seen = "",
) -> Response:
    """Written, or changed where the reader has written before and nothing has moved since."""
    database, actor = access.context.database, access.actor
    try:
        wanted = OpinionText(stars=stars, text=text, signed=signed)
    except ValidationError:
        return _back(book, "wrong")
    mine = opinions.of_person_about(database, actor.login, book)
    try:
        if mine is None:
            opinions.write(
                database, book, actor.login, wanted, actor=actor.name, accounts=made_for(access)
            )
        else:
            check = seen_opinion(seen)
            opinions.change(database, mine.id, wanted, actor=actor.name, precondition=check)
    except Denied:
        return _back(book, "denied")
    return _back(book, "thanks")


@router.post("/shop/opinions/{opinion}/delete")
def delete(
    opinion: OpinionId,
    access: Annotated[Access, Depends(allow("opinion", "delete"))],
    seen: Seen = "",
) -> Response:
    """One's own is taken away."""
    database = access.context.database
    book = opinions.find(database, int(opinion)).book
    opinions.remove(
        database, int(opinion), actor=access.actor.name, precondition=seen_opinion(seen)
    )
    return _back(book, "deleted")


@router.post("/shop/opinions/{opinion}/vote")
def vote(
    opinion: OpinionId,
    access: Annotated[Access, Depends(allow("opinion", "vote"))],
    helpful: Annotated[bool, Form()],
) -> Response:
    """It helped, or not."""
    database, actor = access.context.database, access.actor
    try:
        voted = moderating.vote(
            database, int(opinion), actor.login, helpful=helpful, actor=actor.name
        )
    except Denied:
        return _back(opinions.find(database, int(opinion)).book, "denied")
    return _back(voted.book, "voted")


@router.post("/shop/opinions/{opinion}/report")
def report(
    opinion: OpinionId,
    access: Annotated[Access, Depends(allow("opinion", "report"))],
    reason: Annotated[ReportReason, Form()],
) -> Response:
    """A moderator looks at it."""
    database, actor = access.context.database, access.actor
    try:
        told = moderating.report(database, int(opinion), actor.login, reason, actor=actor.name)
    except Denied:
        return _back(opinions.find(database, int(opinion)).book, "denied")
    return _back(told.book, "reported")


@router.post("/shop/opinions/{opinion}/appeal")
def appeal(
    opinion: OpinionId,
    access: Annotated[Access, Depends(allow("opinion", "appeal"))],
    why: Annotated[str, Form(min_length=1, max_length=2000)],
) -> Response:
    """Another look is asked for."""
    database, actor = access.context.database, access.actor
    book = opinions.find(database, int(opinion)).book
    try:
        moderating.appeal(database, int(opinion), why, actor=actor.name)
    except Denied:
        return _back(book, "denied")
    return _back(book, "appealed")


@router.post("/shop/{book}/shelf")
def put_on_shelf(
    book: BookId,
    access: Shelving,
    shelf: Annotated[str, Form(max_length=20)] = "",
    back: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """On this shelf, or on none."""
    database, actor = access.context.database, access.actor
    if shelf in list(Shelf):
        shelves.put(database, book, actor.login, Shelf(shelf), actor=actor.name)
    else:
        shelves.take_off(database, book, actor.login, actor=actor.name)
    return rendering.see_other("/shelf") if back == "shelf" else _back(book, "shelved")


@router.post("/shelf/dismissals/{book}")
def dismiss(
    book: BookId, access: Shelving, back: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Not this. `back`: the book on whose page it was said."""
    actor = access.actor
    shelves.dismiss(access.context.database, book, actor.login, actor=actor.name)
    return rendering.see_other(f"/shop/{quote(back, safe='')}#recommended" if back else
               "/shelf?done=dismissed#recommended")  # fmt: skip


@router.get("/shelf")
def show_shelf(request: Request, access: Own) -> Response:
    """The reader's shelves, what is recommended to them and why, and what they have written."""
    database, login = access.context.database, access.actor.login
    entries = shelves.list_shelf(database, login, limit=AT_ONCE)
    wrote = opinions.of_person(database, login)
    values = {
        "shelves": [(shelf, [one for one in entries if one.shelf is shelf]) for shelf in Shelf],
        "all_shelves": list(Shelf),
        "recommended": recommend.recommend(database, login, RECOMMENDED),
        "opinions": wrote,
        "titles": opinions.titles(database, {one.book for one in wrote}),
        "following": following.list_followed(database, login),
        "new_books": of_followed(database, login, NEW_BOOKS),
        "done": request.query_params.get("done", ""),
    }
    return rendering.render(request, "shelf", values)


@router.get("/opinions")
def show_waiting(request: Request, access: Moderating, after: After = "") -> Response:
    """What waits for a moderator: held, reported, appealed; the longest waiting first."""
    page = page_of_waiting(access, 30, after)
    database = access.context.database
    said = moderating.reports_of(database, {one.id for one in page.items})
    values = {
        "waiting": [(one, tag_of(one), said[one.id]) for one in page.items],
        "titles": opinions.titles(database, {one.book for one in page.items}),
        "next": page.next,
        "done": request.query_params.get("done", ""),
    }
    return rendering.render(request, "opinions", values)


@router.post("/opinions/{opinion}/decision")
def decide(
    opinion: OpinionId,
    access: Moderating,
    shown: Annotated[bool, Form()],
    seen: Seen,
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Show it or hide it; whoever comes second with an older page decides nothing."""
    moderating.decide(
        access.context.database,
        int(opinion),
        shown=shown,
        note=note.strip(),
        actor=access.actor.name,
        precondition=seen_opinion(seen),
    )
    return rendering.see_other("/opinions?done=1")


def _back(book: str, done: str) -> Response:
    return rendering.see_other(f"/shop/{book}?done={done}#opinions")
