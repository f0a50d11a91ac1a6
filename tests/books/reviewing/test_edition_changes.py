"""Two editions side by side: what went, what came, what reads otherwise, and nothing else."""

from ebook_pipeline.books.reviewing.edition_changes import MOST_CHANGES, edition_changes

BEFORE = "One.\n\nTwo is here.\n\nThree.\n\nFour."


def changes(before: str, after: str) -> list[tuple[str, str]]:
    return [(one.before, one.after) for one in edition_changes(before, after).changes]


def test_a_paragraph_reads_otherwise_went_or_came() -> None:
    after = "One.\n\nTwo was here.\n\nFour.\n\nFive."
    assert changes(BEFORE, after) == [("Two is here.\nThree.", "Two was here."), ("", "Five.")]


def test_white_space_is_no_change() -> None:
    assert changes(BEFORE, BEFORE.replace("\n\n", "\n").replace(" ", "  ")) == []


def test_of_many_changes_the_first_are_shown_and_the_others_counted() -> None:
    before = "\n".join(f"same {n}\nold {n}" for n in range(MOST_CHANGES + 5))
    found = edition_changes(before, before.replace("old", "new"))
    assert (len(found.changes), found.more) == (MOST_CHANGES, 5)
    assert (found.changes[0].before, found.changes[0].after) == ("old 0", "new 0")
