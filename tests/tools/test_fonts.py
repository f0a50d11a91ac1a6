"""The fonts that come with the project."""

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ebook_pipeline.tools import fonts

needs_fontconfig = pytest.mark.skipif(shutil.which("fc-list") is None, reason="no fontconfig")


def test_all_packages_are_installed() -> None:
    names = [folder.name for folder in fonts.folders()]
    assert names == ["manimgx_fonts", "manimgx_fonts_cjk", "ttf"]


def test_a_typesetter_gets_no_font_that_has_a_box_for_every_letter() -> None:
    names = {file.name for folder in fonts.typesetting_folders() for file in folder.iterdir()}
    assert "NotoSans[wght].ttf" in names
    assert not any(name.startswith("LastResort") for name in names)


def test_the_settings_are_xml_and_take_in_the_machines_own() -> None:
    settings = ElementTree.fromstring(fonts.fontconfig("/etc/<odd>&"))
    assert [one.text for one in settings.iter("include")] == ["/etc/<odd>&"]


@needs_fontconfig
def test_no_script_is_missing_on_a_machine_without_fonts(tmp_path: Path) -> None:
    settings = tmp_path / "fonts.conf"
    settings.write_text(fonts.fontconfig("/nonexistent"))
    assert fonts.missing_scripts(settings) == ()
