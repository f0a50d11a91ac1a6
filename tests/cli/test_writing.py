"""``ebooks writing``: what can't be taken ends the command before anything is started."""

import pytest
from click.testing import CliRunner

from ebook_pipeline.cli import ebooks


@pytest.mark.parametrize("words", [["import"], ["import", "/no/such/file.docx"], ["import", "/"]])
def test_wrong_words_are_refused_before_anything_is_started(words: list[str]) -> None:
    assert CliRunner().invoke(ebooks, ["writing", *words]).exit_code == 2
