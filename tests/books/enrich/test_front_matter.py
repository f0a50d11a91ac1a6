"""What title and copyright pages say of the edition; stories say nothing of it."""

import pytest

from ebook_pipeline.books.enrich.front_matter import FrontMatter, read

PAGE = """The Trial

Translated from the German by Willa Muir

Published by Secker & Warburg, London

Second, revised edition

Originally published in German as “Der Process”

First published 1925

Copyright © 1925, 1937 by the Estate

Copyright © 2009 Schocken Books
"""


def test_a_copyright_page_is_read():
    assert read(PAGE) == FrontMatter(
        publisher="Secker & Warburg",
        copyright_year="2009",
        first_published="1925",
        translators=("Willa Muir",),
        edition="Second, revised edition",
        original_title="Der Process",
    )


def test_a_story_is_not_searched():
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
def test_a_line_tells_a_fact(line, field, value):
    assert getattr(read(f"Title\n\n{line}\n"), field) == value


def test_long_lines_of_one_word_are_read_in_time():
    assert read("A" * 2_000_000 + "\n" + "Second " * 100_000) == FrontMatter()
