"""Spelling in the dictionaries' languages: slips found, joined, elided and former words left."""

from pathlib import Path

import pytest

from benchmarks import language_texts
from ebook_pipeline.books.judging import spelling
from ebook_pipeline.books.judging.hunspell_dictionary import HunspellDictionary
from ebook_pipeline.books.judging.spelling_languages import checked_languages
from tests.support.books.for_judging import chapter

SLIPS = {
    "de": ("Nachts lag er allein in seinem Zimer und wartete.", "Zimer", "zimmer"),
    "fr": ("Il regardait la maisno de son père.", "maisno", "maison"),
    "es": ("Ella miraba por la vntana de su cuarto.", "vntana", "ventana"),
    "it": ("Il vecchio guardava il mrae dalla finestra.", "mrae", "mare"),
    "pt": ("O rapaz olhava pela jnaela do quarto.", "jnaela", "janela"),
    "nl": ("Zij stond voor het raaam te wachten.", "raaam", "raam"),
    "pl": ("Kobieta stała pzry oknie i czekała.", "pzry", "przy"),
    "sv": ("Hon stod vid fönstrt och väntade.", "fönstrt", "fönstret"),
    "ru": ("Она стояла у окнна и ждала.", "окнна", "окна"),
}
LEFT_ALONE = {
    "de": "Die Straßenbahnhaltestelle lag am Thore; er mußte auf Schmidtkes Hutschachtel warten.",
    "fr": "Jusqu’à l’été, il n’étoit qu’un enfant ; aujourd’hui, c’est l’âme d’Emma.",
    "es": "Fué él mesmo quien díjole a Dulcinea que no volvería á verla.",
    "it": "Dell’uomo e dell’anima ei volle dir tutto, com’avea fatto nell’antico libro.",
    "pt": "Vi-lhe fazer um gesto, e disse-o á commissão de Capitu com sciencia.",
    "nl": "De mensch zoude zyn stadhuisplein niet meer herkennen.",
    "pl": "Powiedziałem, żeby poszli z Wokulskim; byliśmy zmęczeni.",
    "sv": "De gingo hvar för sig till järnvägsstationen och voro trötta.",
    "ru": "Онъ пошелъ къ Вронскому, и всѣ молчали.",
}


def found(text: str, language: str) -> dict[str, str]:
    return {typo.word: typo.meant for typo in spelling.typos(text, language, None).typos}


@pytest.mark.parametrize("language", sorted(SLIPS))
def test_a_slip_is_found_and_the_words_of_the_language_are_not(language: str) -> None:
    sentence, wrong, meant = SLIPS[language]
    clean = language_texts.text("declaration", language)
    assert found(f"{clean}\n{LEFT_ALONE[language]}\n{sentence}", language) == {wrong: meant}


def test_a_repeated_spelling_is_the_books_own_and_a_name_no_slip() -> None:
    clean = language_texts.text("declaration", "fr")
    assert found(f"{clean} Le maisno. La maisno. Une maisno. Il vit Mairie et Marrie.", "fr") == {}


def test_a_dictionary_that_knows_too_few_words_checks_nothing() -> None:
    """Welsh under a German flag: no score, and the reason says how little is known."""
    welsh = "mae hen wlad fy nhadau yn annwyl i mi gwlad beirdd a chantorion enwogion o fri " * 9
    part = spelling.check([chapter(welsh)], "de", None)
    assert part.score.value is None
    assert "knows only" in str(part.score.evidence["checked"])


def test_a_language_without_a_measured_dictionary_is_unchecked() -> None:
    part = spelling.check([chapter("Byla tma a zima. " * 50)], "cs", None)
    assert part.score.value is None
    assert ", ".join(checked_languages()) in str(part.score.evidence["checked"])


def test_two_suffixes_prefixes_aliases_and_conditions(tmp_path: Path) -> None:
    """Forms as hunspell(5) makes them, with flags by alias; no other word is known."""
    affixes = """SET UTF-8
AF 3
AF A
AF BP
AF C
SFX A Y 1
SFX A y ies/3 [^aeiou]y
SFX B Y 1
SFX B 0 ness .
SFX C Y 1
SFX C 0 t .
PFX P Y 1
PFX P 0 un .
"""
    (tmp_path / "x.aff").write_text(affixes, encoding="utf-8")
    (tmp_path / "x.dic").write_text("3\nberry/1\nkind/2\nBonn\n", encoding="utf-8")
    words = HunspellDictionary(tmp_path / "x")
    known = ("berry", "berries", "berriest", "Kind", "unkind", "kindness", "unkindness", "Bonn")
    assert [word for word in known if not words.lookup(word)] == []
    unknown = ("berryies", "bonn", "unberry", "berrys", "kindt", "unBonn", "")
    assert [word for word in unknown if words.lookup(word)] == []
