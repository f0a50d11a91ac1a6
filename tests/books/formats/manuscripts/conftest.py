"""EPUBCheck, warm, for the books that manuscripts become."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools.epubcheck import EpubCheck


@pytest.fixture(scope="session")
def checker(epubcheck: EpubCheck) -> Callable[[Path], None]:
    """Fails where EPUBCheck has so much as a warning for the book."""

    def clean(book: Path) -> None:
        found = epubcheck.check(book)
        assert [finding for finding in found if finding.severity >= Severity.WARNING] == []

    return clean
