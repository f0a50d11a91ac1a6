"""py3langid's model mapped from the disk: the same answers, and the packed one where that fails."""

from pathlib import Path

import pytest

from ebook_pipeline.books import language_model
from ebook_pipeline.tools import shared_files

TEXTS = {
    "en": "The Mole had been working very hard all the morning, spring-cleaning his little home.",
    "de": "Der Maulwurf hatte den ganzen Morgen schwer gearbeitet und sein kleines Haus geputzt.",
    "el": "Ο τυφλοπόντικας δούλευε σκληρά όλο το πρωί, καθαρίζοντας το μικρό του σπίτι.",
    "ja": "もぐらは朝からずっと、小さな家の大掃除をしていました。",
}


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test shares is its own."""
    monkeypatch.setattr(shared_files, "_NAMED", {})


def test_the_model_says_the_same_from_the_disk_as_from_its_file(tmp_path: Path) -> None:
    packed = language_model.language_identifier(weighs=True)
    language_model.lay_out(tmp_path / "models")
    mapped = language_model.language_identifier(weighs=True)
    assert type(mapped.tk_nextmove) is memoryview
    for language, text in TEXTS.items():
        assert mapped.classify(text) == packed.classify(text)
        assert mapped.classify(text)[0] == language
    language_model.lay_out(tmp_path / "models")  # a second time finds it there
    (folder,) = (tmp_path / "models").iterdir()
    (folder / "nextmove.npy").write_bytes(b"no array")
    assert language_model.language_identifier(weighs=False).classify(TEXTS["de"])[0] == "de"


def test_a_disk_that_takes_nothing_costs_no_answer(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    language_model.lay_out(tmp_path / "models")
    assert shared_files.shared("languages") is None
