"""Every kind of notice: who gets it, how pressing it is, and when."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ebook_pipeline.foundation.record import Record


class ToldAs(StrEnum):
    """Why somebody is told: they sent the book, look after the pipeline, review, or sign in."""

    AUTHOR = "author"
    TEAM = "team"
    REVIEWER = "reviewer"
    PERSON = "person"


class Urgency(StrEnum):
    """An urgent notice ignores quiet hours; low ones come together after them."""

    URGENT = "urgent"
    NORMAL = "normal"
    LOW = "low"


class NoticeKind(StrEnum):
    """The name of a template in each language's folder."""

    BOOK_RECEIVED = "book_received"
    BOOK_REJECTED = "book_rejected"
    BOOK_WAITING = "book_waiting"
    BOOK_ON_SALE = "book_on_sale"
    BOOK_WITHDRAWN = "book_withdrawn"
    CONTACT_CONFIRM = "contact_confirm"
    REVIEW_ASKED = "review_asked"
    REVIEW_ASSIGNED = "review_assigned"
    REVIEW_OVERDUE = "review_overdue"
    REVIEW_VOIDED = "review_voided"
    EDITING_ASKED = "editing_asked"
    EDITING_DECIDED = "editing_decided"
    EDITING_ANSWERED = "editing_answered"
    RUN_FAILED = "run_failed"
    BOOK_FAILED = "book_failed"
    BOOK_STUCK = "book_stuck"
    FILE_REFUSED = "file_refused"
    EDGE_BROKEN = "edge_broken"
    EDGE_RESTORED = "edge_restored"
    FIGURES_ODD = "figures_odd"
    AUDIT_BROKEN = "audit_broken"
    DELIVERY_DEAD = "delivery_dead"
    DELIVERY_DISABLED = "delivery_disabled"
    NOTICE_FAILED = "notice_failed"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of notice
    EMAIL_CONFIRM = "email_confirm"
    AUTHOR_NEW_BOOK = "author_new_book"


class NoticeKindProperties(Record):
    """What a kind is. Nobody can unsubscribe from an `essential` one.

    What a `secret` one says opens something: the log keeps it until it is sent, and no longer.
    `page` is the page of the desk that it is about, by what its values name, if there is one.
    """

    to: ToldAs
    urgency: Urgency
    essential: bool
    when: str
    page: str = ""
    secret: bool = False


_BOOK = "/books/{book}"
_REVIEW = "/reviews/{task}"
_MANUSCRIPT = "/editing/{manuscript}"


def _nature(
    to: ToldAs, urgency: Urgency, when: str, *, essential: bool = False, page: str = ""
) -> NoticeKindProperties:
    return NoticeKindProperties(to=to, urgency=urgency, essential=essential, when=when, page=page)


def _link(when: str) -> NoticeKindProperties:
    """A mail that somebody waits for, with a link that works once."""
    return NoticeKindProperties(
        to=ToldAs.PERSON, urgency=Urgency.NORMAL, essential=True, when=when, secret=True
    )


