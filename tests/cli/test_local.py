"""Services that run already when `ebooks up` is asked for."""

import json
import os
from pathlib import Path

import psutil

from ebook_pipeline.web import access_token
from tests.support.homes import open_home


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
