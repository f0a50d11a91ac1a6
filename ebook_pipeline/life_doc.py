"""The steps of a book's life in documentation: ``python -m ebook_pipeline.life_doc FILE``."""

import sys
from pathlib import Path

from ebook_pipeline.books.editing.life import TRANSITIONS, life_table

BEGIN, END = "<!-- life: made by `make docs` -->\n", "<!-- end of life -->\n"


def put_in(page: str) -> str:
    """`page` with the table and its drawing between its marks."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{life_table()}\n{_drawing()}{END}{after}"


def _drawing() -> str:
    """The same as a diagram in Mermaid, which GitHub draws."""
    steps: dict[tuple[str, str], list[str]] = {}
    for one in TRANSITIONS:
        steps.setdefault((one.before.value, one.after.value), []).append(one.name)
    lines = (
        f"    {before} --> {after}: {', '.join(dict.fromkeys(names))}\n"
        for (before, after), names in steps.items()
    )
    return f"```mermaid\nstateDiagram-v2\n    [*] --> draft\n{''.join(lines)}```\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(put_in(file.read_text(encoding="utf-8")), encoding="utf-8")
