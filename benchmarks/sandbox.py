"""The sandbox: what a hostile child gets to behind each layer, and what the layers cost a book.

PYTHONPATH=. python benchmarks/sandbox.py [--json]

Each attempt of `tests/support/hostile_child.py` is made in a process of its own, on files, sockets
and a parent that are made for it. Costs are CPU milliseconds in a child, medians.
"""

import argparse
import contextlib
import ctypes
import json
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from benchmarks.frame import CORPUS, Table, cpu_seconds, print_table
from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.records import BookFormat, Claims
from ebook_pipeline.books.validating.validation import validate
from ebook_pipeline.tools import grants, isolation, pid_namespace, sandbox
from ebook_pipeline.tools.browser import Browser
from ebook_pipeline.tools.confinement import Confinement
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.fork_client import ForkClient, RunningCall
from ebook_pipeline.tools.fork_server import ForkRequest, _prepare
from ebook_pipeline.tools.identity import Identity
from ebook_pipeline.tools.isolation import Isolation, Layers
from ebook_pipeline.tools.landlock import FileRules, OpenedRules
from ebook_pipeline.tools.limits import Limits
from ebook_pipeline.tools.system_calls import Work
from ebook_pipeline.tools.typesetter import Typesetter
from tests.support import hostile_child
from tests.support.hostile_child import Targets

FORKS = 300
_SECRET = ctypes.create_string_buffer(b"a secret of this process")
_NETWORK, _USER, _FILTER, _LANDLOCK, _PROCESSES = "network", "user", "filter", "landlock", "pid"
ROWS: tuple[tuple[str, ...], ...] = (
    (),
    (_NETWORK,),
    (_NETWORK, _PROCESSES),
    (_NETWORK, _USER),
    (_FILTER,),
    (_LANDLOCK,),
    (_LANDLOCK, _FILTER),
    (_NETWORK, _PROCESSES, _USER, _FILTER),
    (_NETWORK, _PROCESSES, _USER, _LANDLOCK),
    (_NETWORK, _PROCESSES, _USER, _FILTER, _LANDLOCK),
)
_NAMES = {
    _NETWORK: "network namespace", _USER: "user of its own", _FILTER: "filter of system calls",
    _LANDLOCK: "Landlock", _PROCESSES: "PID namespace",
}  # fmt: skip
_TOLD = 14
"""Attempts that are named one by one in a row."""


def layers_of(names: tuple[str, ...], here: Layers) -> Layers:
    """Only these layers, as far as the machine has them."""
    return Layers(
        here.network if _NETWORK in names else Isolation.NONE,
        here.landlock if _LANDLOCK in names else 0,
        here.filter and _FILTER in names,
        here.identity if _USER in names else Identity.SHARED,
        here.processes and _PROCESSES in names,
    )


@contextlib.contextmanager
def targets(folder: Path) -> Iterator[Targets]:
    """A vault, code, servers and sockets that nobody else has."""
    vault, code = folder / "vault", folder / "package" / "code.py"
    for inner in (vault, code.parent, folder / "scratch"):
        inner.mkdir()
    (vault / "edge.secret").write_text("secret")
    code.write_text("")
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(str(folder / "s"))
        name = f"\0ebooks-{os.getpid()}-{folder.name}"
        abstract.bind(name)
        local.listen()
        abstract.listen()
        ports = tcp.getsockname()[1], udp.getsockname()[1]
        address = ctypes.addressof(_SECRET)
        yield Targets(
            str(vault / "edge.secret"), str(code), str(folder), os.getpid(), address, *ports,
            str(folder / "s"), name,
        )  # fmt: skip


def succeeded(names: tuple[str, ...], here: Layers) -> list[str]:
    """The attempts that a child behind these layers alone succeeds in."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        found = []
        for attempt in hostile_child.ATTEMPTS:
            folder = Path(name, str(len(list(Path(name).iterdir()))))
            folder.mkdir()
            with targets(folder) as given:
                try_it = partial(_attempted, attempt, given, folder, layers_of(names, here))
                if _forked(try_it):
                    found.append(attempt)
        return found


def _attempted(attempt: str, given: Targets, folder: Path, layers: Layers) -> bool:
    """In a process of its own: enter what the fork server enters, fork, take what a child takes."""
    if layers.network is Isolation.NAMESPACE:
        isolation._leave_with_users()
    if layers.processes:
        pid_namespace.enter()
    _prepare(layers)
    return _forked(lambda: _in_child(attempt, given, folder, layers))


def _in_child(attempt: str, given: Targets, folder: Path, layers: Layers) -> bool:
    own = folder / "scratch"
    os.chdir(own)
    rules = grants.joined(grants.ITSELF, FileRules(own=(own,)))
    fixed = OpenedRules(grants.program_rules() if layers.landlock else FileRules())
    confinement = Confinement(1, Limits(), rules, fixed, layers)
    confinement.apply(Work.FUNCTION, first_file=1 << 15)
    return hostile_child._succeeds(hostile_child.ATTEMPTS[attempt], given)


def _forked(work: Callable[[], bool]) -> bool:
    """Whether `work` says yes in a child."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def reach(here: Layers) -> Table:
    """How many attempts succeed behind which layers."""
    rows = []
    for names in ROWS:
        found = succeeded(names, here)
        told = ", ".join(found) if len(found) <= _TOLD else ""
        rows.append((", ".join(_NAMES[name] for name in names) or "none", len(found), told))
    said = f"{len(hostile_child.ATTEMPTS)} attempts, as {'root' if not os.geteuid() else 'a user'};"
    said += f" {rows[-1][1]} succeed behind all layers of this machine ({_words(here)})."
    return Table("What a hostile child gets to", ("layers", "succeeded", "which"), rows, said)


