"""Words, sentences and reading ease of plain text."""

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
