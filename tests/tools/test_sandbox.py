"""The sandbox with real children: limits hold, errors come through, nobody survives."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from ebook_pipeline.books.formats import media_types
from ebook_pipeline.books.formats.pdf import inspection
from ebook_pipeline.foundation.errors import BookError, LimitExceeded, ServiceError, Unavailable
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.sandbox import Cancelled, Limits, ToolFailed
from tests.support import sandbox_functions, worker_functions
from tests.support.corpus import THOROUGH
from tests.support.paths import SAMPLES

SH = "/bin/sh"
SOME = Limits(processes=16)


def until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def notes(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.suffix != ".part"]


def test_a_call_returns_what_the_function_returns() -> None:
    assert sandbox.call(sandbox_functions.add, 2, b=3) == 5


def test_what_calls_share_is_there_from_the_second_on_and_what_steps_do_from_the_first() -> None:
    seen = [sandbox.call(worker_functions.loaded) for _ in range(3)]
    assert seen == [(False, True), (True, True), (True, True)]


def test_a_large_result_comes_whole() -> None:
    assert len(sandbox.call(sandbox_functions.big, 30_000_000)) == 30_000_000


def test_a_call_that_hangs_is_killed_and_is_no_fault_of_its_file() -> None:
    with pytest.raises(Unavailable, match=r"0\.5 seconds on the clock"):
        sandbox.call(sandbox_functions.sleep, 3600, limits=Limits(seconds=0.05))


def test_a_call_that_waits_for_a_busy_machine_is_not() -> None:
    assert sandbox.call(sandbox_functions.sleep, 1.5, limits=Limits(seconds=1)) == 1.5


def test_a_call_that_takes_too_much_memory_is_a_limit() -> None:
    with pytest.raises(LimitExceeded) as caught:
        sandbox.call(sandbox_functions.hog, limits=Limits(megabytes=800))
    assert caught.value.finding.rule == "sandbox.memory"


def test_what_other_calls_left_behind_takes_no_memory_of_a_call() -> None:
    held = (sandbox_functions.keep, 300 << 20)
    assert len(sandbox.call(sandbox_functions.big, 1_000_000, held=held)) == 1_000_000
    few = Limits(megabytes=260)
    assert len(sandbox.call(sandbox_functions.big, 30_000_000, limits=few)) == 30_000_000
    with pytest.raises(LimitExceeded, match="too much memory"):
        sandbox.call(sandbox_functions.hog, limits=few)


def test_a_killed_child_is_a_memory_limit_and_an_abort_is_a_crash() -> None:
    with pytest.raises(BookError) as caught:
        sandbox.call(sandbox_functions.die)
    assert caught.value.finding.rule == "sandbox.crash"
    assert "SIGABRT" in caught.value.finding.message


def test_a_book_error_keeps_its_finding() -> None:
    with pytest.raises(BookError) as caught:
        sandbox.call(sandbox_functions.bad_book)
    finding = caught.value.finding
    assert (finding.rule, finding.place, finding.remedy) == ("container.bomb", "x", "y")
    with pytest.raises(LimitExceeded):
        sandbox.call(sandbox_functions.limit)


def test_a_service_error_stays_one() -> None:
    with pytest.raises(Unavailable, match="later"):
        sandbox.call(sandbox_functions.unavailable)


def test_any_other_error_is_the_books_matter() -> None:
    with pytest.raises(BookError, match="ValueError: odd") as caught:
        sandbox.call(sandbox_functions.value_error)
    assert caught.value.finding.rule == "sandbox.crash"


def test_what_a_call_prints_disturbs_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    assert sandbox.call(sandbox_functions.noisy) == "said"
    assert capfd.readouterr() == ("", "")


def test_a_call_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not [
        name for name in sandbox.call(sandbox_functions.environment) if name.startswith("EBOOK_LLM")
    ]


def test_the_main_module_is_not_imported_again() -> None:
    assert "pytest" not in sandbox.call(sandbox_functions.main_module)


def test_many_threads_get_their_own_answers() -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: sandbox.call(sandbox_functions.add, n, 1), range(60)))
    assert answers == [n + 1 for n in range(60)]


def test_a_caller_thread_that_ends_takes_no_child_with_it(tmp_path: Path) -> None:
    starter = threading.Thread(target=sandbox.call, args=(sandbox_functions.add, 1))
    starter.start()
    starter.join()
    time.sleep(0.1)
    assert sandbox.call(sandbox_functions.add, 1) == 1


def test_a_childs_children_end_with_it(tmp_path: Path) -> None:
    sandbox.call(sandbox_functions.leave_a_child, tmp_path, limits=SOME)
    assert until(lambda: not alive(int((tmp_path / "pids").read_text())))


def test_kill_all_cancels_running_calls(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(sandbox.call, sandbox_functions.note_pid_and_sleep, tmp_path, limits=SOME)
            for _ in range(2)
        ]
        assert until(lambda: len(notes(tmp_path)) == 2)
        sandbox.kill_all()
        for one in calls:
            with pytest.raises(Cancelled):
                one.result()
    pids = [int(pid) for file in notes(tmp_path) for pid in file.read_text().split()]
    assert until(lambda: not any(alive(pid) for pid in pids))
    assert sandbox.call(sandbox_functions.add, 1) == 1


def test_no_child_survives_a_killed_process(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:] = eval(sys.argv[2])\n"
        "from pathlib import Path\n"
        "from ebook_pipeline.tools import sandbox; from tests.support import sandbox_functions\n"
        "from ebook_pipeline.tools.sandbox import Limits\n"
        "some = Limits(processes=16)\n"
        "sandbox.call(sandbox_functions.note_pid_and_sleep, Path(sys.argv[1]), limits=some)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), repr(sys.path)])
    assert until(lambda: notes(tmp_path))
    servers = [child.pid for child in psutil.Process(process.pid).children()]
    process.send_signal(signal.SIGKILL)
    process.wait()
    pids = [int(pid) for file in notes(tmp_path) for pid in file.read_text().split()]
    assert len(pids) == 3
    assert until(lambda: not any(alive(pid) for pid in [*pids, *servers]))


def test_a_fork_server_that_died_is_replaced() -> None:
    sandbox.call(sandbox_functions.add, 1)
    server = sandbox._fork_client._server
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    assert sandbox.call(sandbox_functions.add, 1) == 1


def _folders_held() -> list[str]:
    server = sandbox._fork_client._server
    assert server is not None
    places = []
    for opened in Path(f"/proc/{server.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            places.append(str(opened.readlink()))
    return [place for place in places if re.fullmatch(r"/proc/\d+", place)]


def test_what_proc_has_of_a_child_is_held_until_its_end(tmp_path: Path) -> None:
    """Of others, which stay for later tests, it is held as well."""
    sandbox.call(sandbox_functions.add, 1)
    try:
        _folders_held()
    except PermissionError:
        pytest.skip("this machine does not show what files another process has open")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            sandbox.call, sandbox_functions.note_pid_and_sleep, tmp_path, limits=SOME
        )
        noted = until(lambda: notes(tmp_path))
        held = _folders_held()
        sandbox.kill_all()
        with pytest.raises(Cancelled):
            running.result()
    assert noted
    itself = f"/proc/{notes(tmp_path)[0].read_text().split()[0]}"
    assert itself in held
    assert until(lambda: itself not in _folders_held())


@pytest.mark.prove
@pytest.mark.skipif(
    not THOROUGH or os.geteuid() != 0, reason="set THOROUGH, as root: the machine forgets names"
)
def test_a_child_still_reads_about_itself_when_memory_was_short() -> None:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sandbox.call, sandbox_functions.read_about_itself, 2.0)
        time.sleep(0.7)
        Path("/proc/sys/vm/drop_caches").write_text("2")
        assert running.result() > 10


def test_the_fork_server_has_what_calls_need_and_nothing_else() -> None:
    sandbox._fork_client.close()

    def mapped(library: str) -> bool:
        return any(library in file.path for file in fork_server().memory_maps())

    def fork_server() -> psutil.Process:
        assert sandbox._fork_client._server is not None
        return psutil.Process(sandbox._fork_client._server.pid)

    sample = SAMPLES / "flatland.pdf"
    sandbox.call(media_types.sniff, sample)
    before = mapped("pikepdf")
    sandbox.call(inspection.inspect_structure, sample)
    assert (before, mapped("pikepdf"), fork_server().num_threads()) == (False, True, 1)


def test_a_tool_gives_what_it_printed(tmp_path: Path) -> None:
    assert sandbox.run_tool(
        [SH, "-c", "cat; pwd"], cwd=tmp_path, stdin=b"given\n", limits=SOME
    ) == (f"given\n{tmp_path}\n".encode())


def test_a_tool_that_fails_says_why_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="no such chapter") as caught:
        sandbox.run_tool([SH, "-c", "echo no such chapter >&2; exit 3"], cwd=tmp_path)
    assert caught.value.finding.rule == "tool.sh"


def test_a_tool_that_is_not_there_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="No such file"):
        sandbox.run_tool(["/no/such/tool"], cwd=tmp_path)


def sleepers(seconds: int) -> list[psutil.Process]:
    wanted = ["sleep", str(seconds)]
    return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == wanted]


def test_a_tool_is_killed_with_its_children_at_its_limit(tmp_path: Path) -> None:
    script = "setsid sleep 61 & sleep 62 & wait"
    with pytest.raises(Unavailable):
        sandbox.run_tool([SH, "-c", script], cwd=tmp_path, limits=Limits(seconds=0.1, processes=16))
    assert until(lambda: not sleepers(61) + sleepers(62))


def test_a_tools_resident_memory_is_bounded(tmp_path: Path) -> None:
    hog = "import time; b = bytearray(b'x' * (300 << 20)); time.sleep(30)"
    with pytest.raises(LimitExceeded) as caught:
        sandbox.run_tool(
            [sys.executable, "-c", hog], cwd=tmp_path, limits=Limits(megabytes=100, resident=True)
        )
    assert caught.value.finding.rule == "sandbox.memory"


def test_endless_output_is_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_LARGEST_ANSWER", 5 << 20)
    with pytest.raises(LimitExceeded) as caught:
        sandbox.run_tool(["/usr/bin/yes"], cwd=tmp_path)
    assert caught.value.finding.rule == "sandbox.output"
