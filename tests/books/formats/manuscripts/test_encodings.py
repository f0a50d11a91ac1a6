"""Texts of many languages in the encodings of DOS, Windows, Mac OS, Unix and mail."""

import pytest

from ebook_pipeline.books.formats.manuscripts.alphabets import reads_well
from ebook_pipeline.books.formats.manuscripts.encodings import decode_text

TEXTS = {
    "ru": (
        "Было поздно, когда смотритель зажёг лампу, и море шумело под домом. Утром все "
        "лодки вернулись. Никто не знал, почему огонь погас."
    ),
    "uk": (
        "Тієї ночі дув сильний вітер, і маяк не світив. Її ґанок був порожній. Уранці "
        "всі човни повернулися."
    ),
    "sr": (
        "Било је касно кад је чувар упалио лампу, а море је шумело испод куће. Ујутру су "
        "се све лађе вратиле. Њих су чекали."
    ),
    "de": (
        "Es war spät, als der Wärter die Lampe anzündete, und das Meer war laut. Größe, "
        "Süden, Möwe. Übermorgen schließt die Brücke für Fußgänger."
    ),
    "fr": (
        "Il était une fois, dans une île bretonne, un gardien qui ne dormait jamais. Sa "
        "fille lui écrivait chaque été. Où êtes-vous, garçon?"
    ),
    "pl": (
        "Było późno, gdy strażnik zapalił lampę, a morze szumiało pod domem. Rano "
        "wszystkie łodzie wróciły. Źle się działo."
    ),
    "cs": (
        "Bylo pozdě, když strážce rozsvítil lampu, a moře hučelo pod domem. Ráno se "
        "všechny čluny vrátily. Příliš žluťoučký kůň."
    ),
    "hu": (
        "Késő volt, amikor az őr meggyújtotta a lámpát, és a tenger zúgott a ház alatt. "
        "Reggelre minden csónak visszatért. Tűz, bűn, fű."
    ),
    "tr": (
        "O gece şiddetli bir rüzgâr esiyordu ve deniz feneri yanmıyordu. Kimse nedenini "
        "bilmiyordu. İkinci gün güneş doğdu, İstanbul ışıl ışıldı."
    ),
    "el": (
        "Ήταν αργά όταν ο φύλακας άναψε τη λάμπα, και η θάλασσα βούιζε κάτω από το "
        "σπίτι. Το πρωί όλες οι βάρκες γύρισαν."
    ),
    "he": "היה מאוחר כשהשומר הדליק את המנורה והים רעש מתחת לבית. בבוקר חזרו כל הסירות.",
    "ar": (
        "كان الوقت متأخرا عندما أشعل الحارس المصباح، وكان البحر صاخبا تحت البيت. في "
        "الصباح عادت كل القوارب."
    ),
    "lt": (
        "Buvo vėlu, kai sargas uždegė lempą, ir jūra ošė po namu. Rytą visi laivai "
        "grįžo. Šuo lojo, žąsys skrido."
    ),
    "et": (
        "Oli hilja, kui valvur lambi süütas, ja meri kohises maja all. Hommikul tulid "
        "kõik paadid tagasi. Öö oli möödas."
    ),
    "es": (
        "Era tarde cuando el guardián encendió la lámpara, y el mar sonaba bajo la casa. "
        "¿Quién era? ¡Nadie! El niño soñó con la mañana."
    ),
    "sv": (
        "Det var sent när väktaren tände lampan, och havet brusade under huset. På "
        "morgonen kom alla båtar tillbaka. Åska över ön."
    ),
    "ro": (
        "Era târziu când paznicul a aprins lampa, iar marea vuia sub casă. Dimineaţa "
        "toate bărcile s-au întors."
    ),
    "ja": "その夜は風が強く、海辺の灯台は光っていなかった。誰もその理由を知らなかった。",
    "zh": "那天夜里，风很大，海边的灯塔没有亮。没有人知道为什么。",
    "tw": "那天夜裡，風很大，海邊的燈塔沒有亮。沒有人知道為什麼。",
    "ko": "그날 밤 바람이 몹시 불었고 바닷가의 등대는 켜지지 않았다. 아무도 그 이유를 몰랐다.",
    "th": "คืนนั้นลมแรงมาก ประภาคารริมทะเลไม่ได้เปิดไฟ ไม่มีใครรู้ว่าทำไม",
    "en": (
        "The café was closed — “so they said.” It was a naïve idea; the façade of the "
        "Brontës’ house, 20° below zero, £5 a night."
    ),
    "pt": (
        "Era tarde quando o guardião acendeu a lâmpada, e o mar soava debaixo da casa. "
        "De manhã não havia ninguém. A maçã é dela."
    ),
}
ENCODINGS = {
    "ru": "cp1251 koi8_r cp866 iso8859_5 mac_cyrillic cp855",
    "uk": "cp1251 koi8_u cp1125",
    "sr": "cp1251 iso8859_5",
    "de": "cp1252 cp850 cp437 mac_roman iso8859_2",
    "fr": "cp1252 mac_roman iso8859_15",
    "pl": "cp1250 iso8859_2 cp852 mac_latin2",
    "cs": "cp1250 iso8859_2 cp852",
    "hu": "cp1250 iso8859_2 cp852",
    "tr": "cp1254 iso8859_9 cp857",
    "el": "cp1253 iso8859_7 cp737",
    "he": "cp1255 iso8859_8 cp862",
    "ar": "cp1256 iso8859_6",
    "lt": "cp1257 iso8859_13 cp775",
    "et": "cp1257 cp1252",
    "es": "cp1252 cp850 mac_roman",
    "sv": "cp1252 cp850 mac_roman cp437",
    "ro": "cp1250 iso8859_2 cp852",
    "pt": "cp1252 cp850 mac_roman",
    "ja": "cp932 euc_jp iso2022_jp",
    "zh": "gbk gb18030",
    "tw": "big5",
    "ko": "euc_kr cp949 iso2022_kr",
    "th": "cp874",
    "en": "cp1252 mac_roman",
}
CASES = [(name, each) for name, encodings in ENCODINGS.items() for each in encodings.split()]


@pytest.mark.parametrize(("language", "encoding"), CASES)
@pytest.mark.parametrize("times", [1, 5])
def test_a_text_is_read_in_the_encoding_that_its_language_was_written_in(
    language: str, encoding: str, times: int
) -> None:
    text = f"{TEXTS[language]}\n\n" * times
    assert decode_text(text.encode(encoding)).text == text


def test_letters_that_no_language_has_together_read_wrong() -> None:
    assert reads_well(TEXTS["cs"])
    assert reads_well(TEXTS["ru"].encode("koi8_r").decode("cp1251")) is False
    assert reads_well(TEXTS["lt"].encode("cp1257").decode("cp1250")) is False
    assert reads_well("Tom’s café") is None
