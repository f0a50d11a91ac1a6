"""docs/notices.md says of every kind of notice what the code says."""

from pathlib import Path

from ebook_pipeline.books.notifying.notice_kinds import NOTICE_KINDS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "notices.md"


def test_the_table_of_kinds_is_that_of_the_code() -> None:
    rows = [
        f"| `{kind}` | {nature.to} | {nature.urgency} | {'yes' if nature.essential else ''} "
        f"| {nature.when} |"
        for kind, nature in NOTICE_KINDS.items()
    ]
    found = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    assert found == rows
