"""Descriptions without a model: the book's own words, marked, in sentences of its language."""

import pytest

from ebook_pipeline.books.describing.enrich.brief import Brief, checked_description
from ebook_pipeline.books.describing.enrich.composed import (
    ComposedCopywriter,
    description_words,
    narrator_words,
)
from ebook_pipeline.books.describing.enrich.form import TextForm
from ebook_pipeline.books.describing.enrich.manner import Manner, manner_of

OPENING = "„Komm“, sagte der Kapitän an jenem Morgen zu mir, und wir gingen an Bord des Schiffes."
LATER = "Der Nebel lag über der Insel, und niemand sah das Boot, das auf uns zukam."


def brief(language: str, manner: Manner, **known: tuple[str, ...]) -> Brief:
    return Brief("Das Boot", (), language, (), (LATER,), manner=manner, **known)


def test_what_is_known_is_said_in_the_books_language_and_quotes_are_marked() -> None:
    manner = Manner(OPENING, speech=0.6, narrated=True)
    known = {"people": ("Jim", "Ben"), "places": ("Bristol",), "topics": ("Schiff",)}
    written = ComposedCopywriter().describe(brief("de-AT", manner, **known))
    begin, about, later, made = written.split("\n\n")
    assert begin == f"Das Boot beginnt so: „{OPENING.replace('„', '‚').replace('“', '‘')}“"
    assert about == (
        "Personen: Jim, Ben. Orte: Bristol. Es geht unter anderem um: Schiff."
        " Eine der Personen erzählt. Das meiste ist Gespräch."
    )
    assert later == f"An späterer Stelle: „{LATER}“"
    assert made == "(Aus den Worten des Buches zusammengestellt.)"


def test_what_is_not_known_is_not_said() -> None:
    written = ComposedCopywriter().describe(brief("en", Manner()))
    assert written == f"Further on: “{LATER}”\n\n(Put together from the book’s own words.)"
    assert ComposedCopywriter().describe(Brief("A", (), "en", (), ())) == ""


def test_a_passage_that_is_the_beginning_stands_once() -> None:
    written = ComposedCopywriter().describe(brief("de", Manner(LATER)))
    assert written.count("Der Nebel") == 1


@pytest.mark.parametrize("language", description_words())
def test_every_languages_sentences_make_a_description_that_shops_print(language: str) -> None:
    for form in TextForm:
        manner = Manner(OPENING, form, 0.05, narrated=True)
        written = ComposedCopywriter().describe(
            brief(language, manner, people=("Jim",), places=("Bristol",), topics=("ship",))
        )
        assert checked_description(written)
        assert "{" not in written


TOLD = "I went aboard the ship that morning, and my friend the captain gave me his hand at once. "
SPOKEN = "“I never saw it,” said the captain to his men, “and I do not know where it lies.” "


@pytest.mark.parametrize(
    ("text", "narrated", "spoken"),
    [(TOLD * 80, True, False), (SPOKEN * 80, False, True)],
)
def test_who_tells_a_book_and_how_much_is_spoken(text: str, narrated: bool, spoken: bool) -> None:
    manner = manner_of([text], TextForm.PROSE, narrator_words("en"))
    assert manner.narrated is narrated
    assert manner.speech is not None
    assert (manner.speech > 0.5) is spoken


def test_an_opening_is_no_heading_and_ends_within_sixty_words() -> None:
    text = "CHAPTER ONE\nThe Ship\n" + "It was a morning of fog, and of wind, and of rain, " * 20
    opening = manner_of([text + "and of snow."], TextForm.PROSE, ()).opening
    assert opening.startswith("It was a morning of fog")
    assert opening.endswith(" …")
    assert len(opening.split()) == 61


STORY = (
    "It was a bright cold day in April, and the clocks of the whole town were striking thirteen."
)
FOREWORD = "This book was written in the winter of a hard year, and its author is glad of it now."


@pytest.mark.parametrize(
    "parts",
    [
        [f"PREFACE\n\n{FOREWORD}\n\nLondon, 1901", f"Chapter I\n\n{STORY}"],
        [f"The Author’s Note\n\n{FOREWORD}\n\nCHAPTER I.\n\n{STORY}"],
        [f"Vorwort\n\n{FOREWORD}", f"Préface de l’auteur\n\n{FOREWORD}", STORY],
        [f"Preface\n\n{STORY}"],
    ],
)
def test_an_opening_is_the_storys_where_a_preface_goes_before(parts: list[str]) -> None:
    assert manner_of(parts, TextForm.PROSE, ()).opening == STORY


def test_a_short_text_says_nothing_of_its_manner() -> None:
    assert manner_of(["No."], TextForm.PROSE, ("i",)) == Manner()
