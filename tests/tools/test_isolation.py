"""Children cut off from the network and shut in folders of their own, against real servers."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebook_pipeline.foundation.errors import LimitExceeded, Unavailable
from ebook_pipeline.tools import identity, isolation, sandbox
from ebook_pipeline.tools.sandbox import Cancelled, Isolation, Layers, Limits
from ebook_pipeline.tools.work_folders import WorkFolders
from tests.support import sandbox_functions

linux = pytest.mark.skipif(sys.platform != "linux", reason="isolation is Linux's")


@pytest.fixture
def namespaces() -> None:
    if sandbox.isolation() is not Isolation.NAMESPACE:
        pytest.skip("no network namespaces here")


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def port(listener: socket.socket) -> int:
    number: int = listener.getsockname()[1]
    return number


def visitors(listener: socket.socket) -> int:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return 0
    return 1


def test_the_listener_is_there_for_everybody_else(listener: socket.socket) -> None:
    assert sandbox_functions.connect(port(listener)) == "connected"
    assert visitors(listener) == 1


@linux
def test_a_call_reaches_no_server_of_this_machine(listener: socket.socket) -> None:
    assert sandbox.call(sandbox_functions.connect, port(listener)) in ("ENETUNREACH", "EPERM")
    assert visitors(listener) == 0


@linux
def test_a_tool_reaches_no_server_of_this_machine(listener: socket.socket) -> None:
    code = f"import socket; socket.create_connection(('127.0.0.1', {port(listener)}))"
    with pytest.raises(sandbox.ToolFailed, match=r"unreachable|not permitted"):
        sandbox.run_tool([sys.executable, "-c", code])
    assert visitors(listener) == 0


@pytest.mark.usefixtures("namespaces")
def test_a_call_sees_no_server_and_no_interface(listener: socket.socket) -> None:
    there = f":{port(listener):04X}"
    assert there in sandbox_functions.listeners()
    assert there not in sandbox.call(sandbox_functions.listeners)
    assert sandbox.call(sandbox_functions.interfaces) == ["lo"]


@pytest.mark.usefixtures("namespaces")
def test_a_call_cannot_go_back_into_the_network() -> None:
    ours = f"/proc/{os.getpid()}/ns/net"
    assert sandbox.call(sandbox_functions.escape, ours) in ("EPERM", "EACCES")


@linux
def test_unix_sockets_work_all_the_same() -> None:
    assert sandbox.call(sandbox_functions.unix_pair) == b"x"


@linux
@pytest.mark.parametrize("way", [sandbox_functions.filtered, sandbox_functions.filtered_grandchild])
def test_the_filter_alone_shuts_the_network_for_a_child_and_its_children(
    way: Callable[..., object], listener: socket.socket
) -> None:
    # In a process of our own: there the network is within reach until the filter comes.
    arguments = (
        ["connect", port(listener)] if way is sandbox_functions.filtered else [port(listener)]
    )
    code = f"from tests.support.sandbox_functions import {way.__name__} as way"
    code += f"; print(way(*{arguments!r}))"
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert said.stdout.decode().strip() == "EPERM"
    assert visitors(listener) == 0


@linux
def test_the_filter_leaves_unix_sockets() -> None:
    for processes in (0, 1):
        assert sandbox.call(sandbox_functions.unix_pair, limits=Limits(processes=processes)) == b"x"


@linux
def test_where_nothing_isolates_that_is_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "works", lambda way, _: way is isolation._filter)
    assert isolation.isolate_process().network is Isolation.FILTER
    monkeypatch.setattr(isolation, "works", lambda *_: False)
    assert isolation.isolate_process() == Layers(identity=identity.found())


@linux
def test_a_way_that_changes_nothing_does_not_count_as_isolation() -> None:
    assert not isolation.works(lambda: None, isolation._is_cut_off)
    assert isolation.works(isolation._filter, isolation._is_cut_off)


def test_a_call_works_in_an_empty_folder_that_goes_with_it() -> None:
    folder, temporary, found = sandbox.call(sandbox_functions.litter)
    assert found == []
    assert Path(temporary).parent == Path(folder)
    assert not Path(folder).exists()
    assert sandbox.call(sandbox_functions.litter)[0] != folder


def test_a_tool_without_a_folder_gets_an_empty_one() -> None:
    said = sandbox.run_tool(
        ["/bin/sh", "-c", "pwd; ls; touch left; echo $TMPDIR"], limits=Limits(processes=8)
    ).split()
    assert len(said) == 2
    assert said[0] == said[1]
    assert not Path(said[0].decode()).exists()


def test_a_relative_path_means_the_callers_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sandbox.call(Path.exists, Path("not-there")) is False
    Path("there").touch()
    assert sandbox.call(Path.exists, Path("there")) is True


@pytest.mark.prove
@pytest.mark.parametrize("end", ["limit", "cancelled"])
def test_a_killed_call_leaves_no_folder(tmp_path: Path, end: str) -> None:
    seconds = 0.5 if end == "limit" else 60.0
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(
            sandbox.call,
            sandbox_functions.litter_and_sleep,
            tmp_path,
            limits=Limits(seconds=seconds),
        )
        assert until((tmp_path / "where").exists)
        if end == "cancelled":
            sandbox.kill_all()
        with pytest.raises(Unavailable if end == "limit" else Cancelled):
            call.result(timeout=30)
    assert until(lambda: not Path((tmp_path / "where").read_text()).exists())


def test_a_killed_process_leaves_no_folder(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from ebook_pipeline.tools import sandbox; from tests.support import sandbox_functions\n"
        "sandbox.call(sandbox_functions.litter_and_sleep, Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=environment)
    assert until((tmp_path / "where").exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    root = Path((tmp_path / "where").read_text()).parent
    assert until(lambda: not root.exists())


def test_the_folder_of_a_killed_fork_server_goes_with_the_next_one() -> None:
    root = Path(sandbox.call(sandbox_functions.litter)[0]).parent
    assert root.exists()
    server = sandbox._fork_client._server
    assert server is not None
    server.kill()
    server.wait()
    assert Path(sandbox.call(sandbox_functions.litter)[0]).parent != root
    assert not root.exists()


def test_a_call_opens_no_more_files_than_it_may() -> None:
    assert 40 < sandbox.call(sandbox_functions.open_many, limits=Limits(open_files=64)) < 64


def test_a_call_that_computes_for_ever_ends_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "BUSY", 200)  # where 200 others use the machine, it takes as long
    with pytest.raises(LimitExceeded) as caught:
        sandbox.call(sandbox_functions.spin, limits=Limits(seconds=1))
    assert caught.value.finding.rule == "sandbox.time"


def test_a_pipe_that_looks_like_an_abandoned_folder_hangs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    os.mkfifo(tmp_path / "ebooks-sandbox-pipe")
    (tmp_path / "ebooks-sandbox-file").touch()
    (tmp_path / "ebooks-sandbox-link").symlink_to(tmp_path)
    with WorkFolders() as folders:
        assert folders.make(1).is_dir()
    assert len(list(tmp_path.iterdir())) == 3


@linux
def test_a_child_knows_no_process_outside_by_its_number() -> None:
    if not sandbox.layers().processes:
        pytest.skip("no PID namespaces here")
    own, parent = sandbox.call(sandbox_functions.numbers_inside)
    assert (own != sandbox.call(sandbox_functions.number_outside), parent) == (True, 0)
    said = sandbox.run_tool(["/bin/sh", "-c", "echo $PPID"], limits=Limits(processes=8))
    assert said.strip() == b"0"


@linux
def test_a_browser_finds_its_processes_by_the_numbers_of_the_machine() -> None:
    limits = Limits(processes=8, gains_privileges=True)
    own, parent = sandbox.call(sandbox_functions.numbers_inside, limits=limits)
    assert own > 0
    assert parent > 0


@linux
def test_whoever_starts_children_cannot_be_read_by_others_of_its_user() -> None:
    sandbox.isolation()
    assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0  # PR_GET_DUMPABLE
