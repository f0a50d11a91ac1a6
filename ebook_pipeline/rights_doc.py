"""The matrix of rights as a table: ``python -m ebook_pipeline.rights_doc FILE`` writes it there."""

import sys
from pathlib import Path

from ebook_pipeline.books.owning.rights import Right, matrix

BEGIN, END = "<!-- rights: made by `make docs` -->\n", "<!-- end of rights -->\n"
_HEAD = "| role | may | what | whose | in which state |\n|---|---|---|---|---|\n"


def rights_table() -> str:
    """Every right as a row, in Markdown."""
    return _HEAD + "".join(map(_row, matrix()))


def put_in(page: str) -> str:
    """`page` with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{rights_table()}{END}{after}"


def _row(right: Right) -> str:
    role = f"{right.role} of the house" if right.house else right.role.value
    states = "any" if right.states is None else ", ".join(sorted(right.states))
    actions = ", ".join(right.actions)
    return f"| {role} | {actions} | {right.resource} | {right.whose} | {states} |\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(put_in(file.read_text(encoding="utf-8")), encoding="utf-8")
