"""Project Gutenberg's header in its many forms."""

import pytest

from ebook_pipeline.books.formats.manuscripts.gutenberg import gutenberg_text

BODY = "CHAPTER I\n\nThe keeper lit the lamp. The end of the pier was dark.\n"
MODERN = (
    "The Project Gutenberg eBook of The Fog Harbour\n    \nThis ebook is for the use of anyone.\n\n"
    "Title: The Fog Harbour\n\nAuthor: Petra Vos\n        Idris Kalu\n\n"
    "Release date: May 5, 2003 [eBook #99999]\n\nLanguage: German\n\nCredits: Ann Low\n\n\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK THE FOG HARBOUR ***\n\n"
)
OLD = (
    "**The Project Gutenberg Etext of The Fog Harbour, by Petra Vos**\n#3 in our series\n\n"
    "Copyright laws are changing all over the world, be sure to check.\n\n"
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n\n"
)
LONG_MARK = (
    "Project Gutenberg's The Fog Harbour, by Petra Vos\n\nTitle: The Fog Harbour\n\n"
    "Author: Petra Vos\n\n***START OF THE PROJECT GUTENBERG EBOOK THE FOG HARBOUR, AND\n"
    "OTHER TALES***\n\n\nE-text prepared by Ann Low and the\nDistributed Proofreaders\n\n\n\n"
)
ENDS = (
    "*** END OF THE PROJECT GUTENBERG EBOOK THE FOG HARBOUR ***\n\nLicence\n",
    "End of Project Gutenberg's The Fog Harbour, by Petra Vos\n\n*** END OF THIS PROJECT …\n",
    "End of the Project Gutenberg EBook of The Fog Harbour\n",
    "",
)


@pytest.mark.parametrize("header", [MODERN, OLD, LONG_MARK], ids=["modern", "old", "long"])
@pytest.mark.parametrize("end", ENDS)
def test_the_book_is_what_stands_between_header_and_licence(header: str, end: str) -> None:
    found = gutenberg_text(header + BODY + "\n\n" + end)
    assert found is not None
    assert found.text == BODY
    assert found.metadata.title == "The Fog Harbour"
    assert found.metadata.authors[0] == "Petra Vos"


def test_the_header_states_language_and_translators() -> None:
    found = gutenberg_text(MODERN.replace("Credits", "Translator: Olga Petrova\n\nCredits") + BODY)
    assert found is not None
    assert found.metadata.language == "de"
    assert found.metadata.contributors == (("trl", "Olga Petrova"),)


def test_a_text_that_speaks_of_project_gutenberg_is_left_alone() -> None:
    text = "Chapter 1\n\nI read it at Project Gutenberg.\n\nEnd of Project Gutenberg, he said.\n"
    assert gutenberg_text(text) is None
