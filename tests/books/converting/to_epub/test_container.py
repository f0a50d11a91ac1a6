"""Containers written: no name leads out of them, whoever asks."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ebook_pipeline.books.converting.to_epub.container import write_container, write_zip
from ebook_pipeline.foundation.errors import BookError


@pytest.mark.parametrize("write", [write_container, write_zip])
@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "\\x", "C:\\x"])
def test_a_name_that_leads_out_is_never_written(
    tmp_path: Path, write: Callable[..., object], name: str
) -> None:
    with pytest.raises(BookError) as caught:
        write(tmp_path / "book.epub", [("fine.txt", b"x"), (name, b"x")])
    assert caught.value.finding.rule == "container.path-escape"
