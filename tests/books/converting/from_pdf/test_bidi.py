"""Letters as they stand on a line, from the left, become what is read."""

import pytest

from ebook_pipeline.books.converting.from_pdf.bidi import reading_order, settle_brackets


def read(shown: str, *, from_right: bool = True) -> str:
    order = reading_order(shown, from_right)
    return settle_brackets("".join(shown[place] for place in order))


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("גבא", "אבג"),
        (".1931 תנשב", "בשנת 1931."),
        ("19:45 העשב", "בשעה 19:45"),
        ("יאמב 14-ב", "ב-14 במאי"),
        ("(Haifa) למנה", "הנמל (Haifa)"),
        ("30% אוה", "הוא 30%"),
        ("12,5 ריחמ", "מחיר 12,5"),
        ("14/5/1931 ךיראת", "תאריך 14/5/1931"),
        ("םויה World Wide Web (WWW) תשר", "רשת World Wide Web (WWW) היום"),
        ("(םלוכ) םימה", "המים (כולם)"),
        ("بتك 42 باتك", "كتاب 42 كتب"),
        ("Windows 95 תכרעמ", "מערכת Windows 95"),
    ],
)
def test_a_line_from_the_right_is_turned_round_but_for_what_reads_from_the_left(
    shown: str, meant: str
) -> None:
    assert read(shown) == meant


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("He said םולש twice.", "He said שלום twice."),
        ("the word 12 םולש here", "the word 12 שלום here"),
        ("no letter of the other kind (at all)", "no letter of the other kind (at all)"),
        ("(םולש)", "(שלום)"),
    ],
)
def test_words_from_the_right_in_a_line_from_the_left_are_turned_alone(
    shown: str, meant: str
) -> None:
    assert read(shown, from_right=False) == meant


@pytest.mark.parametrize("shown", [")אבג(", "(אבג(", ")אבג)", "(אבג)"])
def test_a_bracket_opens_before_a_word_and_closes_after_it(shown: str) -> None:
    assert settle_brackets(f"ב {shown} ד") == "ב (אבג) ד"


def test_a_bracket_within_a_word_opens_first() -> None:
    assert settle_brackets("ילד)ים(") == "ילד(ים)"
    assert settle_brackets("א( ראשון") == "א) ראשון"
    assert settle_brackets("קרא »שלום« לי") == "קרא «שלום» לי"
