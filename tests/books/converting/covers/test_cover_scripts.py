"""Covers of titles in scripts that a machine may have no fonts for: those of the project have."""

from pathlib import Path

import pytest
from PIL import Image

from ebook_pipeline.books.converting.covers.typographic import typeset_cover


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
