"""``ebooks picture-book`` as people use it."""

import json
import re
import shlex
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from ebook_pipeline.cli.picture_book import picture_book
from ebook_pipeline.foundation.errors import BookError
from tests.support.paths import SAMPLES

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_new_brief_is_drawn_and_exported(tmp_path: Path) -> None:
    brief, picture, folder = tmp_path / "b.json", tmp_path / "p.png", tmp_path / "out"
    ask = CliRunner()
    told = ask.invoke(
        picture_book, ["new", str(brief), "--name", "Pip", "--species", "hedgehog", "--seed", "4"]
    )
    assert told.exit_code == 0, told.output
    assert ask.invoke(picture_book, ["preview", str(brief), str(picture)]).exit_code == 0
    assert picture.read_bytes().startswith(PNG)
    assert ask.invoke(picture_book, ["export", str(brief), str(folder)]).exit_code == 0
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    assert len(words) == 32
    assert any("Pip" in page["alt"] for page in words)
    assert len(list(folder.glob("*.svg"))) == 2 * 34


def test_a_brief_is_not_written_over_and_nonsense_is_refused(tmp_path: Path) -> None:
    brief = tmp_path / "b.json"
    brief.write_text('{"setting": "atlantis"}', encoding="utf-8")
    ask = CliRunner()
    assert ask.invoke(picture_book, ["new", str(brief)]).exit_code == 2
    told = ask.invoke(picture_book, ["make", str(brief), str(tmp_path / "out")])
    assert isinstance(told.exception, BookError)
    assert "Take one of" in told.output
    assert not (tmp_path / "out").exists()


def test_the_page_s_commands_do_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (SAMPLES.parent / "docs" / "picture-books.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    ebooks picture-book (.+)$", page, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    elsewhere = ("order", "again", "art", "canva")
    offline = [command for command in commands if command.split()[0] not in elsewhere]
    for command in offline:
        told = CliRunner().invoke(picture_book, shlex.split(command))
        assert told.exit_code == 0, told.output
    assert (len(commands), len(offline)) == (8, 4)
    assert (tmp_path / "out" / "contact-sheet.png").read_bytes().startswith(PNG)


@pytest.mark.prove
def test_a_package_of_a_brief_passes_preflight_file_by_file(tmp_path: Path) -> None:
    target = tmp_path / "package.zip"
    brief = next(iter(sorted((SAMPLES / "briefs").glob("*.json"))))
    told = CliRunner().invoke(picture_book, ["make", str(brief), str(tmp_path), "--package"])
    assert told.exit_code == 0, told.output
    with zipfile.ZipFile(target) as package:
        said = json.loads(package.read("preflight.json"))
    assert len(said) == 5
    assert all(file["passes"] for file in said)


@pytest.mark.prove
def test_a_package_for_another_printer_is_by_its_own_template(tmp_path: Path) -> None:
    brief, target = tmp_path / "b.json", tmp_path / "ingram.zip"
    brief.write_text('{"pages": 24}', encoding="utf-8")
    asked = ["package", str(brief), str(target), "--for", "ingram"]
    refused = CliRunner().invoke(picture_book, asked)
    assert isinstance(refused.exception, BookError)
    assert refused.exception.finding.rule == "print.no-template"
    by_rule = ["package", str(brief), str(target), "--template", "17.3x8.75", "--spine", "0.06"]
    assert CliRunner().invoke(picture_book, by_rule).exit_code == 2
    told = CliRunner().invoke(
        picture_book, [*asked, "--template", "17.307x8.75", "--spine", "0.057"]
    )
    assert told.exit_code == 0, told.output
    with zipfile.ZipFile(target) as package:
        said = json.loads(package.read("preflight.json"))
    assert [(file["file"], file["passes"]) for file in said] == [
        ("interior.pdf", True),
        ("cover.pdf", True),
    ]
