"""Looking a word up in a Hunspell dictionary without spelling out its forms, hunspell(5).

A form is a stem with one prefix, one suffix, or two (the second one by the first one's flags).
Flags that forbid a bare stem are not kept: what they let through are parts of words, no slips.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

_LONGEST_AFFIX = 14
"""Letters of an affix that is looked for."""


class AffixRule(NamedTuple):
    """One line ``SFX`` or ``PFX``: `flag` of the stems that take it, `goes_on` its own flags."""

    flag: str
    strip: str
    condition: str
    goes_on: frozenset[str]


class HunspellDictionary:
    """The dictionary at `path`, without its extension; read when first asked (0.3 to 1.5 s)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lookup(self, printed: str) -> bool:
        """Whether `printed` is a word; a capital or all capitals may stand for small letters."""
        if self._has(printed):
            return True
        small = printed.lower()
        if small == printed:
            return False
        return self._has(small) or (printed.isupper() and self._has(small.capitalize()))

    def _has(self, word: str) -> bool:
        if word in self._stems or self._suffixed(word, frozenset()):
            return True
        affixes = self._affixes
        for size in range(1, min(len(word), affixes.longest_prefix + 1)):
            for rule in affixes.prefixes.get(word[:size], ()):
                rest = rule.strip + word[size:]
                if rule.flag in self._flags(rest) or self._suffixed(rest, frozenset({rule.flag})):
                    return True
        return False

    def _suffixed(self, word: str, wanted: frozenset[str]) -> bool:
        """Whether `word` is a stem, with all flags `wanted`, and one suffix or two."""
        return any(
            (wanted | {rule.flag} <= self._flags(base) | (rule.goes_on & wanted))
            or (rule.flag in self._affixes.second and self._takes_two(rule, base))
            for rule, base in self._bases(word)
            if self._may_carry(rule, base) and _fits(rule.condition, base)
        )

    def _may_carry(self, rule: AffixRule, base: str) -> bool:
        """Cheaper than the rule's condition, and mostly false."""
        return rule.flag in self._affixes.second or rule.flag in self._flags(base)

    def _takes_two(self, outer: AffixRule, base: str) -> bool:
        return any(
            outer.flag in inner.goes_on
            and inner.flag in self._flags(stem)
            and _fits(inner.condition, stem)
            for inner, stem in self._bases(base)
        )

    def _bases(self, word: str) -> Iterator[tuple[AffixRule, str]]:
        """Every rule that could have made the end of `word`, with what it was made of."""
        affixes = self._affixes
        for size in range(min(len(word), affixes.longest_suffix + 1)):
            for rule in affixes.suffixes.get(word[len(word) - size :], ()):
                yield rule, word[: len(word) - size] + rule.strip

    def _flags(self, stem: str) -> frozenset[str]:
        stated = self._stems.get(stem)
        return frozenset() if stated is None else self._affixes.flags(stated)

    @cached_property
    def _stems(self) -> dict[str, str]:
        stems: dict[str, str] = {}
        path = self._path.with_name(f"{self._path.name}.dic")
        text = path.read_text(encoding=self._affixes.encoding, errors="replace")
        for line in text.lstrip("\ufeff").splitlines()[1:]:
            stem, _, flags = line.split("\t")[0].strip().partition("/")
            both = filter(None, (stems.get(stem), flags.split(" ")[0]))
            stems[stem] = self._affixes.separator.join(both)
        return stems

    @cached_property
    def _affixes(self) -> "_AffixFile":
        return _AffixFile(self._path.with_name(f"{self._path.name}.aff"))


class _AffixFile:
    """The rules of one affix file by what they add."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        stated = re.search(rb"^\s*SET\s+(\S+)", data, re.MULTILINE)
        self.encoding = _codec(stated[1].decode("ascii") if stated else "ISO8859-1")
        lines = [line.split() for line in data.decode(self.encoding, "replace").splitlines()]
        self._kind = next((line[1] for line in lines if line[:1] == ["FLAG"]), "char")
        self._aliases = [line[1] for line in lines if line[:1] == ["AF"] and len(line) > 1][1:]
        self._read: dict[str, frozenset[str]] = {}
        self.separator = "," if self._kind == "num" else "" if not self._aliases else " "
        self.prefixes = self._rules(lines, "PFX")
        self.suffixes = self._rules(lines, "SFX")
        self.second = frozenset(
            flag for rules in self.suffixes.values() for rule in rules for flag in rule.goes_on
        )
        self.longest_prefix = max(map(len, self.prefixes), default=0)
        self.longest_suffix = min(_LONGEST_AFFIX, max(map(len, self.suffixes), default=0))

    def flags(self, stated: str) -> frozenset[str]:
        """What ``AFX``, ``1,2`` or a number of an alias stands for."""
        if stated not in self._read:
            self._read[stated] = frozenset(self._split(stated))
        return self._read[stated]

    def _split(self, stated: str) -> Iterator[str]:
        if self._aliases:
            for number in stated.split():
                if number.isdecimal() and 0 < int(number) <= len(self._aliases):
                    yield from self._plain(self._aliases[int(number) - 1])
        else:
            yield from self._plain(stated)

    def _plain(self, flags: str) -> Iterator[str]:
        if self._kind == "num":
            yield from flags.split(",")
        elif self._kind == "long":
            yield from (flags[at : at + 2] for at in range(0, len(flags), 2))
        else:
            yield from flags

    def _rules(self, lines: list[list[str]], kind: str) -> dict[str, list[AffixRule]]:
        """By what they add; the line that only counts the rules of a flag has four fields."""
        rules: dict[str, list[AffixRule]] = defaultdict(list)
        heads: set[str] = set()
        for line in lines:
            if line[:1] != [kind] or len(line) < 4:
                continue
            flag = line[1]
            if flag not in heads:
                heads.add(flag)
                continue
            add, _, goes_on = line[3].partition("/")
            condition = line[4] if len(line) > 4 else "."
            strip = "" if line[2] == "0" else line[2]
            rule = AffixRule(flag, strip, condition, self.flags(goes_on))
            rules["" if add == "0" else add].append(rule)
        return dict(rules)


def _fits(condition: str, base: str) -> bool:
    return condition == "." or _ending(condition).search(base) is not None


@cache
def _ending(condition: str) -> re.Pattern[str]:
    return re.compile(f"{condition}$")


def _codec(stated: str) -> str:
    """Python's name of a character set as Hunspell states it."""
    return stated.replace("ISO8859", "iso8859").replace("microsoft-cp", "cp")
