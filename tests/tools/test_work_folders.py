"""The folders of running calls end once, whoever ends them."""

import os

import pytest

from ebook_pipeline.tools.work_folders import WorkFolders


def test_two_who_close_at_once_close_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the system closes for the first."""
    folders, close = WorkFolders(), os.close
    closed: list[int] = []

    def closing(handle: int) -> None:
        closed.append(handle)
        assert len(closed) == 1
        folders.unlock()
        close(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "close", closing)
        folders.unlock()
    folders.close()
    assert len(closed) == 1
