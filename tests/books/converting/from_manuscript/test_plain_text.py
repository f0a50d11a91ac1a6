"""Plain text of many kinds as books: chapters, verse, lists, tables, old encodings, Gutenberg."""

import pytest

from ebook_pipeline.books.converting.text_comparison import compare_texts
from ebook_pipeline.books.formats import manuscripts
from ebook_pipeline.books.records import BookFormat
from tests.books.converting.from_manuscript.conftest import MakeBook
from tests.support.corpus import case, needs_cases

PROSE = (
    "The keeper of the north light had three habits that the village\n"
    "remarked upon, and the first of them was that he never answered a\n"
    "question before he had trimmed the wick, nor after it.\n"
)


@needs_cases
def test_utf_16_without_a_mark_is_read(book_of: MakeBook) -> None:
    book = book_of(case("72-txt-utf16le-nobom.txt"))
    assert book.headings == ["Chapter One", "Chapter Two"]
    assert "listened to the sea" in book.text


@needs_cases
def test_chinese_chapters_are_chapters(book_of: MakeBook) -> None:
    book = book_of(case("73c-txt-zh-chapters.txt"))
    assert book.headings == ["第一章 灯塔", "第二章 钟声", "第三章 归来"]
    assert (book.package.title, book.authors) == ("雾港", ["沈明"])


@needs_cases
def test_an_old_text_of_project_gutenberg_is_a_book(book_of: MakeBook) -> None:
    source = case("75-gutenberg.txt")
    said = manuscripts.inspect(source, BookFormat.TEXT).findings
    assert [finding.rule for finding in said] == ["manuscript.boilerplate"]
    book = book_of(source)
    assert (book.package.title, book.authors) == ("The Fog Harbour", ["Petra Vos"])
    assert book.package.languages == ("en",)
    assert book.headings == ["CHAPTER I: THE LAMP", "CHAPTER II: THE BELL"]
    assert "Gutenberg" not in book.text
    assert book.text.count("class=") == 0
    assert 'class="verse"' in book.bodies[1]
    assert "<p>The keeper, whose name was Esmé, lit the lamp and listened to" in book.bodies[1]


@needs_cases
def test_a_line_pasted_from_an_old_program_is_mended_and_named(book_of: MakeBook) -> None:
    source = case("77-txt-mixed.txt")
    said = manuscripts.inspect(source, BookFormat.TEXT).findings
    assert [(one.rule, one.place) for one in said] == [("manuscript.mixed-encoding", "line 5")]
    text = book_of(source).text
    assert "the keeper’s “old” café" in text
    assert "The keeper’s lamp — naïve — was lit by “Esmé”." in text


@needs_cases
def test_one_long_line_makes_no_verse_of_a_book(book_of: MakeBook) -> None:
    book = book_of(case("210-txt-one-long-line.txt"))
    assert 'class="verse"' not in "".join(book.bodies)
    assert "<p>This text was taken from the archive" in book.bodies[2]


@needs_cases
def test_a_break_beside_verse_is_a_rule(book_of: MakeBook) -> None:
    assert "</div><hr/><p>" in book_of(case("212-txt-break-after-verse.txt")).bodies[1]


def test_lists_tables_and_quotations_are_what_they_look_like(book_of: MakeBook) -> None:
    text = (
        f"Chapter 1\n\n{PROSE}\n1. one\n2. two\n3. three\n   and more\n\n- lamp\n- oil\n\n"
        f"Boat      Tons    Year\nAnna        12    1901\nBerta        7    1903\n\n{PROSE}\n"
        "    I have seen the boats come home in fog, and I have counted\n"
        "    every one of them, and never once have I been mistaken in\n"
        f"    the number of them.\n\nChapter 2\n\n{PROSE}"
    )
    body = book_of(text, BookFormat.TEXT).bodies[1]
    assert '<ol><li value="1">one</li><li value="2">two</li><li value="3">three and more' in body
    assert "<ul><li>lamp</li><li>oil</li></ul>" in body
    assert "Anna        12    1901\n" in body
    assert "<blockquote><p>I have seen the boats come home in fog, and I have counted" in body


def test_lists_with_letters_keep_them_and_short_lines_are_verse(book_of: MakeBook) -> None:
    text = (
        "Chapter 1\n\na) oil\nb) wick\n\nHe sang:\n\n    Roses are red,\n    Violets are blue,\n"
        "    And so are you.\n\nIt was late when the keeper lit the lamp, and then\nhe slept.\n\n"
        "Chapter 2\n\nThe end.\n"
    )
    book = book_of(text, BookFormat.TEXT)
    assert '<ol type="a"><li value="1">oil</li><li value="2">wick</li></ol>' in book.bodies[1]
    assert '<div class="verse">' in book.bodies[1]
    assert "and then he slept." in book.text
    assert compare_texts(book.path.with_name("source.txt"), BookFormat.TEXT, book.path) == ()


