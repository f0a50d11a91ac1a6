"""Queries spelt wrong: words that no book has, and those of books that are one slip away.

A slip is one letter too many, too few, wrong, or two swapped. `catalog_word` knows every word that
a book was ever found by; two words a slip apart, without one letter each, are the same.
"""

import itertools
import re
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

ATTEMPTS = 12
"""How many corrected queries are tried at most."""

_CHOICES = 6  # words tried for one misspelt word
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{4,30}(?!\w)")
_UNKNOWN = text(
    """
    SELECT asked FROM unnest(CAST(:words AS text[])) AS asked
    WHERE NOT EXISTS (SELECT FROM catalog_word WHERE word = asked)
    """
)
_NEAR = text("SELECT word FROM catalog_word WHERE slips(word) && CAST(:keys AS text[]) LIMIT 2000")


def corrections(connection: Connection, query: str) -> Iterator[tuple[int, str]]:
    """Queries like the folded `query` without words that no book has, by their number of slips."""
    asked = list(dict.fromkeys(_WORD.findall(query)))
    unknown = connection.execute(_UNKNOWN, {"words": asked}).scalars().all() if asked else []
    if not unknown:
        return
    choices = [_near(connection, word) for word in unknown]
    for chosen in _likeliest_first(choices):
        instead = {word: other for word, (_, other) in zip(unknown, chosen, strict=True)}
        yield sum(slips for slips, _ in chosen), _replaced(query, instead)


def _replaced(query: str, instead: Mapping[str, str]) -> str:
    return _WORD.sub(lambda match: instead.get(match[0], match[0]), query)


def distance(word: str, other: str) -> int:
    """Letters to add, drop, change or swap with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        older, before, row = before, row, [i]
        for j, goal in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != goal))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == goal:
                steps = min(steps, older[j - 2] + 1)
            row.append(steps)
    return row[-1]


def _near(connection: Connection, word: str) -> list[tuple[int, str]]:
    """The words nearest to `word`, each with its slips; then those that begin and end alike."""
    near = connection.execute(_NEAR, {"keys": list(_slips(word, 2))}).scalars()

    def cost(candidate: tuple[int, str]) -> tuple[int, bool, bool, str]:
        slips, other = candidate
        return slips, word[0] != other[0], word[-1] != other[-1], other

    return sorted(((distance(word, other), other) for other in near), key=cost)[:_CHOICES]


def _slips(word: str, depth: int) -> set[str]:
    """`word` without up to `depth` of its letters; a short word loses one at most."""
    made = last = {word}
    for _ in range(depth if len(word) > 5 else 1):
        last = {shorter[:at] + shorter[at + 1 :] for shorter in last for at in range(len(shorter))}
        made = made | last
    return made


def _likeliest_first(choices: list[list[tuple[int, str]]]) -> list[tuple[tuple[int, str], ...]]:
    """One word of each list, the fewest slips first; a query of many slips is not corrected."""
    combined = itertools.islice(itertools.product(*choices), 4096)
    return sorted(combined, key=lambda chosen: sum(slips for slips, _ in chosen))[:ATTEMPTS]
