"""Words taken for others that sound alike: told by what follows, quiet where both can stand."""

import pytest

from ebook_pipeline.books.judging.grammar import confusions


def told(text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.suggestion) for one in confusions.confused_words(text)]


@pytest.mark.parametrize(
    ("sentence", "wrong", "right"),
    [
        ("He asked for you're father at the door.", "you're", "your"),
        ("He said your not the man for it.", "your", "you're"),
        ("The dog lifted it's head and growled.", "it's", "its"),
        ("They sold there own farm in the spring.", "there", "their"),
        ("He saw that Their was nobody.", "Their", "there"),
    ],
)
def test_what_follows_tells_which_word_is_meant(sentence: str, wrong: str, right: str) -> None:
    assert told(sentence) == [(wrong, right)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Your being here is all; their several parts, their might and their will.",
        "It's first rate, and its first days were its best.",
        "There father and son stood, and you're right as you're always.",
        "It's morning; its morning light; their going; your going again.",
        "Not that there very much is, nor is there very little.",
        "There's it's-land, and its own, and you’re.",
    ],
)
def test_where_both_can_stand_nothing_is_said(sentence: str) -> None:
    assert told(sentence) == []
