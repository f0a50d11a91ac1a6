"""Signs of a book that no font has a form for: named, counted, and where each stands first.

One odd sign is worth knowing; many of them make a PDF that can't be read.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ebook_pipeline.foundation.findings import Finding, Severity

FEW_SIGNS = 5
"""Different signs without a form, above which a person looks: a word of a script has that many."""
FEW_PLACES = 20
LEAST_SHARE = 0.001
"""Of a book's letters; a sign that stands at more than `FEW_PLACES` and has so large a share is no
ornament. The three-em dash of a novel has 0.0002 at most (13 novels of the corpus)."""
UNKNOWN = "\ufffd"
"""Stands for a sign that the PDF does not name."""
_MOST_NAMED = 20
_AROUND = 24
_REMEDY = "Put a font with it into the book, or install one where the book is converted."


@dataclass(frozen=True)
class FirstSighting:
    """Where a sign stands first: the document's name, and the words around it."""

    place: str
    passage: str


def missing_signs(
    missing: Mapping[str, int], letters: Counter[str], shown: Iterable[str]
) -> Counter[str]:
    """The visible signs without a form, by how often the book has them.

    `missing` is what the PDF shows as boxes, `UNKNOWN` where it does not say of what; those are
    the signs among the book's `letters` that are nowhere among those `shown`.
    """
    named = Counter({sign: count for sign, count in missing.items() if _is_visible(sign)})
    unnamed = missing.get(UNKNOWN, 0)
    if unnamed:
        known = {letter for text in shown for letter in _forms(text)}
        for sign, count in letters.items():
            if sign.isspace() or sign in named or not known.isdisjoint(_forms(sign)):
                continue
            unnamed -= count
            if _is_visible(sign):
                named[sign] = count
        if unnamed > 0:
            named[UNKNOWN] = unnamed
    return named


def first_sightings(
    texts: Iterable[tuple[str, str]], signs: Collection[str]
) -> dict[str, FirstSighting]:
    """The first sighting of each of `signs` in the (name, text) of a book's documents."""
    wanted, found = set(signs), dict[str, FirstSighting]()
    for name, text in texts:
        for sign in sorted(wanted.intersection(text)):
            at = text.index(sign)
            found[sign] = FirstSighting(name, _words_around(text, at))
        wanted -= found.keys()
        if not wanted:
            break
    return found


def sign_findings(
    signs: Counter[str], letters: int, seen: Mapping[str, FirstSighting]
) -> Iterator[Finding]:
    """A warning where they are many, and a note on each: name, how often, where first.

    `letters` is how many signs the book has in all.
    """
    if are_many(signs, letters):
        yield _summary(signs)
    for sign, count in signs.most_common(_MOST_NAMED):
        sighting = seen.get(sign, FirstSighting("", ""))
        where = f" in {sighting.place.rpartition('/')[2]}" if sighting.place else ""
        often = "" if count == 1 else f", {count} times, first"
        yield Finding(
            rule="convert.missing-sign",
            severity=Severity.INFO,
            message=f"{sign_name(sign)}{often}{where} has no form in any font: a box in the PDF.",
            place=sighting.place,
            remedy=_REMEDY,
            passage=sighting.passage,
        )


def are_many(signs: Counter[str], letters: int) -> bool:
    """Whether a reader of the PDF would be stopped by them."""
    often = signs.total() > FEW_PLACES and signs.total() > LEAST_SHARE * letters
    return len(signs) > FEW_SIGNS or often


def sign_name(sign: str) -> str:
    """*U+2E3B THREE-EM DASH (⸻)*"""
    if sign == UNKNOWN:
        return "A sign that can't be told"
    return f"U+{ord(sign):04X} {unicodedata.name(sign, 'unnamed')} ({sign})"


def _summary(signs: Counter[str]) -> Finding:
    scripts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for sign, count in signs.items():
        scripts[_script(sign)] += count
        examples.setdefault(_script(sign), sign)
    parts = [f"{count} of {name} ({examples[name]})" for name, count in scripts.most_common(5)]
    more = f" and {len(scripts) - 5} more" if len(scripts) > 5 else ""
    return Finding(
        rule="convert.missing-glyphs",
        severity=Severity.WARNING,
        message=f"{signs.total()} letters have no form in any font and show as boxes: "
        f"{', '.join(parts)}{more}.",
        remedy="Put a font with these letters into the book, or install one where it is converted.",
    )


def _script(sign: str) -> str:
    """The first word of a letter's name, which is its script for all but symbols."""
    word = unicodedata.name(sign, "UNKNOWN").split()[0].split("-")[0]
    return word if word == "CJK" else word.title()


def _is_visible(sign: str) -> bool:
    """Spaces, controls and joiners show nothing anyway; what stands for a sign is judged apart."""
    return sign != UNKNOWN and unicodedata.category(sign[0])[0] not in "ZC"


def _forms(text: str) -> str:
    """A letter as any of its forms: a ligature's parts, whatever their case."""
    return unicodedata.normalize("NFKD", text).casefold()


def _words_around(text: str, at: int) -> str:
    line = text[max(0, at - _AROUND) : at].rpartition("\n")[2]
    return f"{line}{text[at : at + _AROUND].partition(chr(10))[0]}".strip()
