"""Numbers on pages, as the page's language writes them."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from ebook_pipeline.desk.filters import amount, count, decimal, duration, size


@pytest.mark.parametrize(
    ("shown", "english", "german"),
    [
        (lambda language: count(59_510, language), "59,510", "59.510"),
        (lambda language: decimal(1234.5, language, 2), "1,234.50", "1.234,50"),
        (lambda language: size(1_073_741_824, language), "1.1 GB", "1,1 GB"),
        (lambda language: amount(Decimal("9.90"), language), "9.90", "9,90"),
        (lambda language: size(999, language), "999 B", "999 B"),
        (lambda language: duration(0.42, language), "0.4 s", "0,4 s"),
        (lambda language: duration(300, language), "5 min", "5 min"),
    ],
)
def test_a_number_is_written_as_its_language_writes_it(
    shown: Callable[[str], str], english: str, german: str
) -> None:
    assert (shown("en"), shown("de")) == (english, german)
