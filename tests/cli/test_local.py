"""Services that run already when `ebooks up` is asked for."""

import json
import os
import stat
from pathlib import Path

import psutil
import pytest

from ebook_pipeline.resources import disk
from ebook_pipeline.web import access_token
from tests.support.homes import open_home
from tests.support.paths import PROJECT


@pytest.mark.prove
def test_a_web_ui_of_an_older_version_is_told_how_to_be_started_anew(tmp_path: Path) -> None:
    with open_home(tmp_path) as home:
        note = {"pid": os.getpid(), "created": psutil.Process().create_time()}
        (home.settings.root / "run" / "dagster.json").write_text(json.dumps(note))
        answer = home.ebooks("up")
        (home.settings.root / "run" / "dagster.json").unlink()
    assert not access_token.token_file(home.settings).exists()
    assert (answer.code, answer.out) == (1, "")
    assert "older version" in answer.err
    assert "ebooks down" in answer.err


def test_nobody_else_looks_into_a_home_or_what_is_made_in_it(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)
    with open_home(tmp_path / "home") as home:
        assert home.ebooks("ingest", PROJECT / "samples" / "broken-links.epub").code in (0, 1)
        root = home.settings.root
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
        made = [path for path in root.rglob("*") if "postgres" not in path.parts]
        open_to_others = [path for path in made if path.stat().st_mode & 0o077]
    assert len(made) > 30
    assert open_to_others == []
    assert stat.S_IMODE(tmp_path.stat().st_mode) & 0o077 == 0


def test_a_folder_that_many_write_to_is_no_home_to_be_shut(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    disk.make_private_folder(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
