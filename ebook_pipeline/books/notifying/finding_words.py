"""What findings say in other languages than English: a title and a remedy for each rule.

`words/findings.<language>.toml` has them. The message of a finding, with its figures and names,
stays as the checker wrote it: whoever shows it says that it is English.
"""

import functools
import re
from pathlib import Path
from typing import NamedTuple

from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.toml_files import read_toml

_CHECKERS_RULE = re.compile(r"([A-Z]{3})-\d{3}[a-z]?")
"""EPUBCheck's ids, whose first letters are an area's."""


class FindingWords(NamedTuple):
    """What is wrong, in one sentence, and what to do; no remedy where the finding has none."""

    title: str
    remedy: str


def finding_words(finding: Finding, language: str) -> FindingWords | None:
    """What `finding` says in `language`; None where only its own English words do."""
    known = _catalogue(language)
    checkers = _CHECKERS_RULE.fullmatch(finding.rule)
    words = known.get(checkers[1] if checkers else finding.rule)
    if words is None:
        return None
    return words if finding.remedy or checkers else FindingWords(words.title, "")


def rules_told(language: str) -> frozenset[str]:
    """The rules, and EPUBCheck's areas, that there are words for."""
    return frozenset(_catalogue(language))


@functools.cache
def _catalogue(language: str) -> dict[str, FindingWords]:
    source = Path(__file__).with_name("words") / f"findings.{language}.toml"
    if not language.isalpha() or not source.is_file():
        return {}
    told: dict[str, FindingWords] = {}
    for area, entry in read_toml(source).items():
        if isinstance(entry, dict):
            told |= {f"{area}.{name}": FindingWords(*words) for name, words in entry.items()}
        else:
            told[area] = FindingWords(*entry)
    return told
