"""What models read of a book: the author's words, spread over all of it."""

import itertools

import pytest

from ebook_pipeline.books.describing.enrich.form import TextForm, form_of
from ebook_pipeline.books.describing.enrich.passages import (
    NUMBER,
    author_parts,
    passages,
    without_repeats,
)

PROSE = "\n\n".join(f"Paragraph {n} " + "goes on and on " * 20 for n in range(200))
IMPRINT = "Imprint\n\nCopyright 2020. All rights reserved. ISBN 0-306-40615-2. " + "x " * 150
COLOPHON = "This ebook is in the public domain; see the license. " * 20


def test_title_imprint_and_licence_are_not_the_authors_words() -> None:
    assert author_parts("\f".join(["A Tale", IMPRINT, PROSE, COLOPHON])) == [PROSE]


def test_a_text_that_is_all_imprint_is_still_read() -> None:
    assert author_parts(IMPRINT) == [IMPRINT]
    assert author_parts("") == []


def test_a_short_part_between_chapters_stays() -> None:
    middle = ["a short interlude"] * 3
    assert author_parts("\f".join([PROSE] * 6 + middle + [PROSE] * 6))[6:9] == middle


def test_passages_are_even_and_never_overlap() -> None:
    found = passages([PROSE])
    assert len(found) == NUMBER
    words = [len(one.text.split()) for one in found]
    assert words == [150] * (NUMBER - 1) + words[-1:]
    assert found[0].at == 0
    assert found[-1].at > 0.9
    steps = [b.at - a.at for a, b in itertools.pairwise(found)]
    assert max(steps) < 2 * min(steps)


def test_a_passage_begins_with_a_paragraph() -> None:
    assert all(one.text.startswith("Paragraph") for one in passages([PROSE]))


@pytest.mark.parametrize(("words", "number"), [(0, 0), (1, 1), (149, 1), (450, 3)])
def test_a_short_text_has_fewer_passages(words: int, number: int) -> None:
    assert (
        len(passages(["\n\n".join(["a " * 50] * (words // 50) + ["b " * (words % 50)])])) == number
    )


def test_speakers_make_a_play_and_broken_lines_verse() -> None:
    speech = "LANE.\n\nYes, sir.\n\nALGERNON.\n\nI don’t play accurately.\n\n"
    verse = (
        "The mighty earth-eidólon,\n\nAll space, all time,\n\nOf stars and suns\n\nSwelling.\n\n"
    )
    assert form_of([speech * 30]) is TextForm.PLAY
    assert form_of([verse * 30]) is TextForm.VERSE
    assert form_of(["Two cups of flour\n\nThree eggs or four\n\n" * 60]) is TextForm.PROSE
    assert form_of([PROSE]) is TextForm.PROSE
    assert form_of([verse]) is TextForm.PROSE  # too little to tell


def test_what_repeats_itself_is_read_once() -> None:
    pages = "\n\n".join(f"Page {n}\n\nThe same short line on every page." for n in range(400))
    sampled = passages([pages])
    assert len(sampled) == NUMBER
    assert without_repeats(sampled) == sampled[:1]
