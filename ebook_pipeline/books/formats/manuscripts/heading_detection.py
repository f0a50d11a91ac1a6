"""Headings of manuscripts without heading styles, detected by how paragraphs look.

Works on paragraphs of any format: what each says, where it stands, how it looks. Levels start at 1.
Thresholds were chosen by trial on the corpus' manuscripts; `benchmarks/formats.py manuscripts`
counts the headings that come back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ebook_pipeline.books.formats.manuscripts import chapter_words

LARGER = 1.15
"""Times the size of most letters, above which a paragraph's letters are large."""
_LONGEST = 120
"""Characters of a heading."""
_MOST_BY_STYLE = 0.25
"""Share of all paragraphs, 0 to 1, above which those that stand out are no headings after all."""
_CONTENTS_RUN = 3
"""Headings right below each other from which they are a printed table of contents."""
_FRONT_MATTER = 8
"""Paragraphs before the first numbered heading, below which what stands out is a title page."""
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|the (?:first|second|third|last)|"
    "first|second|third|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|"
    "premier|première|deux|trois|quatre|cinq|uno|due|tre|dos|tres|cuatro|cinco"
)
_DIVISIONS = (
    "part|book|volume|teil|buch|band|partie|livre|parte|libro|deel|boek|часть|книга|act|akt|acte|"
    "tom|del|dio"
)
_CHAPTERS = (
    "chapter|canto|letter|scene|stave|kapitel|chapitre|capítulo|capitulo|capitolo|hoofdstuk|глава"
)
_COUNTING = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn
un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis
uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici
um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis
een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien
ett två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton
jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście
один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать
один два три чотири п'ять шість сім вісім дев'ять десять
"""
_COUNTED = {
    word: number
    for line in reversed(_COUNTING.strip().splitlines())
    for number, word in enumerate(line.split(), 1)
}
"""What a heading that is a number alone counts; no language's word is another number elsewhere."""
_NAMED = "|".join(sorted({*chapter_words.NAMED, "about the author"}, key=len, reverse=True))
_NUMERAL = r"(?:[ivxlc]{1,8}|\d{1,3})"
_LABEL = re.compile(
    rf"(?:(?P<division>{_DIVISIONS})|{_CHAPTERS})\s+(?P<number>{_NUMERAL}|(?:{_NUMBER_WORDS})(?:-\w+)?)"
    r"\b(?P<rest>(?:[.:]|\s+[–—-]|\s)?.{0,90})",
    re.IGNORECASE,
)
_IS_NAMED = re.compile(rf"(?:{_NAMED})\b[.:：]?.{{0,60}}", re.IGNORECASE)
_BARE = re.compile(
    r"(?P<number>[IVXLC]{1,8}|\d{1,3}|[一二三四五六七八九十]{1,3})"
    r"(?:[.、]?|[.:)、]\s*(?P<rest>\S.{0,90})|)"
)
_IDEOGRAPHS = {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_BREAK = re.compile(r"(?:[*•·⁂~#✻❦☙_=–—＊※◇◆○●☆★■□△▲▽▼✽❖§-]\s*){1,20}")


@dataclass(frozen=True)
class StyledParagraph:
    """A paragraph and how it looks; `large` is in comparison with the text around it."""

    text: str
    centred: bool = False
    bold: bool = False
    large: bool = False
    new_page: bool = False

    @property
    def weight(self) -> int:
        """How much it stands out, 0 to 4."""
        return self.centred + self.bold + self.large + self.new_page


def is_scene_break(text: str) -> bool:
    """Whether a paragraph is only a mark between scenes: ``* * *``, ``⁂``, ``#``."""
    return _BREAK.fullmatch(text.strip()) is not None


def is_bare_label(text: str) -> bool:
    """Whether a heading is a number alone (``Chapter 3``, ``IV``), so that a title may follow."""
    label = _LABEL.fullmatch(text)
    if label:
        return not label["rest"].strip(" .:–—-")
    bare = _BARE.fullmatch(text)
    return (bare is not None and not bare["rest"]) or chapter_words.is_bare(text)


def is_label(text: str) -> bool:
    """Whether a heading is that of a part or chapter by its words, with a title or without."""
    word = chapter_words.chapter_word(text)
    named = text.casefold() in chapter_words.NAMED or chapter_words.east_asian_label(text)
    known = word in chapter_words.DIVISIONS or word in chapter_words.CHAPTERS
    return bool(known or named or _LABEL.fullmatch(text) or is_bare_label(text))


def detect_headings(looks: Sequence[StyledParagraph]) -> dict[int, int]:
    """Which of the paragraphs are headings: their index and level, in order."""
    numbered = _numbered(looks)
    standing = {
        index
        for index, look in enumerate(looks)
        if index not in numbered
        and (look.bold or look.large)
        and _short(look)
        and (look.weight > 1 or (index - 1 in numbered and is_bare_label(looks[index - 1].text)))
    }
    if len(standing) > max(3, len(looks) * _MOST_BY_STYLE):
        standing = set()
    if numbered:
        first = min(numbered)
        standing = {index for index in standing if index > first or first >= _FRONT_MATTER}
    return _levels(looks, numbered, standing)


def _levels(
    looks: Sequence[StyledParagraph], numbered: set[int], standing: set[int]
) -> dict[int, int]:
    divisions = {index for index in numbered if _is_division(looks[index].text)}
    chapter = 2 if divisions and len(divisions) < len(numbered) else 1
    levels: dict[int, int] = {}
    for index in sorted(numbered | standing):
        if index in standing and numbered:
            after_label = index - 1 in levels and is_bare_label(looks[index - 1].text)
            levels[index] = levels[index - 1] if after_label else chapter + 1
        else:
            levels[index] = 1 if index in divisions else chapter
    return levels


def _is_division(text: str) -> bool:
    label = _LABEL.fullmatch(text)
    return chapter_words.is_division(text) or (label is not None and label["division"] is not None)


def _short(look: StyledParagraph) -> bool:
    text = look.text
    has_words = any(letter.isalpha() for letter in text)
    return has_words and len(text) <= _LONGEST and not text.endswith((",", ";", "-"))


def _numbered(looks: Sequence[StyledParagraph]) -> set[int]:
    """Paragraphs that say “Chapter 3”, “Prologue”, or bear numbers that follow each other."""
    numbered = {index for index, look in enumerate(looks) if _is_labelled(look)}
    bare = {index: number for index, look in enumerate(looks) if (number := _bare_number(look))}
    numbered |= _following(bare)
    short = {index: look.text for index, look in enumerate(looks) if _short(look)}
    numbered |= chapter_words.shared_labels(short)
    first = next((index for index, look in enumerate(looks) if look.text), 0)
    if first in short and chapter_words.opens_with_label(short[first]):
        numbered.add(first)
    if numbered:
        numbered |= {n for n, text in short.items() if text.casefold() in chapter_words.NAMED}
    return numbered - _contents(numbered)


def _is_labelled(look: StyledParagraph) -> bool:
    if not _short(look):
        return False
    label = _LABEL.fullmatch(look.text)
    if label:
        rest = label["rest"].strip()
        return look.weight > 0 or not rest or not (rest[0].islower() or rest.endswith("."))
    return look.weight > 0 and _IS_NAMED.fullmatch(look.text) is not None


def _bare_number(look: StyledParagraph) -> int:
    """The number that heads the paragraph, 0 for none: ``IV``, ``IV: The Way``, ``4``, ``Four``."""
    if look.text.casefold().strip(".") in _COUNTED:
        return _COUNTED[look.text.casefold().strip(".")]
    numeral = _BARE.fullmatch(look.text) if len(look.text) <= _LONGEST else None
    if numeral is None:
        return 0
    digits = numeral["number"].isdigit()
    if digits and numeral["rest"] and not look.weight:
        return 0
    if numeral["number"][0] in _ROMAN:
        return _roman(numeral["number"])
    return int(numeral["number"]) if digits else _ideographic(numeral["number"])


def _ideographic(text: str) -> int:
    """Chinese numerals up to 99; 0 for what is none."""
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    value = (_IDEOGRAPHS.get(tens, 1) if ten else 0) * 10
    return value + _IDEOGRAPHS.get(ones, 0)


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def _following(numbers: dict[int, int]) -> set[int]:
    """Those that count up by one from 1, two at least; every part may begin at 1 again."""
    following: list[int] = []
    run: list[int] = []
    for index, number in numbers.items():
        if number == len(run) + 1:
            run.append(index)
        elif number == 1:
            following += run if len(run) > 1 else []
            run = [index]
    return {*following, *(run if len(run) > 1 else [])}


def _contents(indices: set[int]) -> set[int]:
    """Headings right below each other, three at least, are a printed table of contents."""
    listed: set[int] = set()
    run: list[int] = []
    for index in [*sorted(indices), -1]:
        if run and index != run[-1] + 1:
            listed |= set(run) if len(run) >= _CONTENTS_RUN else set()
            run = []
        run.append(index)
    return listed
