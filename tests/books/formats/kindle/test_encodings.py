"""Text of a Kindle book is read as its letters say, whatever its header claims."""

import pytest

from ebook_pipeline.books.formats.kindle.encodings import TextEncoding, text_encoding

SPOKEN = {
    ("cp1250", "pl"): "Stary latarnik zapalił lampę i długo słuchał, jak szumi morze. „Kto tam?” – "
    "zapytał. Nikt nie odpowiedział, tylko mewy krzyczały nad wodą.",
    ("cp1250", "cs"): "Starý strážce rozsvítil lampu a dlouho poslouchal, jak šumí moře. Nikdo "
    "neodpověděl, jen racci křičeli nad vodou. Žluťoučký kůň úpěl ďábelské ódy.",
    ("cp1250", "hu"): "Az öreg őr meggyújtotta a lámpát, és sokáig hallgatta a tenger zúgását. A "
    "köd felszállt a kikötőből.",
    ("cp1251", "ru"): "Старый смотритель зажёг лампу и долго слушал, как шумит море. — Кто там? — "
    "спросил он. Никто не ответил, и только чайки кричали над водой.",
    ("cp1251", "uk"): "Старий доглядач засвітив лампу й довго слухав, як шумить море. Ніхто не "
    "відповів, тільки чайки кричали над водою, і їхній крик ґвалтував тишу.",
    ("koi8_r", "ru"): "Старый смотритель зажёг лампу и долго слушал, как шумит море. Туман "
    "поднимался от гавани. Никто не ответил, и только чайки кричали над водой.",
    ("cp1252", "fr"): "Le vieux gardien alluma la lampe et écouta longtemps la mer gronder. « Qui "
    "est là ? » demanda-t-il. À l’été, nul n’avait répondu : où était-ce ?",
    ("cp1252", "es"): "El viejo guardián encendió la lámpara y escuchó largo rato el mar. ¿Quién "
    "está ahí? —preguntó. ¡Nadie contestó! El niño soñó.",
    ("cp1253", "el"): "Ο γέρος φύλακας άναψε το φανάρι και άκουγε για ώρα τη θάλασσα να βουίζει. "
    "«Ποιος είναι εκεί;» ρώτησε. Κανείς δεν απάντησε.",
    ("cp1254", "tr"): "Yaşlı bekçi lambayı yaktı ve uzun süre denizin uğultusunu dinledi. Kimse "
    "cevap vermedi; yalnızca martılar suyun üstünde çığlık atıyordu.",
    ("cp1255", "he"): "השומר הזקן הדליק את המנורה והקשיב זמן רב לרעש הים. הערפל עלה מן הנמל. איש "
    "לא ענה, רק השחפים צעקו מעל המים.",
    ("cp1256", "ar"): "أشعل الحارس العجوز المصباح وأصغى طويلا إلى هدير البحر. كان الضباب يصعد من "
    "الميناء. لم يجب أحد، سوى النوارس التي كانت تصرخ فوق الماء.",
    (
        "cp1257",
        "lt",
    ): "Senasis sargas uždegė lempą ir ilgai klausėsi, kaip ošia jūra. Rūkas kilo "
    "iš uosto. Niekas neatsakė, tik žuvėdros klykė virš vandens.",
    ("cp874", "th"): "ชายชราจุดตะเกียงแล้วฟังเสียงทะเลอยู่นาน หมอกลอยขึ้นจากท่าเรือ ไม่มีใครตอบ",
    (
        "cp932",
        "ja",
    ): "老いた灯台守は明かりを灯し、長いあいだ海の音を聞いていた。"
    "霧が港から立ちのぼった。「誰だ」と彼は尋ねた。誰も答えなかった。",
    ("gb18030", "zh"): "老看守点亮了灯，久久地听着大海的声音。雾从港口升起。“谁在那里？”他问道。"
    "没有人回答，只有海鸥在水面上鸣叫。",
    ("big5hkscs", "zh-TW"): "老看守點亮了燈，久久地聽著大海的聲音。霧從港口升起。「誰在那裡？」"
    "他問道。沒有人回答，只有海鷗在水面上鳴叫。",
    ("cp949", "ko"): "늙은 등대지기는 등불을 켜고 오랫동안 바다 소리를 들었다. 안개가 항구에서 "
    "피어올랐다. “거기 누구요?” 그가 물었다. 아무도 대답하지 않았다.",
}
NUMBERS = {"gb18030": 936, "big5hkscs": 950, "koi8_r": 20866}
PAGES = pytest.mark.parametrize(("page", "language"), SPOKEN)


def marked_up(page: str, language: str) -> bytes:
    return f"<html><body><p>{SPOKEN[page, language]}</p></body></html>".encode(page)


@PAGES
def test_a_header_that_tells_the_code_page_is_believed(page: str, language: str) -> None:
    number = NUMBERS.get(page) or int(page[2:])
    assert text_encoding(marked_up(page, language), number, ["en"]).name == page


@PAGES
@pytest.mark.parametrize("claimed", [1252, 65001, 0, 1251])
@pytest.mark.parametrize("tagged", ["en", "the text's"])
def test_letters_tell_the_code_page_that_a_header_hides(
    page: str, language: str, claimed: int, tagged: str
) -> None:
    languages = [language if tagged == "the text's" else tagged]
    assert text_encoding(marked_up(page, language), claimed, languages).name == page


@PAGES
def test_utf_8_is_known_under_every_header(page: str, language: str) -> None:
    text = SPOKEN[page, language].encode()
    assert text_encoding(text, NUMBERS.get(page) or int(page[2:]), [language]).name == "utf-8"


def test_utf_8_with_a_broken_letter_stays_utf_8() -> None:
    text = SPOKEN["cp1251", "ru"].encode() * 9
    assert text_encoding(text.replace(b"\xd0", b"(", 1), 65001, []).name == "utf-8"


def test_english_with_a_foreign_name_stays_in_the_stated_page() -> None:
    text = "The keeper walked to Łódź and listened to the sea — “all night”, he said. " * 5
    assert text_encoding(text.encode("cp1250"), 1250, ["en"]).name == "cp1250"


@pytest.mark.parametrize(
    ("encoding", "raw", "line"),
    [
        (TextEncoding("cp1251", "cp1251"), "Маяк".encode("cp1251"), "Маяк"),
        (TextEncoding("cp1252", "cp1252"), "Café".encode(), "Café"),
        (TextEncoding("utf-8", "cp1252"), "Café".encode("cp1252"), "Café"),
        (TextEncoding("utf-8", "utf-8", "cp1251"), "Маяк".encode("cp1251"), "Маяк"),
        (TextEncoding("gb18030", "gb18030"), "灯塔".encode("gb18030"), "灯塔"),
        (TextEncoding("gb18030", "gb18030"), "灯塔".encode(), "灯塔"),
        (TextEncoding(), b"Salt &amp;amp; Fog&#8212;A &lt;Tale&gt; AT&T &nothing;", None),
    ],
)
def test_a_title_is_one_line_without_entities(
    encoding: TextEncoding, raw: bytes, line: str | None
) -> None:
    assert encoding.line(raw) == (line or "Salt & Fog—A <Tale> AT&T &nothing;")
