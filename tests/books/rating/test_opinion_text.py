"""A reader's words: only plain markup stays, and what a person should look at first is told."""

import pytest
from pydantic import ValidationError

from ebook_pipeline.books.rating.holding import reasons_to_hold
from ebook_pipeline.books.rating.opinion_text import LONGEST, OpinionText, clean, plain


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Good.\n\nVery & good", "<p>Good.</p><p>Very &amp; good</p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("1 < 2, I <3 it", "<p>1 &lt; 2, I &lt;3 it</p>"),
        ("<p onclick='x()'>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<script>alert(1)</script><p>a</p>", "<p>a</p>"),
        ("<p>a<img src=x onerror=alert(1)></p>", "<p>a</p>"),
        ("<a href='javascript:x'>link</a>", "<p>link</p>"),
        ("<svg><style><img src=x onerror=x></style></svg><p>a</p>", "<p>a</p>"),
        ("<h1>Title</h1><p>a</p>", "Title<p>a</p>"),
        ("<p><em>open", "<p><em>open</em></p>"),
        ("<!-- a --><p>b</p>", "<p>b</p>"),
        ("<p> </p><br>", ""),
        ("   ", ""),
    ],
)
def test_nothing_but_plain_markup_is_kept(written: str, kept: str) -> None:
    assert clean(written) == kept
    assert clean(kept) == kept


def test_a_text_is_read_without_its_markup() -> None:
    html = "<p>a &amp; <b>b</b><br>c</p><ul><li>d</li><li>e</li></ul>"
    assert plain(html) == "a & b\nc\nd\ne"


def test_stars_are_from_one_to_five_and_texts_have_an_end() -> None:
    for stars in (0, 6, -1):
        with pytest.raises(ValidationError):
            OpinionText(stars=stars)
    with pytest.raises(ValidationError):
        OpinionText(stars=3, text="a" * (LONGEST + 1))


def test_a_signature_is_one_line_of_signs_that_are_seen() -> None:
    assert (
        OpinionText(stars=1, signed=" Ann\n\u202e B\x00ell \u200b").signed
        == "AnnBell"[:3] + " Bell"
    )


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("A murder in chapter one, and much whisky.", ()),
        ("She is raped, and the book is right to tell it.", ()),
        ("What a fucking waste of paper.", ("coarse language",)),
        ("Read more at https://spam.example", ("contact",)),
        ("Write to the author: ann@example.org", ("contact",)),
        ("Ring me: +49 30 1234567", ("contact",)),
        ("Published in 1984, 9 of 10, ISBN 978-3-16-148410-0.", ()),
    ],
)
def test_what_a_person_should_look_at_first_is_told(text: str, reasons: tuple[str, ...]) -> None:
    assert reasons_to_hold(text) == reasons
