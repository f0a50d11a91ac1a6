"""Names in Latin letters."""

import pytest

from ebook_pipeline.books.selling import scripts
from ebook_pipeline.books.selling.romanised import romanised


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Лев Толстой", {"lev tolstoy", "lev tolstoi", "lev tolstoj"}),
        ("Достоевский", {"dostoevsky", "dostoevskij", "dostoevskii"}),
        ("Ἀλέξανδρος Παπαδιαμάντης", {"alexandros papadiamantis"}),
        ("ナツメ ソウセキ", {"natsume souseki", "natsume soseki"}),
        ("シェイクスピア", {"sheikusupia"}),
        ("アーサー・ロッテ", {"asa rotte"}),
        ("チャールズ・ジョン", {"charuzu jon"}),
        ("鲁迅", {"luxun lu xun xun"}),
        ("نجيب محفوظ", set()),
        ("Jane Austen", set()),
    ],
)
def test_names_are_spelt_as_people_type_them(name: str, spellings: set[str]) -> None:
    made = set(romanised(name))
    assert spellings <= made
    assert bool(made) == bool(spellings)


def test_japanese_characters_are_not_read_as_chinese_ones() -> None:
    assert romanised("夏目漱石", "ja") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("إِبْرَاهِيم", "ابراهيم"), ("على", "علي"), ("مدرسة", "مدرسه"), ("كـتاب", "کتاب"),
        ("בְּרֵאשִׁית", "בראשית"), ("ΦΟΝΙΣΣΑΣ", "φόνισσας"), ("हिन्दी", "हिंदी"), ("रोज़", "रोज"),
        ("ещё", "Еще"), ("ﾅﾂﾒ", "ナツメ"), ("٢٥", "25"), ("น้ำ", "นํา"),
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert scripts.asked(one) == scripts.asked(other)


def test_voiced_kana_are_letters_of_their_own() -> None:
    assert scripts.folded("ガ") != scripts.folded("カ")


def test_latin_queries_are_left_as_they_are_typed() -> None:
    assert (
        scripts.asked('Brontë’s "jane eyre" -austen or x') == 'bronte\'s "jane eyre" -austen or x'
    )
