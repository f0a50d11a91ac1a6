"""Every template of every kind in every language, with what people write and what attackers do."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from jinja2 import UndefinedError

from ebook_pipeline.books.notifying import rendering
from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS, NoticeKind
from ebook_pipeline.books.notifying.rendering import Link, harmless, languages, render_notice
from tests.support.services.notice_values import HOSTILE, VALUES, hostile

EVERY = [(kind, language) for kind in NoticeKind for language in languages()]
PARTS = {"layout", "findings_text", "findings_html"}
DIGEST: dict[str, Any] = {
    "house": "Books & Co",
    "messages": ["“Emma” has arrived.", "“Persuasion” waits."],
    "count": 9,
}


class Tags(HTMLParser):
    """The elements of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag not in {"br", "hr", "meta"}:
            self.open.append(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_kind_says_who_when_and_how_pressing() -> None:
    assert set(NOTICE_KINDS) == set(NoticeKind) == set(VALUES)


@pytest.mark.parametrize("language", languages())
def test_a_language_is_a_folder_with_every_kind_and_nothing_else(language: str) -> None:
    names = {path.stem for path in (rendering.TEMPLATES / language).iterdir()}
    assert names == set(NoticeKind) | PARTS | {"digest"}


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_every_template_says_what_it_is_about(kind: NoticeKind, language: str) -> None:
    message = render_notice(kind, language, VALUES[kind])
    assert message.subject
    assert "\n" not in message.subject + message.short
    assert "{" not in message.text
    assert message.text.count("\n-- \n") == 1
    page = Tags(message.html)
    assert page.open == []
    assert f'lang="{language}"' in message.html
    names = ("title", "job", "subscriber", "failed", "place", "code", "login", "day", "fault")
    known = [VALUES[kind].get(name) for name in names]
    assert any(str(one) in message.text for one in known if one)


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_nothing_hostile_gets_out_of_its_line(kind: NoticeKind, language: str) -> None:
    values = {name: hostile(value) for name, value in VALUES[kind].items()}
    calm, attacked = (
        render_notice(kind, language, VALUES[kind]),
        render_notice(kind, language, values),
    )
    page = Tags(attacked.html)
    assert page.names == Tags(calm.html).names
    assert page.links == Tags(calm.html).links
    assert attacked.text.count("\n") == calm.text.count("\n")
    for part in (attacked.subject, attacked.short, *attacked.text.split("\n")):
        assert part.isprintable()
        assert not re.search(r"http://evil|https://evil|www\.evil", part)
    assert "49" not in attacked.subject.replace("[:]", "")


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_value_that_is_left_out_is_an_error_not_a_gap(kind: NoticeKind) -> None:
    with pytest.raises(UndefinedError):
        render_notice(kind, "en", {"house": "Books & Co"})


@pytest.mark.parametrize("language", languages())
def test_a_digest_lists_what_it_is_made_of(language: str) -> None:
    message = render_notice("digest", language, DIGEST)
    assert all(one in message.text for one in DIGEST["messages"])
    assert message.html.count("<li>") == 3
    assert "7" in message.text
    assert message.subject.startswith("9 ")


def test_findings_come_with_their_remedies_in_plain_words() -> None:
    message = render_notice(NoticeKind.BOOK_REJECTED, "en", VALUES[NoticeKind.BOOK_REJECTED])
    assert "- A picture is missing (in OEBPS/ch1.xhtml:3:7)\n  What to do: add it\n" in message.text
    assert "- and 3 more." in message.text


def test_an_editors_word_comes_first_and_an_unknown_reason_is_told() -> None:
    values = VALUES[NoticeKind.BOOK_REJECTED] | {"note": "The ending is missing", "findings": []}
    assert (
        "Our editor writes: The ending is missing"
        in render_notice("book_rejected", "en", values).text
    )
    plain = render_notice("book_rejected", "en", values | {"note": "", "reason": "no reason"}).text
    assert "The reason: no reason" in plain


def test_only_our_own_links_are_links() -> None:
    message = render_notice(NoticeKind.BOOK_ON_SALE, "en", VALUES[NoticeKind.BOOK_ON_SALE])
    assert "https://edge.example/p.epub?a=1&b=2" in message.text
    assert 'href="https://edge.example/p.epub?a=1&amp;b=2"' in message.html


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("See https://evil.example/x", "See https[:]//evil[.]example/x"),
        ("Buy at evil.com now", "Buy at evil[.]com now"),
        ("a.b.evil.co.uk/path", "a[.]b[.]evil[.]co[.]uk/path"),
        ("Write to me@evil.com", "Write to me[@]evil[.]com"),
        ("evil\u3002com", "evil[.]com"),
        ("evil\u200b.com", "evil .com"),
        ("xn--80ak6aa92e.xn--p1ai", "xn--80ak6aa92e[.]xn--p1ai"),
        ("Call 10.0.0.1", "Call 10[.]0[.]0[.]1"),
        ("book.zip and book.mobi", "book[.]zip and book[.]mobi"),
        ("evil.com.pdf", "evil[.]com[.]pdf"),
        (
            "emma.epub, p. 3.5, Dr. No, e.g. this… A.D.",
            "emma.epub, p. 3.5, Dr. No, e.g. this… A.D.",
        ),
        ("OEBPS/ch1.xhtml:3:7", "OEBPS/ch1.xhtml:3:7"),
    ],
)
def test_no_mail_program_finds_an_address_in_what_strangers_wrote(text: str, read: str) -> None:
    assert harmless(text) == read
    assert harmless(read) == read


@pytest.mark.parametrize("url", ["javascript:alert(1)", 'https://a"onclick="x', "https://a\nb", ""])
def test_a_link_of_ours_is_a_web_address_and_nothing_else(url: str) -> None:
    values = VALUES[NoticeKind.BOOK_ON_SALE] | {"links": [{"name": "page", "url": Link(url)}]}
    with pytest.raises(ValueError, match="no link of ours"):
        render_notice(NoticeKind.BOOK_ON_SALE, "en", values)


def test_times_are_told_by_the_clock_of_who_reads() -> None:
    values = VALUES[NoticeKind.REVIEW_ASSIGNED]
    assert (
        "2026-11-24 10:30 CET"
        in render_notice("review_assigned", "de", values, "Europe/Berlin").text
    )
    assert "2026-11-24 09:30 UTC" in render_notice("review_assigned", "en", values).text


def test_a_language_that_nobody_wrote_is_english() -> None:
    assert render_notice(
        "book_waiting", "../de", VALUES[NoticeKind.BOOK_WAITING]
    ).subject.startswith("“Emma”")


def test_long_texts_are_cut() -> None:
    values = VALUES[NoticeKind.BOOK_WAITING] | {"title": HOSTILE * 1000}
    message = render_notice("book_waiting", "en", values)
    assert len(message.subject) <= 150
    assert len(message.short) <= 300
    assert len(message.text) < 5000


@pytest.mark.parametrize("language", languages())
def test_a_notice_leads_to_its_place_at_the_desk_where_that_is_known(language: str) -> None:
    values = VALUES[NoticeKind.EDITING_ASKED]
    link = Link("https://desk.example/editing/m")
    without = render_notice("editing_asked", language, values)
    message = render_notice("editing_asked", language, {**values, "desk": link})
    assert Tags(message.html).links == [*Tags(without.html).links, link]
    assert f": {link}\n" in message.text
    assert "desk.example" not in without.text
