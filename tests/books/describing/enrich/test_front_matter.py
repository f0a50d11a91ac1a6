"""What title and copyright pages say of the edition; stories say nothing of it."""

import pytest

from ebook_pipeline.books.describing.enrich.front_matter import FrontMatter, read

PAGE = """The Trial

Translated from the German by Willa Muir

Published by Secker & Warburg, London

Second, revised edition

Originally published in German as “Der Process”

First published 1925

Copyright © 1925, 1937 by the Estate

Copyright © 2009 Schocken Books
"""


def test_a_copyright_page_is_read() -> None:
    assert read(PAGE) == FrontMatter(
        publisher="Secker & Warburg",
        copyright_year="2009",
        first_published="1925",
        translators=("Willa Muir",),
        edition="Second, revised edition",
        original_title="Der Process",
    )


def test_a_story_is_not_searched() -> None:
    story = "He said it was published by Murray, in a second edition, long ago.\n\n" * 300
    late = f"{story}Published by Murray\n\nCopyright 1999\n\n{story}"
    assert read(late) == FrontMatter()


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Frankenstein was published in 1818 by Mary Shelley.", "first_published", "1818"),
        ("(c) 1984 George", "copyright_year", "1984"),
        ("Translation: Constance Garnett", "translators", ("Constance Garnett",)),
        ("3rd edition", "edition", "3rd edition"),
    ],
)
def test_a_line_tells_a_fact(line: str, field: str, value: str | tuple[str]) -> None:
    assert getattr(read(f"Title\n\n{line}\n"), field) == value


@pytest.mark.parametrize(
    ("lines", "isbns", "ebook"),
    [
        ("ISBN 978-0-306-40615-7", ("9780306406157",), ""),
        ("ISBN-13: 978-0-306-40615-7 (ebook)", ("9780306406157",), "9780306406157"),
        (
            "ISBN 978-3-16-148410-0 (hardback) eISBN 978-0-306-40615-7",
            ("9783161484100", "9780306406157"),
            "9780306406157",
        ),
        ("ISBN (EPUB) 0-306-40615-2", ("9780306406157",), "9780306406157"),
        ("eISBN 9783161484100\nISBN 0306406152 (Kindle)", ("9783161484100", "9780306406157"), ""),
        ("ISBN 978-0-306-40615-8", (), ""),
    ],
    ids=["print", "ebook", "both", "ten-digits", "two-ebooks", "wrong"],
)
def test_printed_isbns_are_known_and_which_is_the_ebook_s(
    lines: str, isbns: tuple[str, ...], ebook: str
) -> None:
    said = read(f"Title\n\n{lines}\n")
    assert (said.isbns, said.ebook_isbn) == (isbns, ebook)


def test_long_lines_of_one_word_are_read_in_time() -> None:
    assert read("A" * 2_000_000 + "\n" + "Second " * 100_000) == FrontMatter()
