"""What headings are called in many languages: “Chapter 3”, “Глава первая”, “第一章”, “1. fejezet”.

Numbers in words are not listed: a chapter's word that several short lines share tells as much.
"""

import re
import unicodedata

_DIVISION_WORDS = """
part book volume act teil buch band akt partie livre acte parte libro tome tomo deel boek bok osa
kirja część księga díl kniha časť rész könyv kısım kitap partea cartea knjiga
часть книга том частина дял част книга део μέρος βιβλίο τόμος
חלק ספר الجزء جزء القسم قسم الكتاب भाग खंड খণ্ড பாகம் ภาค phần quyển bagian buku մաս ნაწილი parto
"""
DIVISIONS = frozenset(_DIVISION_WORDS.split())
"""What holds chapters."""
_CHAPTER_WORDS = """
chapter canto letter scene stave kapitel kapitlet chapitre capítulo capitulo capitolo
hoofdstuk capítol глава розділ раздел поглавље poglavlje poglavje rozdział kapitola fejezet
luku bölüm κεφάλαιο פרק الفصل فصل الباب باب अध्याय পরিচ্ছেদ অধ্যায় அத்தியாயம் అధ్యాయం บทที่ บท chương
bab capitolul kapittel kapitlet caput pennod caibidil գլուխ თავი ĉapitro peatükk nodaļa skyrius
kabanata hoofstuk sura kafli kapitulua kapitulli ምዕራፍ بخش
"""
CHAPTERS = frozenset(_CHAPTER_WORDS.split())
_DIVIDING = CHAPTERS | DIVISIONS
_OTHERWISE_USED = frozenset({"letter", "scene", "stave", "canto", "luku", "bab", "caput"})
"""Words that head chapters where they come again, and begin sentences too."""
_NAMED_WORDS = """
prologue epilogue preface foreword introduction afterword conclusion appendix acknowledgements
acknowledgments dedication glossary bibliography prolog epilog vorwort nachwort einleitung anhang
danksagung avant-propos préface épilogue prólogo epílogo prefacio introducción conclusión
agradecimientos prefácio introdução conclusão posfácio prologo epilogo prefazione introduzione
conclusione postfazione proloog epiloog voorwoord nawoord inleiding förord efterord inledning
forord etterord efterskrift esipuhe johdanto jälkisanat wstęp posłowie przedmowa předmluva doslov
úvod predslov előszó utószó prológus epilógus önsöz sonsöz giriş prefață epilogul
пролог эпилог предисловие послесловие введение заключение епілог передмова післямова вступ предговор
πρόλογος επίλογος εισαγωγή הקדמה אחרית מבוא פרולוג אפילוג مقدمة خاتمة تمهيد مقدمه پایان
प्रस्तावना भूमिका उपसंहार 序章 序言 序 前言 楔子 引子 后记 後記 尾声 尾聲 终章 終章 番外
プロローグ エピローグ あとがき まえがき はじめに おわりに 프롤로그 에필로그 머리말 맺음말 후기
"""
NAMED = frozenset(_NAMED_WORDS.split())
"""Parts of a book that have no number."""
_CJK_NUMBER = r"[一二三四五六七八九十百千零〇两兩0-9０-９]{1,7}"
_EAST_ASIAN = re.compile(
    rf"(?:第\s?{_CJK_NUMBER}\s?(?P<unit>[章回节節卷部篇编編话話折幕集])|(?P<volume>卷){_CJK_NUMBER}|"
    r"제\s?(?:\d{1,3}|[일이삼사오육칠팔구십백]{1,5})\s?(?P<korean>[장부권편화절막]))"
    r"(?P<rest>(?:[\s:：、.　—-].{0,60})?)"
)
_EAST_ASIAN_DIVISIONS = frozenset("卷部篇编編부권편")
_LABELLED = 2
"""Short lines that share a chapter's word, from which it heads chapters."""
_LONGEST = 70
"""Characters of a line that a chapter's word heads."""
_MOST_WORDS = 12
_STOPPED = 3
"""Words of a label that may end in a full stop, as old books print it: “Erstes Kapitel.”"""
_ENDS = (",", ";", ".", "!", "?", "…", "。", "！", "？", "،", "؟")


def east_asian_label(text: str) -> re.Match[str] | None:
    """“第三章 灯塔” or “제3장”: the label of a chapter or a part in Chinese, Japanese or Korean."""
    return _EAST_ASIAN.fullmatch(text.strip())


def is_division(text: str) -> bool:
    """Whether a heading's words are those of a part, which holds chapters."""
    label = east_asian_label(text)
    if label:
        unit = label["unit"] or label["volume"] or label["korean"]
        return unit in _EAST_ASIAN_DIVISIONS
    word = chapter_word(text)
    return word in DIVISIONS


def chapter_word(text: str) -> str:
    """The word of a chapter or part that a short line begins or ends with; empty for others.

    It must have something beside it: a number, in figures or words.
    """
    words = text.split()
    stopped = text.endswith(_ENDS) and not (text.endswith(".") and len(words) <= _STOPPED)
    if len(text) > _LONGEST or stopped:
        return ""
    if not 2 <= len(words) <= _MOST_WORDS:
        return _unspaced(_folded(words[0])) if words else ""
    ends = (words[0], words[-1]) if len(words) <= 3 else words[:1]
    return next((word for word in map(_folded, ends) if word in _DIVIDING), "")


def is_bare(text: str) -> bool:
    """Whether a label with a chapter's word has no title behind it: “Глава первая”, “第三章”."""
    label = east_asian_label(text)
    if label:
        return not label["rest"].strip(" 　:：、.—-")
    word = chapter_word(text)
    return bool(word) and len(text.split()) <= 2


def opens_with_label(text: str) -> bool:
    """Whether a text's first line is a chapter's label, one of its kind or not: “Глава первая”."""
    return is_bare(text) and chapter_word(text) in CHAPTERS - _OTHERWISE_USED


def shared_labels(texts: dict[int, str]) -> set[int]:
    """Which of the short lines `texts`, by index, share a chapter's word, two at least of each."""
    by_word: dict[str, list[int]] = {}
    for index, text in texts.items():
        if east_asian_label(text):
            by_word.setdefault("", []).append(index)
        elif word := chapter_word(text):
            by_word.setdefault(word, []).append(index)
    return {
        index
        for word, indices in by_word.items()
        if not word or len({texts[index].casefold() for index in indices}) >= _LABELLED
        for index in indices
    }


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word.strip(".:،：,()[]")).casefold()


def _unspaced(word: str) -> str:
    """Thai writes the number right behind the word."""
    return next((known for known in ("บทที่", "ตอนที่") if word.startswith(known)), "")