NOTICE_KINDS: Mapping[NoticeKind, NoticeKindProperties] = MappingProxyType(
    {
        NoticeKind.BOOK_RECEIVED: _nature(ToldAs.AUTHOR, Urgency.LOW, "a file arrived", page=_BOOK),
        NoticeKind.BOOK_REJECTED: _nature(
            ToldAs.AUTHOR,
            Urgency.NORMAL,
            "an edition was refused: the findings, and what to do about each",
            essential=True,
            page=_BOOK,
        ),
        NoticeKind.BOOK_WAITING: _nature(
            ToldAs.AUTHOR, Urgency.LOW, "an edition waits for a person", page=_BOOK
        ),
        NoticeKind.BOOK_ON_SALE: _nature(
            ToldAs.AUTHOR, Urgency.NORMAL, "a release went on sale", page=_BOOK
        ),
        NoticeKind.BOOK_WITHDRAWN: _nature(
            ToldAs.AUTHOR,
            Urgency.NORMAL,
            "a book was taken off sale",
            essential=True,
            page=_BOOK,
        ),
        NoticeKind.CONTACT_CONFIRM: _nature(
            ToldAs.AUTHOR,
            Urgency.NORMAL,
            "an account's submission gave a contact for the first time: is it theirs?",
            essential=True,
        ),
        NoticeKind.REVIEW_ASKED: _nature(
            ToldAs.REVIEWER,
            Urgency.NORMAL,
            "a review was opened that nobody in particular has",
            page=_REVIEW,
        ),
        NoticeKind.REVIEW_ASSIGNED: _nature(
            ToldAs.REVIEWER,
            Urgency.NORMAL,
            "a review was given to you",
            essential=True,
            page=_REVIEW,
        ),
        NoticeKind.REVIEW_OVERDUE: _nature(
            ToldAs.REVIEWER,
            Urgency.NORMAL,
            "a review was not answered in time: to its assignee, and to whom it escalates",
            essential=True,
            page=_REVIEW,
        ),
        NoticeKind.REVIEW_VOIDED: _nature(
            ToldAs.REVIEWER,
            Urgency.LOW,
            "a review of yours needs no answer any more",
            page=_REVIEW,
        ),
        NoticeKind.EDITING_ASKED: _nature(
            ToldAs.REVIEWER,
            Urgency.NORMAL,
            "a manuscript that you edit was submitted to its editors",
            page=_MANUSCRIPT,
        ),
        NoticeKind.EDITING_DECIDED: _nature(
            ToldAs.AUTHOR,
            Urgency.NORMAL,
            "editors asked for changes of your manuscript, accepted it, or opened it again",
            page=_MANUSCRIPT,
        ),
        NoticeKind.EDITING_ANSWERED: _nature(
            ToldAs.PERSON,
            Urgency.LOW,
            "a comment of yours on a manuscript was answered",
            page=_MANUSCRIPT,
        ),
        NoticeKind.RUN_FAILED: _nature(
            ToldAs.TEAM,
            Urgency.URGENT,
            "a run failed: its books, and why",
            essential=True,
            page="/operate/failed",
        ),
        NoticeKind.BOOK_FAILED: _nature(
            ToldAs.TEAM,
            Urgency.LOW,
            "a book stopped for a fault that is not its own",
            page=_BOOK,
        ),
        NoticeKind.FILE_REFUSED: _nature(
            ToldAs.TEAM,
            Urgency.NORMAL,
            "a file in the landing store can't be taken: why, what to do",
        ),
        NoticeKind.BOOK_STUCK: _nature(
            ToldAs.TEAM,
            Urgency.LOW,
            "a book has not moved for `EBOOK_STUCK_HOURS`",
            page=_BOOK,
        ),
        NoticeKind.EDGE_BROKEN: _nature(
            ToldAs.TEAM,
            Urgency.URGENT,
            "the edge does not deliver what is on sale",
            essential=True,
            page=_BOOK,
        ),
        NoticeKind.EDGE_RESTORED: _nature(
            ToldAs.TEAM, Urgency.NORMAL, "the edge delivers it again", page=_BOOK
        ),
        NoticeKind.FIGURES_ODD: _nature(
            ToldAs.TEAM,
            Urgency.NORMAL,
            "a day's figures are not as usual, or the lake stands still: once a day and thing",
            page="/figures",
        ),
        NoticeKind.AUDIT_BROKEN: _nature(
            ToldAs.TEAM,
            Urgency.URGENT,
            "rows of the audit were cut off: its end is not the one that was noted; once a day",
            essential=True,
        ),
        NoticeKind.DELIVERY_DEAD: _nature(
            ToldAs.TEAM,
            Urgency.URGENT,
            "a subscriber refused an event for days; told once a day and subscriber",
            essential=True,
        ),
        NoticeKind.DELIVERY_DISABLED: _nature(
            ToldAs.TEAM, Urgency.URGENT, "a subscriber answered that it is gone", essential=True
        ),
        NoticeKind.NOTICE_FAILED: _nature(
            ToldAs.TEAM,
            Urgency.URGENT,
            "a notice could not be sent; told by another channel where there is one",
            essential=True,
        ),
        NoticeKind.PASSWORD_RESET: _link("somebody asked for a new password: the link to it"),
        NoticeKind.EMAIL_CONFIRM: _link("an address was given at the desk: is it theirs?"),
        NoticeKind.AUTHOR_NEW_BOOK: _nature(
            ToldAs.PERSON, Urgency.NORMAL, "a new book by an author whom you follow went on sale"
        ),
    }
)
"""docs/notices.md shows this table."""
