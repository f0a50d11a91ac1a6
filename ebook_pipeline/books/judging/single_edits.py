"""What one slip of a finger makes of a word."""

from collections.abc import Iterator


def single_edits(word: str, letters: str, longest: int) -> Iterator[str]:
    """A letter lost, added, changed or two swapped; `letters` are what may come in.

    Nothing of a word that has more letters than `longest`, as no word of the language has: the
    edits grow with its square.
    """
    if len(word) > longest:
        return
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for head, tail in parts[:-1]:
        after = tail[1:]
        yield head + after
        yield from [head + letter + after for letter in letters]
    for head, tail in parts[:-2]:
        yield head + tail[1] + tail[0] + tail[2:]
    for head, tail in parts:
        yield from [head + letter + tail for letter in letters]
