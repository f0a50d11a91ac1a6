"""What a PDF does not say is told."""

import pytest

from ebook_pipeline.books.converting.from_pdf.losses import joined_words


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("من میخواهم کتابها را بخوانم و نمیفروشم.", 3),
        ("پنجرهها بستهاند و دریا آرام است.", 1),
        ("من می\u200cخواهم کتاب\u200cها را بخوانم.", 0),
        ("ذهب الولد إلى المدرسة وقرأ الكتاب.", 0),
        ("میز و میل و میوه", 0),
    ],
)
def test_persian_words_whose_parts_are_joined_are_counted(text: str, joined: int) -> None:
    assert joined_words([text]) == joined
