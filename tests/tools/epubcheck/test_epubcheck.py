"""EPUBCheck itself: agreement with its suite, time limit, restart, end with its parent."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from ebook_pipeline.foundation.errors import LimitExceeded, ServiceError, Unavailable
from ebook_pipeline.foundation.findings import Finding, Severity, blocks
from ebook_pipeline.tools.epubcheck import EpubCheck
from ebook_pipeline.tools.epubcheck.remedies import REMEDIES
from ebook_pipeline.tools.sandbox import Cancelled
from tests.support.books.epub import METADATA, epub, package, page
from tests.support.corpus import CORPUS, case, needs_cases, needs_corpus
from tests.support.paths import PROJECT


@pytest.fixture
def own() -> Iterator[EpubCheck]:
    """A checker that a test may end."""
    checker = EpubCheck()
    yield checker
    checker.close()


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    return epub(tmp_path / "odd-name.bin")


def test_a_valid_book_has_no_finding_whatever_its_file_is_called(
    epubcheck: EpubCheck, valid: Path
) -> None:
    assert epubcheck.check(valid) == ()


def test_a_finding_names_its_place_and_a_remedy(epubcheck: EpubCheck, tmp_path: Path) -> None:
    book = epub(tmp_path / "b.epub", {"EPUB/one.xhtml": "<p><a href='gone.xhtml'>x</a></p>"})
    (finding,) = [one for one in epubcheck.check(book) if one.rule == "RSC-007"]
    assert finding.severity == Severity.ERROR
    assert finding.place.startswith("EPUB/one.xhtml:")
    assert "gone.xhtml" in finding.message
    assert finding.remedy == REMEDIES["RSC-007"]


def test_many_places_of_one_rule_are_bounded_and_counted(
    epubcheck: EpubCheck, tmp_path: Path
) -> None:
    links = "".join(f"<p><a href='gone{n}.xhtml'>x</a></p>" for n in range(60))
    found = epubcheck.check(epub(tmp_path / "b.epub", {"EPUB/one.xhtml": links}))
    ours = [one for one in found if one.rule == "RSC-007"]
    assert len(ours) == 26
    assert ours[-1].message == "RSC-007 occurs in 35 more places."


def test_no_finding_tells_where_our_files_lie(epubcheck: EpubCheck, tmp_path: Path) -> None:
    book = tmp_path / "b.epub"
    book.write_bytes(b"PK\x03\x04 no zip")
    found = epubcheck.check(book)
    assert blocks(found)
    assert not any("/tmp" in one.message + one.place for one in found)


def test_the_version_is_the_jars(epubcheck: EpubCheck, valid: Path) -> None:
    epubcheck.check(valid)
    machine = epubcheck._machine
    assert machine is not None
    version = machine._gateway.jvm.com.adobe.epubcheck.api.EpubCheck.version()
    assert epubcheck.version == f"epubcheck {version}"


def test_threads_share_one_machine(epubcheck: EpubCheck, valid: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(epubcheck.check, [valid] * 12)) == [()] * 12


def test_a_check_over_its_time_is_killed(valid: Path) -> None:
    checker = EpubCheck(seconds=0.01)
    with pytest.raises(LimitExceeded) as caught:
        checker.check(valid)
    assert caught.value.finding.rule == "epubcheck.time"
    assert checker._machine is None


@pytest.mark.prove
def test_a_machine_that_uses_no_time_and_does_not_end_hangs_and_is_no_fault_of_the_book(
    valid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker = EpubCheck()
    stopped(checker, valid)
    monkeypatch.setattr("ebook_pipeline.tools.epubcheck._LONGEST_HANG", 0.5)
    monkeypatch.setattr("ebook_pipeline.tools.epubcheck._MOST_WAIT", 0)
    with pytest.raises(Unavailable):
        checker.check(valid)
    checker.close()


@pytest.mark.prove
def test_long_work_goes_on_in_a_machine_that_compiles_fully(
    valid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ebook_pipeline.tools.epubcheck._QUICK_SECONDS", 0.001)
    checker = EpubCheck()
    assert checker.check(valid) == ()
    assert checker._machine is not None
    assert not checker._machine.quick
    checker.close()


@needs_cases
@pytest.mark.prove
def test_a_valid_document_with_twelve_thousand_ids_is_valid(epubcheck: EpubCheck) -> None:
    assert epubcheck.check(case("312-epub-huge-single-file.epub")) == ()


def stopped(epubcheck: EpubCheck, book: Path) -> subprocess.Popen[bytes]:
    """The process of a machine that stands still, so that the next check hangs in it."""
    epubcheck.check(book)
    assert epubcheck._machine is not None
    process = epubcheck._machine._process
    process.send_signal(signal.SIGSTOP)
    return process


def asked(pool: ThreadPoolExecutor, checker: EpubCheck, book: Path) -> Future[tuple[Finding, ...]]:
    """A check that has begun."""
    running = pool.submit(checker.check, book)
    while not checker._lock.locked():
        time.sleep(0.01)
    return running


@pytest.mark.prove
def test_closing_cancels_the_running_check(own: EpubCheck, valid: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        stopped(own, valid)
        running = asked(pool, own, valid)
        own.close()
        with pytest.raises(Cancelled):
            running.result(timeout=200)


@pytest.mark.prove
def test_a_machine_that_dies_under_a_check_is_no_fault_of_the_book(
    own: EpubCheck, valid: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        process = stopped(own, valid)
        running = asked(pool, own, valid)
        process.kill()
        assert running.result(timeout=200) == ()


def test_a_java_that_is_not_there_is_our_fault(valid: Path) -> None:
    with pytest.raises(ServiceError, match="no Java runs"):
        EpubCheck(java=Path("/no/java")).check(valid)


@pytest.mark.prove
def test_the_machine_ends_with_a_killed_process(valid: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from ebook_pipeline.tools.epubcheck import EpubCheck\n"
        "c = EpubCheck(); c.check(Path(sys.argv[1])); print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(valid)],
        stdout=subprocess.PIPE,
        cwd=PROJECT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    (machine,) = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    deadline = time.monotonic() + 60
    while machine.is_running() and machine.status() != "zombie":
        assert time.monotonic() < deadline
        time.sleep(0.05)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.prove
def test_the_zip_bomb_and_the_laughs_end_at_the_limit() -> None:
    checker = EpubCheck(seconds=3, megabytes=300)
    for name in ("billion-laughs", "zip-bomb"):
        with pytest.raises(LimitExceeded) as caught:
            checker.check(CORPUS / "hostile" / f"{name}.epub")
        assert caught.value.finding.rule in ("epubcheck.time", "epubcheck.memory")
        assert checker._machine is None
    checker.close()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def visited(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def remote_book(path: Path, there: str) -> Path:
    """A book that names remote resources in every way that a parser or checker might follow."""
    remote = "".join(
        f'<item id="{name}" href="{there}/{name}" media-type="{kind}"/>'
        for name, kind in (("sound", "audio/mpeg"), ("font", "font/woff2"), ("css", "text/css"))
    )
    items = (
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        '<item id="one" href="one.xhtml" media-type="application/xhtml+xml" '
        'properties="remote-resources"/>'
    )
    body = f'<p><audio src="{there}/sound"/><img src="{there}/x.png" alt=""/></p>'
    document = f'<!DOCTYPE html SYSTEM "{there}/dtd" [<!ENTITY e SYSTEM "{there}/e">]>{page(body)}'
    link = f'<link rel="record" href="{there}/record.xml" media-type="application/xml"/>'
    files = {
        "EPUB/package.opf": package(METADATA + link, items + remote),
        "EPUB/one.xhtml": page(f'<link rel="stylesheet" href="{there}/css"/>{body}'),
        "EPUB/nav.xhtml": document.replace('<?xml version="1.0" encoding="UTF-8"?>', ""),
    }
    return epub(path, files)


def test_a_book_of_remote_resources_makes_no_request(
    epubcheck: EpubCheck, tmp_path: Path, listener: socket.socket
) -> None:
    there = f"http://127.0.0.1:{listener.getsockname()[1]}"
    found = epubcheck.check(remote_book(tmp_path / "remote.epub", there))
    assert "RSC-006" in {finding.rule for finding in found}
    assert not visited(listener)


@pytest.mark.parametrize("scheme", ["http", "https", "ftp"])
def test_the_checkers_machine_can_fetch_nothing(
    epubcheck: EpubCheck, valid: Path, listener: socket.socket, scheme: str
) -> None:
    epubcheck.check(valid)
    jvm = epubcheck._live(quick=True)._gateway.jvm
    for host in (f"127.0.0.1:{listener.getsockname()[1]}", "localhost", "example.org"):
        with pytest.raises(Exception, match=r"not permitted|UnknownHost"):
            jvm.java.net.URL(f"{scheme}://{host}/x").openStream()
    assert not visited(listener)