def _words(here: Layers) -> str:
    kernel = os.uname().release
    return f"Linux {kernel}, Landlock {here.landlock}, {here.network.value}, {here.identity.value}"


def cost(here: Layers, corpus: Path) -> Table:
    """CPU ms that each layer adds to a child, and all of them to a book."""
    rows: list[tuple[str, float, float]] = []
    calls = _calls_of_a_book(corpus)
    for names in ((), (_USER,), (_LANDLOCK,), (_FILTER,), ROWS[-1]):
        each = _taking_ms(layers_of(names, here))
        word = ", ".join(_NAMES[name] for name in names) or "limits alone"
        rows.append(("all" if names == ROWS[-1] else word, each, each * calls))
    said = f"A book that is checked and converted to all its forms makes {calls} calls: limits and"
    said += f" all layers cost it {rows[-1][2]:.1f} ms (asked: 15). Entering namespaces and trying"
    said += f" each layer takes {_start_ms():.0f} ms, once a process."
    return Table("What the layers cost", ("layer", "CPU ms a call", "CPU ms a book"), rows, said)


def _taking_ms(layers: Layers) -> float:
    """CPU ms in which a child takes these layers on, the median of many; limits included."""
    read, write = os.pipe()
    _forked(lambda: bool(_measure_children(layers, write)))
    os.close(write)
    with os.fdopen(read, "rb") as said:
        return statistics.median(int(line) for line in said) / 1e6


def _measure_children(layers: Layers, write: int) -> bool:
    if layers.network is Isolation.NAMESPACE:
        isolation._leave_with_users()
    if layers.processes:
        pid_namespace.enter()
    _prepare(layers)
    fixed = OpenedRules(grants.program_rules()) if layers.landlock else OpenedRules()
    rules = grants.joined(grants.ITSELF, FileRules(own=(Path(tempfile.gettempdir()),)))
    return all(
        _forked(partial(_measure, Confinement(call, Limits(), rules, fixed, layers), write))
        for call in range(FORKS)
    )


def _measure(confinement: Confinement, write: int) -> bool:
    before = time.process_time_ns()
    confinement.apply(Work.FUNCTION, first_file=1 << 15)
    taken = time.process_time_ns() - before
    return bool(os.write(write, b"%d\n" % taken))


def _start_ms() -> float:
    before = cpu_seconds()
    _forked(lambda: bool(isolation.isolate_process()))
    return (cpu_seconds() - before) * 1000


def _calls_of_a_book(corpus: Path) -> int:
    """How many children a small novel needs from check to PDF."""
    calls, start = [], ForkClient.start

    def counted(
        client: ForkClient, request: ForkRequest, stdin: bytes | IO[bytes] | None
    ) -> RunningCall:
        calls.append(request)
        return start(client, request, stdin)

    ForkClient.start = counted  # type: ignore[assignment, method-assign]
    checker = EpubCheck()
    try:
        book = next((corpus / "novels").glob("*.epub"))
        validate(book, book.name, "default", checker, frozenset(BookFormat))
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            tools = conversion.ConversionTools(Browser(), Typesetter())
            conversion.convert(book, BookFormat.EPUB, Claims(), tools, Path(folder))
    finally:
        ForkClient.start = start  # type: ignore[method-assign]
        checker.close()
    return len(calls)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object per table")
    corpus = Path(os.environ.get("EBOOK_CORPUS", CORPUS))
    parser.add_argument("--corpus", type=Path, default=corpus, help="the folder of novels/")
    options = parser.parse_args()
    here = _found()
    for made in (reach(here), cost(here, options.corpus.absolute())):
        if options.json:
            print(json.dumps(made.as_facts(), ensure_ascii=False), flush=True)
        else:
            print_table(made)


def _found() -> Layers:
    """This machine's layers, found out in a child: who finds out stays isolated."""
    return sandbox.layers()


if __name__ == "__main__":
    main()
