"""Titles in the order of their language; the orders are those of its dictionaries and shelves."""

import pytest

from ebook_pipeline.books.selling.title_order import filed_title, title_key

IN_ORDER = {
    "en": ["The Adventures of Tom", "Élan", "An Ideal Husband", "A River", "The River Bank", "Zen"],
    "de": ["Der Abend", "Die Äpfel", "Apulien", "Das Ohr", "Öl", "Die Straße", "Strasser"],
    "fr": ["L’Assommoir", "Un cœur simple", "Les Cœurs", "École", "L'Île", "Le Zèbre"],
    "sv": ["En afton", "Zebran", "Den ålande", "Ängen", "Ödet"],
    "da": ["Zoo", "Ære", "Den øde ø", "Åen"],
    "es": ["Nube", "Ñandú", "La obra"],
    "pl": ["Ala", "Ąkanie", "Bal", "Lot", "Łódź", "Zebra", "Źródło", "Żaba"],
    "cs": ["Cena", "Čas", "Hora", "Chata", "Ida"],
    "tr": ["Cam", "Çay", "Ilgaz", "İzmir"],
    "ru": ["Анна Каренина", "Ёлка", "Игрок", "Йога", "Яма"],
    "el": ["Ἡ Ἀγάπη", "Βίος", "Ὁ Ζητιάνος", "Ἡ Φόνισσα"],
    "ar": ["الأيام", "باب", "الحرب", "يوم"],
    "he": ["אהבה", "בראשית", "מעשה", "שלום"],
    "hi": ["ईदगाह", "गोदान", "निर्मला"],
    "th": ["กาเหว่า", "เขา", "คน", "แดง", "พระอภัยมณี"],
    "zh": ["阿Q正传", "孔乙己", "狂人日记", "药"],
    "ko": ["가을", "나무", "바다"],
}


@pytest.mark.parametrize("language", IN_ORDER)
def test_titles_are_in_the_order_of_their_language(language: str) -> None:
    titles = IN_ORDER[language]
    assert sorted(reversed(titles), key=lambda title: title_key(title, language)) == titles


@pytest.mark.parametrize(
    ("title", "language", "filed"),
    [
        ("The River Bank", "en-GB", "River Bank, The"),
        ("L’Assommoir", "fr", "Assommoir, L’"),
        ("Die Verwandlung", "de", "Verwandlung, Die"),
        ("Die Hard", "en", "Die Hard"),
        ("A", "en", "A"),
        ("The", "en", "The"),
        ("Theatre", "en", "Theatre"),
        ("吾輩は猫である", "ja", "吾輩は猫である"),
        ("", "", ""),
    ],
)
def test_an_article_of_the_language_goes_behind(title: str, language: str, filed: str) -> None:
    assert str(filed_title(title, language)) == filed


def test_numbers_come_by_size_and_a_reading_instead_of_signs() -> None:
    numbered = ["Part 2", "Part 10", "Part 100"]
    assert sorted(reversed(numbered), key=lambda title: title_key(title, "en")) == numbered
    cat, heart = title_key("吾輩は猫である", "ja", "ワガハイ"), title_key("こころ", "ja", "ココロ")
    assert heart < cat