CHAPTERS = {
    "en": ("Chapter One", "Chapter Two"),
    "de": ("Erstes Kapitel", "Zweites Kapitel"),
    "fr": ("Chapitre premier", "Chapitre deuxième"),
    "es": ("Capítulo primero", "Capítulo segundo"),
    "it": ("Capitolo primo", "Capitolo secondo"),
    "pt": ("Capítulo um", "Capítulo dois"),
    "nl": ("Eerste hoofdstuk", "Tweede hoofdstuk"),
    "ru": ("Глава первая", "Глава вторая"),
    "uk": ("Розділ перший", "Розділ другий"),
    "pl": ("Rozdział pierwszy", "Rozdział drugi"),
    "cs": ("Kapitola první", "Kapitola druhá"),
    "hu": ("1. fejezet", "2. fejezet"),
    "fi": ("Ensimmäinen luku", "Toinen luku"),
    "sv": ("Första kapitlet", "Andra kapitlet"),
    "da": ("Kapitel 1", "Kapitel 2"),
    "tr": ("BİRİNCİ BÖLÜM", "İKİNCİ BÖLÜM"),
    "el": ("Κεφάλαιο πρώτο", "Κεφάλαιο δεύτερο"),
    "he": ("פרק ראשון", "פרק שני"),
    "ar": ("الفصل الأول", "الفصل الثاني"),
    "fa": ("فصل اول", "فصل دوم"),
    "hi": ("अध्याय 1", "अध्याय 2"),
    "zh": ("第一章", "第二章"),
    "ja": ("第一話 霧", "第二話 鐘"),
    "ko": ("제1장 안개", "제2장 종"),
    "th": ("บทที่ ๑", "บทที่ ๒"),
    "vi": ("Chương một", "Chương hai"),
    "tl": ("Kabanata 1", "Kabanata 2"),
    "words": ("One", "Two"),
    "Wörter": ("Eins", "Zwei"),
    "ro": ("Capitolul întâi", "Capitolul al doilea"),
}


@pytest.mark.parametrize("language", CHAPTERS)
def test_chapters_are_found_by_the_words_of_the_language(language: str) -> None:
    from ebook_pipeline.books.formats.manuscripts import prose

    one, two = CHAPTERS[language]
    text = f"{one}\n\n{PROSE}\n{PROSE}\n{two}\n\n{PROSE}\n{PROSE}"
    assert prose.read_prose(text).headings == (one, two)


@pytest.mark.parametrize(
    ("text", "dir_"),
    [("الفصل الأول\n\nأشعل الحارس المصباح.\n\nالفصل الثاني\n\nالنهاية. See example.org\n", "rtl"),
     ("Chapter 1\n\nHe said שלום to us all, and left.\n\nChapter 2\n\nEnd.\n", "")],
)  # fmt: skip
def test_a_text_is_set_and_paged_as_it_runs(book_of: MakeBook, text: str, dir_: str) -> None:
    book = book_of(text, BookFormat.TEXT)
    assert (' dir="rtl"' in book.bodies[1]) is (dir_ == "rtl")
    progression = 'page-progression-direction="rtl"' in book.package_source
    assert progression is (dir_ == "rtl")


NARROW = "The well-\nknown captain of the steam-\nship went to the har-\nbour at dawn and\nsang."
STANZA = "  It sits looking\n    over the harbour\n  on silent haunches\n    and moves on."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{PROSE}\n— Кто там?\n— Это я.\n\n{PROSE}", "<p>— Кто там?</p><p>— Это я.</p>"),
        (f"{PROSE}\n—¿Quién es?\n—Soy yo.\n\n{PROSE}", "<p>—¿Quién es?</p><p>—Soy yo.</p>"),
        (f"{PROSE}\n{NARROW}\n\n{PROSE}", "<p>The well-known captain"),
        (f"{STANZA}\n\n{STANZA}", 'class="verse"'),
    ],
)
def test_lines_are_joined_or_kept_as_what_they_are(book_of: MakeBook, text: str, kept: str) -> None:
    assert kept in book_of(f"Chapter 1\n\n{text}", BookFormat.TEXT).bodies[1]
