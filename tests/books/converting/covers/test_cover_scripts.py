"""Covers of titles in scripts that a machine may have no fonts for: those of the project have."""

from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.converting.covers.typographic import _cut, typeset_cover


def letters(title: str, target: Path) -> bytes:
    """The label of a title's cover in black and white, whatever its cloth."""
    with Image.open(typeset_cover(title, [], target)) as cover:
        label = cover.convert("L").crop((300, 420, 1360, 560))
        return label.point(lambda grey: 255 * (grey > 160)).tobytes()


@pytest.mark.parametrize(
    ("one", "other"), [("กขค", "มนด"), ("कखग", "दनप"), ("吾輩猫", "孔乙己"), ("하나", "마바")]
)
def test_letters_of_a_title_are_no_boxes(tmp_path: Path, one: str, other: str) -> None:
    assert letters(one, tmp_path / "one.png") != letters(other, tmp_path / "other.png")


def test_joiners_stay_in_a_title_and_no_line_ends_before_a_slash() -> None:
    assert _cut("قایق\u200cران \u200eپیر", 99) == "قایق\u200cران پیر"
    assert _cut("Zwei Stimmen / Two Voices", 99) == "Zwei Stimmen\u00a0/ Two Voices"
