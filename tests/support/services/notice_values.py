"""For tests of notices: of every kind, values as the composer fills them in, and hostile ones."""

from datetime import UTC, datetime

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.books.notifying.rendering import Link

FINDING = {
    "rule": "RSC-007",
    "severity": "error",
    "message": "A picture is missing",
    "place": "OEBPS/ch1.xhtml:3:7",
    "remedy": "add it",
}
_DUE = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
_BOOK = {"house": "Books & Co", "book": "emma", "title": "Emma", "file": "emma.epub", "edition": 1}
_REVIEW = _BOOK | {
    "reason": "it needs a review: typos",
    "priority": "high",
    "due": _DUE,
    "assignee": "ann",
    "findings": [FINDING],
    "more": 2,
}
_EVENT = _BOOK | {
    "subscriber": "webhook:shop",
    "type": "release.live",
    "error": "503",
    "attempts": 9,
}
_LINK: dict[str, object] = {"house": "Books & Co", "login": "ann"}

_MANUSCRIPT = {"house": "Books & Co", "title": "Emma", "manuscript": 7, "who": "edna"}
VALUES: dict[NoticeKind, dict[str, object]] = {
    NoticeKind.BOOK_RECEIVED: _BOOK,
    NoticeKind.BOOK_REJECTED: _BOOK
    | {"reason": "bad", "note": "The ending is missing", "findings": [FINDING], "more": 3},
    NoticeKind.BOOK_WAITING: _BOOK,
    NoticeKind.BOOK_ON_SALE: _BOOK
    | {
        "links": [
            {"name": "page", "url": Link("https://shop.example/books/emma")},
            {"name": "preview", "url": Link("https://edge.example/p.epub?a=1&b=2")},
            {"name": "cover", "url": Link("https://edge.example/c.jpg")},
        ]
    },
    NoticeKind.BOOK_WITHDRAWN: _BOOK,
    NoticeKind.CONTACT_CONFIRM: {
        "house": "Books & Co",
        "account": "Country Press",
        "code": "K7QPM2XWZ4TD",
    },
    NoticeKind.REVIEW_ASKED: _REVIEW,
    NoticeKind.REVIEW_ASSIGNED: _REVIEW,
    NoticeKind.REVIEW_OVERDUE: _REVIEW,
    NoticeKind.REVIEW_VOIDED: _BOOK | {"reason": "a newer edition came"},
    NoticeKind.EDITING_ASKED: _MANUSCRIPT,
    NoticeKind.EDITING_DECIDED: _MANUSCRIPT | {"step": "ask-changes", "reason": "Too long."},
    NoticeKind.EDITING_ANSWERED: _MANUSCRIPT | {"quote": "It rained.", "text": "It does."},
    NoticeKind.RUN_FAILED: {
        "house": "Books & Co",
        "job": "process_books",
        "run": "abc",
        "count": 12,
        "books": ["emma: cdn_release: Unavailable: the edge is down"],
        "more": 11,
    },
    NoticeKind.BOOK_FAILED: _BOOK | {"stage": "cdn_release", "reason": "Unavailable: no answer"},
    NoticeKind.FILE_REFUSED: {
        "house": "Books & Co",
        "place": "press/" + "long " * 20 + ".epub",
        "reason": "Its path has 1,300 bytes, more than 1,024.",
        "remedy": "Shorten the names in its path.",
    },
    NoticeKind.BOOK_STUCK: _BOOK | {"stage": "qa_report", "outcome": "done", "since": _DUE},
    NoticeKind.EDGE_BROKEN: _BOOK | {"facts": ["fra: cover: status 404"]},
    NoticeKind.EDGE_RESTORED: _BOOK | {"facts": []},
    NoticeKind.FIGURES_ODD: {
        "house": "Books & Co",
        "day": "2026-11-29",
        "facts": ["press: 12 of 20 editions rejected (60 %), usually 5 %"],
    },
    NoticeKind.AUDIT_BROKEN: {
        "house": "Books & Co",
        "fault": "rows were cut off: the head noted at 2026-11-29 10:00 UTC is no link any more",
    },
    NoticeKind.DELIVERY_DEAD: _EVENT,
    NoticeKind.DELIVERY_DISABLED: _EVENT,
    NoticeKind.NOTICE_FAILED: {
        "house": "Books & Co",
        "failed": "book_rejected",
        "to": "e…@example.org",
        "channel": "mail",
        "why": "no mail address",
        "notice": "0123abcd",
    },
    NoticeKind.PASSWORD_RESET: _LINK | {"link": Link("https://desk.example/reset/Abc-_123")},
    NoticeKind.EMAIL_CONFIRM: _LINK | {"link": Link("https://desk.example/confirm/Abc-_123")},
    NoticeKind.AUTHOR_NEW_BOOK: _LINK
    | {
        "title": "Emma",
        "author": "Jane Austen",
        "link": Link("https://shop.example/books/emma"),
        "unsubscribe": Link("https://desk.example/unsubscribe/Abc-_123"),
    },
}
HOSTILE = (
    "Emma\r\nBcc: all@example.org\n\n<!channel> <https://evil.example|click> {{ 7*7 }} {% x %} "
    "<script>x</script> \"'>< http://evil.example www.evil.example \x00\x1b[31m\u2028\u202e *b*"
)


def hostile(value: object) -> object:
    """`value` with every text in it replaced by one that attacks mail, Slack, HTML and Jinja."""
    if isinstance(value, Link):
        return value
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, list):
        return [hostile(one) for one in value]
    if isinstance(value, dict):
        return {name: hostile(one) for name, one in value.items()}
    return value
