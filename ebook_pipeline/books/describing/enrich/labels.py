"""The subjects of Thema that a text can be told to belong to, as `thema.toml` lists them."""

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.foundation.record import canonical_json
from ebook_pipeline.foundation.toml_files import toml_beside

FICTION = ("F", "YF", "DD", "DC")
"""How codes of what is invented begin: novels, children's stories, plays, verse."""
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Label:
    """One subject: how a book of it reads, and the words that libraries and its text use."""

    code: str
    term: str
    prompts: tuple[str, ...]
    subjects: re.Pattern[str]
    titles: re.Pattern[str]
    words: frozenset[str]
    stems: tuple[str, ...]
    fiction: bool
    general: bool


@functools.cache
def labels() -> tuple[Label, ...]:
    """Every label, in the file's order."""
    return tuple(_label(code, entry) for code, entry in _listed().items())


@functools.cache
def digest() -> str:
    """A name of all prompts and words as they are now: what was measured with others is stale."""
    measured = {code: (entry["prompts"], entry["words"]) for code, entry in _listed().items()}
    return hashlib.sha256(canonical_json(measured)).hexdigest()[:12]


def _listed() -> dict[str, dict[str, Any]]:
    return toml_beside(__file__, "thema.toml")


def _label(code: str, entry: dict[str, Any]) -> Label:
    return Label(
        code=code,
        term=entry["term"],
        prompts=tuple(entry["prompts"]),
        subjects=any_of(entry["subjects"]),
        titles=any_of(entry.get("titles", [])),
        words=frozenset(word for word in entry["words"] if not word.endswith("*")),
        stems=tuple(word.removesuffix("*") for word in entry["words"] if word.endswith("*")),
        fiction=code.startswith(FICTION),
        general=bool(entry.get("general")),
    )


def words_of_each(
    lists: Sequence[tuple[frozenset[str], tuple[str, ...]]], words: Iterable[str]
) -> list[list[str]]:
    """Of each of the `lists` those of `words` that it has, whole or by a stem that they begin with.

    All are in small letters. Each word is looked up once, whatever the number of lists.
    """
    whole, stems = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for number, (own, own_stems) in enumerate(lists):
        for word in own:
            whole[word].append(number)
        for stem in own_stems:
            stems[stem].append(number)
    sizes = sorted(set(map(len, stems)))
    found: list[list[str]] = [[] for _ in lists]
    for word in words:
        begun = (number for size in sizes for number in stems.get(word[:size], ()))
        for number in {*whole.get(word, ()), *begun}:
            found[number].append(word)
    return found


def any_of(terms: list[str]) -> re.Pattern[str]:
    """Whole words; a final ``*`` stands for any ending."""
    if not terms:
        return _NEVER
    alternatives = (
        re.escape(term.removesuffix("*")) + (r"\w*" if term.endswith("*") else "") for term in terms
    )
    return re.compile(rf"\b(?:{'|'.join(alternatives)})\b", re.IGNORECASE)
