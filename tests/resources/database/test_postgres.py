"""The embedded server: shared, private, and hard to kill."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import Unavailable
from ebook_pipeline.resources.database import Database, server_user
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from tests.support.servers.postgres import rows


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    server.stop()


def pid(server: EmbeddedPostgres) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_a_started_server_answers_until_it_is_stopped(server: EmbeddedPostgres) -> None:
    assert not server.running()
    server.start()
    assert server.running()
    server.stop()
    assert not server.running()
    server.stop()


def test_starting_twice_keeps_the_one_server(server: EmbeddedPostgres) -> None:
    server.start()
    first = pid(server)
    EmbeddedPostgres(server.folder).start()
    assert pid(server) == first


@pytest.mark.prove
def test_processes_that_start_it_together_share_one_server(server: EmbeddedPostgres) -> None:
    program = (
        "import pathlib\n"
        "from ebook_pipeline.resources.database.postgres import EmbeddedPostgres\n"
        f"EmbeddedPostgres(pathlib.Path({str(server.folder)!r})).start()\n"
    )
    racers = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [racer.wait() for racer in racers] == [0, 0, 0]
    assert server.running()


@pytest.mark.prove
def test_a_killed_server_starts_again_with_all_that_was_committed(server: EmbeddedPostgres) -> None:
    server.start()
    database = Database(server.url("ebooks"))
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(pid(server), signal.SIGKILL)
    server.start()
    assert rows(database, "SELECT number FROM kept") == [(7,)]
    database.close()


@pytest.mark.prove
def test_a_killed_server_that_nobody_reaps_starts_again(server: EmbeddedPostgres) -> None:
    """As in a container whose first process reaps late or never: the locks name a zombie."""
    program = (
        "import ctypes, os, pathlib, signal, sys\n"
        "from ebook_pipeline.resources.database import postgres\n"
        "PR_SET_CHILD_SUBREAPER = 36\n"
        "assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0\n"
        "postgres.START_SECONDS = 20\n"
        f"server = postgres.EmbeddedPostgres(pathlib.Path({str(server.folder)!r}))\n"
        "server.start()\n"
        "killed = int((server.folder / 'data/postmaster.pid').read_text().split()[0])\n"
        "os.kill(killed, signal.SIGKILL)\n"
        "server.start()\n"
        "os.kill(killed, 0)  # nobody has reaped it\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert server.running()


@pytest.mark.prove
def test_the_server_outlives_a_killed_owner(server: EmbeddedPostgres) -> None:
    program = (
        "import os, signal, pathlib\n"
        "from ebook_pipeline.resources.database.postgres import EmbeddedPostgres\n"
        f"EmbeddedPostgres(pathlib.Path({str(server.folder)!r})).start()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert server.running()


def test_a_process_id_that_now_is_somebody_elses_does_not_stop_the_start(
    server: EmbeddedPostgres,
) -> None:
    server.start()
    lock = server.folder / "data" / "postmaster.pid"
    text = lock.read_text()
    server.stop()
    lock.write_text(f"{os.getpid()}\n" + text.split("\n", 1)[1])
    server.start()
    assert server.running()


def test_a_half_made_folder_is_made_anew(server: EmbeddedPostgres) -> None:
    (server.folder / "data.new" / "base").mkdir(parents=True)
    server.start()
    assert server.running()


def test_a_long_path_with_odd_characters_works(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("x" * 100) / "a 'b\" $c, d" / "postgres")
    server.start()
    try:
        assert server.url("ebooks")
    finally:
        server.stop()


def test_strangers_read_neither_password_nor_data(server: EmbeddedPostgres) -> None:
    server.start()
    for name in ("password", "data"):
        mode = (server.folder / name).stat().st_mode
        assert not mode & (stat.S_IRWXG | stat.S_IRWXO)


def test_no_folder_above_its_own_is_opened_for_the_server(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    home = shut / "home"
    home.mkdir(parents=True)
    for folder in (shut, home):
        folder.chmod(0o700)
    server = EmbeddedPostgres(home / "postgres")
    server.start()
    try:
        assert rows(Database(server.url("ebooks")), "SELECT 1") == [(1,)]
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in (shut, home)] == [0o700] * 2
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a server of another user")
def test_programs_that_lie_behind_a_shut_folder_are_laid_out_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "shut" / "programs"
    (installed / "bin").mkdir(parents=True)
    (installed / "bin" / "postgres").touch(mode=0o700)
    installed.parent.chmod(0o700)
    monkeypatch.setattr(server_user, "_COPIES", tmp_path / "copies")
    copy = server_user.reachable(installed)
    assert copy.is_relative_to(tmp_path / "copies")
    for path in (copy, copy / "bin", copy / "bin" / "postgres"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert stat.S_IMODE(installed.parent.stat().st_mode) == 0o700
    server_user.reachable.cache_clear()
    assert server_user.reachable(installed) == copy


def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    server.start()
    password = (server.folder / "password").read_text()
    database = Database(server.url("ebooks").replace(password, "wrong"))
    with pytest.raises(Unavailable, match="password authentication failed"), database.begin():
        pass


def test_no_server_is_unavailable(server: EmbeddedPostgres) -> None:
    with pytest.raises(Unavailable):
        server.url("ebooks")


def test_a_database_needs_a_plain_name(server: EmbeddedPostgres) -> None:
    with pytest.raises(ValueError, match="names no database"):
        server.url('x"; DROP DATABASE ebooks')
