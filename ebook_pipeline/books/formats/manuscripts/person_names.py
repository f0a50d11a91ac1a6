"""Whether a line of a title page looks like somebody's name. Quiet rather than complete.

A name is told by capitals, by the words that no name has, and by the text itself, which never
prints a name's words small.
"""

import re
import unicodedata
from collections.abc import Iterable, Set

_PARTICLE_WORDS = """
af al av be bin bint da dal de degli dei del della den der des di do dos du e el ibn la le op
ten ter und van vom von y zu zum zur и
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
"""Small words between the words of names."""
_NEVER_WORDS = """
a an and at but by for from her his if in into is its my no not of on or our the their this to
was with your
adventures anthology autobiography biography book books chapter chapters collected collection
comedy complete contents copyright diary draft edition essays fable fables fantasy fiction final
guide handbook history isbn journal letters life ltd manuscript manual memoir memoirs mystery
narrative notes novel novella part play plays poem poems press prologue publishers publishing
revised romance saga second selected series sketch sketches stories story tale tales thriller
tragedy translated translation trilogy version volume vol
aus auf das dem die ein eine einem einer eines für im in mit nach ohne über um unter vor zu zur
auflage ausgabe band buch erzählung erzählungen gedichte geschichte geschichten kapitel krimi
märchen novelle novellen roman sage sagen tagebuch teil verlag
au aux avec ce cette dans en et les ma mes mon par pour sans son sur un une
chapitre conte contes édition éditions histoire histoires journal livre nouvelle nouvelles partie
pièce poème poèmes poésies récit récits théâtre tome
con los las mi mis para por que sin sobre su una uno del
capítulo cuento cuentos diario edición editorial libro novela parte poemas poesía relato relatos
capitolo edizione edizioni favola libro parte poesie racconto racconti romanzo storia storie
com em meu minha na no os as sem uma conto contos edição editora livro memórias romance
een en het hoofdstuk met naar om over te uit voor deel gedichten uitgave uitgeverij verhaal verhalen
att det ett för från i med och om på till berättelse berättelser bok del dikter
fra og til bog digte fortælling fortællinger kapitel novelle noveller
в во для из к на не о от по под при с со у без книга книги повесть повести рассказ рассказы роман
сказка сказки стихи том часть издание издательство глава
opowiadania opowieść powieść rozdział tom wiersze wydawnictwo
"""
_NEVER = frozenset(_NEVER_WORDS.split())
"""Articles, prepositions and kinds of books in ten languages: no word of a name."""
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?){1,4}")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|phd|md)\.?", re.IGNORECASE)
_WORD = re.compile(r"(?:[A-Za-z]['’])?[^\W\d_]+(?:[-'’][^\W\d_]+)*,?")
_JOINED = re.compile(r" ?(?:,|;|&|\b(?:and|und|et|y|och|og|en|и)\b) ?", re.IGNORECASE)
_FEWEST, _MOST = 2, 6
"""Words of a name."""
_SMALL = re.compile(r"[^\W\d_]+")
_MOST_READ = 300_000
"""Characters of a text in which words without a capital are looked for."""


def looks_like_name(text: str, small: Set[str] = frozenset()) -> bool:
    """Whether `text` is two to six capitalised words that may be a name.

    `small` are words that the text prints without a capital, in lower case. Scripts that know no
    capitals never look like names: there the word “by” or a label has to say so.
    """
    words = text.split()
    if not _FEWEST <= len(words) <= _MOST or not _is_capitalised(words[-1]):
        return False
    if not all(_is_part(word) for word in words):
        return False
    plain = {word.strip(".,").lower() for word in words} - _PARTICLES
    return not plain & _NEVER and not plain & small


def small_words(texts: Iterable[str]) -> frozenset[str]:
    """The words that `texts` print without a capital."""
    small: set[str] = set()
    left = _MOST_READ
    for text in texts:
        small.update(word for word in _SMALL.findall(text[:left]) if word.islower())
        left -= len(text)
        if left <= 0:
            break
    return frozenset(small)


def names_in(text: str) -> tuple[str, ...]:
    """The people that a line names: “Ann Low and Bo Ek” are two, “Low, Ann” is one."""
    parts = [part for part in _JOINED.split(" ".join(text.split())) if part]
    if len(parts) > 1 and all(looks_like_name(part) for part in parts):
        return tuple(parts)
    return (text.strip(),)


def _is_part(word: str) -> bool:
    return word in _PARTICLES or _is_capitalised(word)


def _is_capitalised(word: str) -> bool:
    if _INITIALS.fullmatch(word) or _SUFFIX.fullmatch(word):
        return True
    fits = _WORD.fullmatch(unicodedata.normalize("NFC", word)) is not None
    return fits and word[0].isupper() and word.lower() not in _PARTICLES - {"la", "le", "el"}
