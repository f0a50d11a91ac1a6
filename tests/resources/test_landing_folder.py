"""What only a landing folder has: writers at work, links, pipes, odd names, books in parts."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources.landing import ArrivalChanged, LandingFolder
from ebook_pipeline.resources.landing_arrivals import Arrival
from ebook_pipeline.resources.landing_names import LONGEST_KEY
from tests.support.landing import BucketCase, FolderCase, keys, only, refusals


def as_nobody(look: Callable[[], list[Any]]) -> list[Any]:
    """What `look` gives to a user without rights: in a process of its own, as that one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(writing, json.dumps(look()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return list(json.loads(told))


class TestInAFolder:
    """What only files have: writers at work, links, pipes, odd names."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> FolderCase | BucketCase:
        return FolderCase(tmp_path / "landing")

    def test_a_file_that_was_just_written_to_has_not_arrived(self, case: FolderCase) -> None:
        case.put("emma.epub", age=0)
        case.put("old.epub", age=4)
        assert keys(case) == ["old.epub"]

    def test_a_book_waits_for_its_sidecar_to_rest(self, case: FolderCase) -> None:
        case.put("emma.epub")
        case.put("emma.epub.json", b"{", age=0)
        assert keys(case) == []

    def test_a_file_of_the_future_rests_since_it_was_changed_here(self, case: FolderCase) -> None:
        case.put("emma.epub", age=-86_400)
        assert keys(case) == []
        assert [a.key for a in LandingFolder(case.folder, 0).arrivals()] == ["emma.epub"]

    def test_links_and_pipes_are_passed_over(self, case: FolderCase, tmp_path: Path) -> None:
        (tmp_path / "secret.epub").write_bytes(b"secret")
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "a.epub").touch()
        (case.folder / "link.epub").symlink_to(tmp_path / "secret.epub")
        (case.folder / "folder").symlink_to(tmp_path / "secrets")
        (case.folder / "itself.epub").symlink_to("itself.epub")
        (case.folder / "loop").symlink_to(case.folder)
        os.mkfifo(case.folder / "pipe.epub")
        assert keys(case) == []

    def test_a_file_that_became_a_link_is_not_followed(
        self, case: FolderCase, tmp_path: Path
    ) -> None:
        case.put("emma.epub")
        case.put("sub/emma.epub")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "emma.epub").write_bytes(b"secret")
        whole, below = sorted(case.landing.arrivals(), key=lambda arrival: len(arrival.key))
        case.remove("emma.epub")
        (case.folder / "emma.epub").symlink_to(tmp_path / "out" / "emma.epub")
        case.remove("sub/emma.epub")
        (case.folder / "sub").rmdir()
        (case.folder / "sub").symlink_to(tmp_path / "out")
        for arrival in (whole, below):
            with pytest.raises(NotFound):
                case.landing.fetch(arrival, tmp_path / "copy")

    @pytest.mark.parametrize("key", ["../out.epub", "/etc/passwd", "a/../../out.epub", "a\0b"])
    def test_a_key_that_leads_out_is_not_found(
        self, case: FolderCase, tmp_path: Path, key: str
    ) -> None:
        (tmp_path / "out.epub").write_bytes(b"secret")
        case.put("emma.epub")
        arrival = only(case).model_copy(update={"key": key})
        with pytest.raises(NotFound):
            case.landing.fetch(arrival, tmp_path / "copy")

    def test_a_file_that_changes_while_it_is_copied_is_changed(
        self, case: FolderCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case.put("emma.epub", b"one")
        arrival = only(case)
        copy = case.landing._check

        def change_then_check(arrival: Arrival, book: os.stat_result | None) -> None:
            copy(arrival, book)
            case.put("emma.epub", b"three")

        monkeypatch.setattr(case.landing, "_check", change_then_check)
        with pytest.raises(ArrivalChanged):
            case.landing.fetch(arrival, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

    def test_a_name_that_is_no_text_is_refused_and_shown_as_it_can_be(
        self, case: FolderCase
    ) -> None:
        (Path(os.fsdecode(os.fsencode(case.folder) + b"/\xff.epub"))).touch()
        case.put("emma.epub")
        assert keys(case) == ["emma.epub"]
        (refusal,) = refusals(case)
        assert (refusal.rule, refusal.place) == ("landing.name", "\\xff.epub")

    def test_a_path_is_as_long_as_a_key_may_be_and_a_longer_one_is_refused(
        self, case: FolderCase
    ) -> None:
        folders = "/".join("f" * 200 for _ in range(4))
        longest = f"{folders}/{'b' * (LONGEST_KEY - len(folders) - 6)}.epub"
        case.put(longest)
        case.put(f"{folders}/{'b' * 240}.epub")
        case.put("emma.epub")
        assert keys(case) == ["emma.epub", longest]
        assert [refusal.rule for refusal in refusals(case)] == ["landing.path-too-long"]

    def test_folders_nested_beyond_all_bounds_are_refused_once_and_hide_nothing_else(
        self, case: FolderCase
    ) -> None:
        handle = os.open(case.folder, os.O_RDONLY)
        for _ in range(1_100):  # deeper than a path can be named, or a recursion can follow
            os.mkdir("d" * 9, dir_fd=handle)
            inner = os.open("d" * 9, os.O_RDONLY, dir_fd=handle)
            os.close(handle)
            handle = inner
        os.close(os.open("lost.epub", os.O_CREAT, dir_fd=handle))
        os.close(handle)
        case.put("emma.epub")
        found = [keys(case), [refusal.rule for refusal in refusals(case)]]
        subprocess.run(["rm", "-rf", case.folder / ("d" * 9)], check=True)  # rmtree recurses
        assert found == [["emma.epub"], ["landing.path-too-deep"]]

    def test_what_may_not_be_read_is_refused_and_hides_nothing_else(
        self, case: FolderCase, tmp_path: Path
    ) -> None:
        case.put("emma.epub")
        case.put("shut/lost.epub")
        (case.folder / "shut").chmod(0)
        for folder in (tmp_path, *tmp_path.parents):
            folder.chmod(folder.stat().st_mode | 0o011)
        found = as_nobody(lambda: [list(keys(case)), [one.rule for one in refusals(case)]])
        (case.folder / "shut").chmod(0o755)
        assert found == [["emma.epub"], ["landing.unreadable"]]

    def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(
        self, case: FolderCase, tmp_path: Path
    ) -> None:
        case.put("austen/emma.epub", b"ours!")
        outside = tmp_path / "outside"
        outside.mkdir()
        arrival = only(case)
        (case.folder / "austen" / "emma.epub").rename(outside / "emma.epub")
        (case.folder / "austen").rmdir()
        (case.folder / "austen").symlink_to(outside)
        with pytest.raises(NotFound):
            case.landing.fetch(arrival, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

    def test_a_thousand_files_are_listed_with_little_work(self, case: FolderCase) -> None:
        for number in range(1000):
            case.put(f"{number % 10}/{number}.epub")
        start = time.thread_time()
        assert len(keys(case)) == 1000
        assert time.thread_time() - start < 1


def test_a_folder_is_an_unpacked_epub_by_what_it_holds_too(tmp_path: Path) -> None:
    case = FolderCase(tmp_path / "landing")
    case.put("press/My novel/META-INF/container.xml")
    case.put("press/My novel/chapter.html")
    case.put("press/other/META-INF")
    case.put("press/other/book.epub")
    assert keys(case) == ["press/other/META-INF", "press/other/book.epub"]
    assert [one.place for one in refusals(case)] == ["press/My novel"]
