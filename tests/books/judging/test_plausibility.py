"""Missing, repeated and cut-off chapters, machine talk, misread and wrongly decoded text."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import language_texts
from ebook_pipeline.books.judging import plausibility
from ebook_pipeline.books.judging.chapters import ParsedChapter, TextBlock
from ebook_pipeline.books.judging.numbering import Heading
from ebook_pipeline.books.judging.plausibility import language
from tests.support.books.for_judging import PROSE, chapter
from tests.support.books.script_samples import sample

FRENCH = "Il était une fois, dans un petit village, une vieille dame qui vivait seule. " * 15
ENGLISH = "Once upon a time there was an old lady who lived alone in a small village. " * 15


def rules(*parts: Any, **known: Any) -> list[str]:
    found = plausibility.check(parts, **known).findings
    return [finding.rule.removeprefix("plausibility.") for finding in found]


def headed(*titles: str) -> list[ParsedChapter]:
    return [
        chapter(f"{title}\n{PROSE} {title}.", f"{n}.xhtml", blocks=(TextBlock("h2", title),))
        for n, title in enumerate(titles)
    ]


def guess(text: str) -> str:
    return "fr" if "une" in text else "en"


def numbers(count: int, other: int = 0) -> str:
    """Prose that has no run of words twice."""
    digits = str.maketrans("0123456789", "abcdefghij")
    told = (n if n % 40 else n + other for n in range(1000, 1000 + count))
    return " ".join(f"w{str(n).translate(digits)} and" for n in told)


def test_a_dropped_chapter_is_missing_by_its_number() -> None:
    assert rules(*headed("Chapter I", "Chapter II", "Chapter IV")) == ["missing-chapter"]
    assert rules(*headed("Chapter I", "Chapter II", "Chapter III")) == []


def test_a_chapter_missing_in_the_contents_is_seen_where_headings_have_no_numbers() -> None:
    contents = [Heading("nav.xhtml", 1, title) for title in ("1. Sea", "2. Land", "4. Air")]
    assert rules(*headed("Sea", "Land", "Air"), contents=contents) == ["missing-chapter"]


def test_numbers_of_notes_inside_one_document_may_leave_some_out() -> None:
    blocks = [TextBlock("h2", text) for text in ("I", "II", "III", "IV")]
    blocks += [TextBlock("h3", text) for text in ("I", "II", "IV")]
    assert rules(chapter(PROSE, blocks=tuple(blocks))) == []


def test_a_chapter_with_a_few_words_changed_repeats_another() -> None:
    parts = [chapter(numbers(400)), chapter(numbers(400, other=1), "two.xhtml")]
    (finding,) = plausibility.check(parts).findings
    assert finding.rule == "plausibility.repeated-chapter"
    assert "% of the text of one.xhtml" in finding.message


def test_a_long_paragraph_that_stands_twice_is_told() -> None:
    passage = numbers(60)
    rest = numbers(300).replace("and", "or")
    parts = [chapter(f"{PROSE}\n{passage}"), chapter(f"{rest}\n{passage}", "two.xhtml")]
    assert rules(*parts) == ["repeated-passage"]


@pytest.mark.parametrize(
    ("last", "cut"),
    [
        ("and so she went along the river, past the mill and the old church, until she", True),
        ("and so she went along the river, past the mill and the old church, home.", False),
        ("and so she went along the river, past the mill and the old church—”", False),
        ("Yours, the author of this book", False),
    ],
)
def test_a_chapter_that_stops_in_mid_sentence_is_cut_off(last: str, cut: bool) -> None:
    part = chapter(f"{PROSE * 12}\n{last}", blocks=(TextBlock("p", PROSE), TextBlock("p", last)))
    assert rules(part) == (["cut-off"] if cut else [])


@pytest.mark.parametrize(
    "text",
    [
        "As an AI language model, I have no feelings.",
        "Certainly! Here is the next chapter:",
        "Would you like me to continue?",
        "[Chapter continues]",
        "Word count: 1,204",
        "## Chapter 3",
        "He was **very angry** now.",
        "Write a 2000-word chapter about the storm.",
    ],
)
def test_what_a_machine_said_is_quoted(text: str) -> None:
    (finding,) = plausibility.check([chapter(f"{PROSE}\n{text}\n{PROSE}")]).findings
    assert finding.rule == "plausibility.machine-talk"
    assert finding.passage in text


@pytest.mark.parametrize(
    "text",
    [
        "“Certainly!” said he. “Here is the key.”",
        "Sure enough, here it was.",
        "She was to write a chapter of her life.",
        "* * *",
        "I hope this finds you well.",
    ],
)
def test_what_people_say_is_no_machine_talk(text: str) -> None:
    assert rules(chapter(f"{PROSE}\n{text}")) == []


@pytest.mark.parametrize(
    ("text", "meant"),
    [("donâ€™t", "’"), ("cafÃ©", "é"), ("â€œYesâ€", "“"), ("lost \ufffd sign", "")],
)
def test_text_decoded_wrongly_is_told_with_what_was_meant(text: str, meant: str) -> None:
    found = plausibility.check([chapter(f"{PROSE} {text}")]).findings
    assert {one.rule for one in found} == {"plausibility.garbled"}
    assert meant in found[0].message


@pytest.mark.parametrize(
    "text", ["« Café », dit-il.", "Die Frau „Ä“ sagt es.", "Ça va… “été”", "naïve, São, NÃO, Ünsal"]
)
def test_foreign_letters_are_as_they_should_be(text: str) -> None:
    assert rules(chapter(text)) == []


def test_letters_among_digits_are_misread_in_any_language() -> None:
    found = plausibility.check([chapter(f"{PROSE} th1s h0use com|ng")]).findings
    assert [one.message.partition("”")[0] for one in found] == ["“th1s", "“h0use", "“com|ng"]


@pytest.mark.parametrize("text", ["the 18th of 1840s", "R2D2 B12 5km 10pm 3D", "A4, 2nd, 7mo, 8vo"])
def test_numbers_with_letters_are_no_noise(text: str) -> None:
    assert rules(chapter(text)) == []


def test_misread_words_are_told_by_what_was_printed(cache: Path) -> None:
    text = f"{PROSE} The chi1d saw tbe rnouse and tlie liouse."
    found = plausibility.check([chapter(text)], "en", cache).findings
    assert {"tbe", "rnouse"} <= {one.message.partition("”")[0].removeprefix("“") for one in found}
    assert "“mouse”" in next(one.message for one in found if "rnouse" in one.message)


def test_clean_prose_has_no_misread_words(cache: Path) -> None:
    part = plausibility.check([chapter(PROSE * 20)], "en", cache)
    assert part.score.evidence["misread_per_10000"] == 0


def test_a_chapter_in_another_language_is_found_and_a_marked_one_is_right() -> None:
    parts = [chapter(ENGLISH, f"{n}.xhtml") for n in range(3)]
    strange = chapter(FRENCH, "fr.xhtml")
    heard = language.chapter_samples([*parts, strange])
    (finding,) = language.foreign_chapters(("en",), heard, guess)
    assert (finding.rule, finding.place) == ("plausibility.chapter-language", "fr.xhtml")
    assert finding.passage in FRENCH
    marked = language.chapter_samples([*parts, chapter(FRENCH, "fr.xhtml", language="fr")])
    assert language.foreign_chapters(("en",), marked, guess) == []


def test_where_most_chapters_are_in_another_language_the_book_is_declared_wrongly() -> None:
    heard = language.chapter_samples([chapter(FRENCH, f"{n}.xhtml") for n in range(3)])
    assert language.foreign_chapters(("en",), heard, guess) == []


SAID_BY_MACHINES = {
    "de": ("Als KI-Sprachmodell kann ich das nicht.", "Gerne! Hier ist das nächste Kapitel:"),
    "fr": ("En tant qu’IA, je ne peux pas.", "Bien sûr ! Voici le chapitre suivant :"),
    "es": ("Como modelo de lenguaje, no puedo.", "¡Claro! Aquí tienes el capítulo:"),
    "it": ("In quanto IA, non posso.", "Certo! Ecco il prossimo capitolo:"),
    "nl": ("Als AI-taalmodel kan ik dat niet.", "Natuurlijk! Hier is het hoofdstuk:"),
    "pt": ("Como uma IA, não posso.", "Claro! Aqui está o próximo capítulo:"),
    "pl": ("Jako model językowy nie mogę.", "Oczywiście! Oto kolejny rozdział:"),
    "sv": ("Som AI-modell kan jag inte.", "Självklart! Här är nästa kapitel:"),
    "ru": ("Как языковая модель, я не могу.", "Конечно! Вот следующая глава:"),
    "el": ("Ως γλωσσικό μοντέλο, δεν μπορώ.", "Φυσικά! Ορίστε το επόμενο κεφάλαιο:"),
    "ar": ("بصفتي نموذجًا لغويًا، لا أقدر.", "بالتأكيد! إليك الفصل التالي:"),
    "he": ("בתור מודל שפה, איני יכול.", "בוודאי! הנה הפרק הבא:"),
    "hi": ("एक एआई मॉडल के रूप में मैं नहीं।", "ज़रूर! यह रहा अगला अध्याय:"),
    "th": ("ในฐานะโมเดลภาษา ฉันทำไม่ได้", "แน่นอนครับ! นี่คือบทถัดไป:"),
    "ja": ("AI言語モデルとして、できません。", "もちろんです！以下が次の章です。"),
    "zh": ("作为一个人工智能语言模型，我不能。", "当然！以下是下一章："),
}
LEFT_OPEN = {
    "de": "[Text hier einfügen]",
    "fr": "[Insérer le texte ici]",
    "es": "Haga clic aquí para escribir texto",
    "it": "[Inserire il titolo]",
    "nl": "[Voeg hier uw tekst in]",
    "pt": "[Insira o título aqui]",
    "pl": "[Wstaw tekst]",
    "sv": "Klicka här för att ange text",
    "ru": "[Вставьте текст]",
    "el": "[Εισαγάγετε κείμενο]",
    "ar": "[أدخل النص هنا]",
    "he": "[הכנס טקסט כאן]",
    "hi": "[यहाँ पाठ लिखें]",
    "th": "[ใส่ข้อความที่นี่]",
    "ja": "［ここに本文を入力］",
    "zh": "【在此输入正文】",
}
LANGUAGE_TEXTS = Path(language_texts.__file__).parent


@pytest.mark.parametrize("tongue", SAID_BY_MACHINES)
def test_machines_and_placeholders_are_known_in_the_books_language(tongue: str) -> None:
    prose = "\n".join(path.read_text("utf-8") for path in LANGUAGE_TEXTS.glob(f"*_{tongue}.txt"))
    prose = prose or sample(tongue).text
    own = (*SAID_BY_MACHINES[tongue], LEFT_OPEN[tongue], "As an AI language model, I")
    checked = plausibility.check([chapter("\n".join((prose, *own)))], tongue)
    told = [one.rule for one in checked.findings if one.rule.endswith(("talk", "placeholder"))]
    assert told == ["plausibility.placeholder"] + ["plausibility.machine-talk"] * 3
    assert checked.score.evidence["phrases_of"] == f"en {tongue}"


def test_a_language_whose_phrases_nobody_listed_has_figures_but_no_score() -> None:
    checked = plausibility.check([chapter(PROSE + "\n{{name}}")], "sw")
    assert (checked.score.value, checked.score.evidence["phrases_of"]) == (None, "en")
    assert checked.score.evidence["placeholders"] == 1
    assert str(checked.score.evidence["checked"]).startswith("in part only: ")
