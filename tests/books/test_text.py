"""Words, sentences and reading ease of plain text."""

import pytest

from ebook_pipeline.books import text


def test_hyphens_and_apostrophes_join_words() -> None:
    assert text.words("Don’t touch the well-known rock 'n' roll—ever!") == [
        "Don’t", "touch", "the", "well-known", "rock", "n", "roll", "ever",
    ]  # fmt: skip


def test_hebrew_points_and_detached_accents_split_no_word() -> None:
    assert len(text.words("שָׁלוֹם cafe\u0301 كِتَاب")) == 3


def test_shops_count_words_between_white_space_and_em_dashes() -> None:
    assert text.word_count("one two—three\n\nfour-five  six — ‘ 7") == 6


def test_titles_and_initials_end_no_sentence() -> None:
    found = text.sentences("Mr. J. R. Bennet met Dr. Watson. “Why?” he asked. It was 3 p.m. then.")
    assert found == ["Mr. J. R. Bennet met Dr. Watson.", "“Why?” he asked.", "It was 3 p.m. then."]


def test_i_and_ellipses_end_sentences_before_a_capital() -> None:
    assert len(text.sentences("It was I. He knew it... Then he left.")) == 3


def test_japanese_sentences_need_no_space() -> None:
    assert text.sentences("これは本です。とても良い！") == ["これは本です。", "とても良い！"]


def test_blank_lines_part_the_paragraphs_of_wrapped_text() -> None:
    assert text.paragraphs("One\nand on.\n \n\tTwo.\n\n\n") == ["One\nand on.", "Two."]


def test_every_line_of_converted_text_is_a_paragraph() -> None:
    long = "word " * 30
    assert text.paragraphs(f"One.\n{long}\n\nThree.\n") == ["One.", long.strip(), "Three."]


def test_lines_are_paragraphs_where_no_line_is_blank() -> None:
    assert text.paragraphs("One.\nTwo.\n") == ["One.", "Two."]


def test_an_empty_text_counts_nothing() -> None:
    assert text.count("") == text.TextCounts(0, 0, 0, 0, 1, None)


def test_reading_time_counts_characters_where_nothing_parts_the_words() -> None:
    assert text.count("語" * 4800).minutes == 10
    assert text.count("word " * 2380).minutes == 10


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("هل هذا كتاب؟ نعم، هو كتاب. انتهى.", 3),
        ("गाँव में हलचल है। कितना मनोहर है।", 2),
        ("「もう死にます」と云う。女は静かだ。", 2),
        ("他说：“好。”然后走了。", 2),
    ],
)
def test_sentences_end_at_the_stops_of_their_script(paragraph: str, sentences: int) -> None:
    assert len(text.sentences(paragraph)) == sentences


@pytest.mark.parametrize("word", ["ज़्यादा", "กษัตริย์", "नहीं", "می\u200cخواهم", "בְּרֵאשִׁית"])
def test_vowel_signs_and_joiners_part_no_word(word: str) -> None:
    assert text.words(word) == [word]


def test_words_are_counted_where_no_spaces_part_them() -> None:
    assert text.word_count("吾輩は猫である。名前はまだ無い。") == 14
    assert 4 <= text.word_count("แต่ปางหลังยังมีกรุงกษัตริย์") <= 10
    assert text.word_count("The 猫 sat") == 3
