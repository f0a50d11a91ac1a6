"""EPUBCheck, warm, for the books that manuscripts become."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck


@pytest.fixture(scope="session")
def checker() -> Iterator[Callable[[Path], None]]:
    """Fails where EPUBCheck has so much as a warning for the book."""
    check = EpubCheck()

    def clean(book: Path) -> None:
        assert [one for one in check.check(book) if one.severity >= Severity.WARNING] == []

    yield clean
    check.close()
