"""``ebooks check``: verdicts, exit codes, the form for programs, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import psutil
import pytest

from ebook_pipeline.cli import COMMANDS
from ebook_pipeline.cli import ebooks as command
from tests.support.books.epub import METADATA, epub, package
from tests.support.commands import ebooks, environment, shell
from tests.support.corpus import CORPUS, entries, named, needs_corpus
from tests.support.in_process import CommandResult

FOREIGN = bytes(range(256)) * 8
ACCESSIBLE = "".join(
    f'<meta property="schema:{name}">{value}</meta>'
    for name, value in (
        ("accessMode", "textual"),
        ("accessibilityFeature", "none"),
        ("accessibilityHazard", "none"),
    )
)
GOOD = {"EPUB/package.opf": package(METADATA + ACCESSIBLE)}
BAD = {**GOOD, "EPUB/one.xhtml": "<p>A paragraph <b>that does not end</p>"}
ALONE = """
import sys
from ebook_pipeline.cli import main
sys.argv = ["ebooks", "check", *sys.argv[1:]]
try:
    main()
finally:
    heavy = {"dagster", "sqlalchemy", "psycopg2", "boto3", "spacy", "pandas"} & set(sys.modules)
    assert not heavy, heavy
"""


def checked(*arguments: object, **settings: str) -> CommandResult:
    return ebooks("check", *arguments, cwd=None, **settings)


def facts(*arguments: object, **settings: str) -> list[dict[str, Any]]:
    return checked("--json", *arguments, **settings).objects


def rules(one: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in one["findings"]}


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Three good books, a bad one and a file that is no book, some in a folder."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "old").mkdir()
    (shelf / "empty").mkdir()
    os.mkfifo(shelf / "pipe")
    for name in ("a.epub", "c.epub", "old/d.epub"):
        epub(shelf / name, GOOD)
    epub(shelf / "b.epub", BAD)
    (shelf / "old" / "e.pdf").write_bytes(FOREIGN)
    return shelf


@pytest.fixture
def lines(shelf: Path) -> str:
    """What is printed for programs of a folder, a good file, a bad one and a good one."""
    return checked("--json", shelf / "old", *(shelf / f"{name}.epub" for name in "cba")).out


def test_one_object_per_file_in_the_order_of_the_files_a_bad_one_among_good_ones(
    lines: str,
) -> None:
    found = [json.loads(line) for line in lines.splitlines()]
    names = [Path(one["file"]).name for one in found]
    assert names == ["d.epub", "e.pdf", "c.epub", "b.epub", "a.epub"]
    assert [one["verdict"] for one in found] == ["valid", "refused", "valid", "invalid", "valid"]


def test_the_object_of_a_file_says_what_the_interface_promises(lines: str) -> None:
    one = json.loads(lines.splitlines()[3])
    assert set(one) == {"file", "media_type", "verdict", "findings"}
    assert one["media_type"] == "application/epub+zip"
    for finding in one["findings"]:
        assert set(finding) == {"rule", "severity", "place", "message", "remedy"}
    worst = one["findings"][0]
    assert (worst["rule"], worst["severity"]) == ("RSC-016", "fatal")
    assert worst["place"].startswith("EPUB/one.xhtml:")


def test_every_file_is_an_object_on_a_line_of_its_own(lines: str) -> None:
    objects = [json.loads(line) for line in lines.splitlines()]
    assert len(objects) == 5
    assert all(isinstance(found, dict) and found["verdict"] for found in objects)


def test_people_see_what_is_wrong_and_how_many_files_were_checked(shelf: Path) -> None:
    result = checked(shelf)
    heads = [line for line in result.out.splitlines() if not line.startswith(("- ", "  →"))]
    assert heads == [
        f"{shelf / 'b.epub'}: invalid (application/epub+zip)",
        f"{shelf / 'old' / 'e.pdf'}: refused (application/octet-stream)",
    ]
    assert result.err == "5 files: 3 valid, 1 invalid, 1 refused\n"
    assert result.code == 1


def test_valid_files_are_named_when_asked_for(shelf: Path) -> None:
    result = checked("-v", shelf / "a.epub")
    assert result.out.startswith(f"{shelf / 'a.epub'}: valid (application/epub+zip)\n")
    assert result.code == 0


@pytest.mark.parametrize("name", ["nowhere.epub", "empty", "pipe"])
def test_wrong_usage_is_said_before_any_work(shelf: Path, name: str) -> None:
    good = [shelf / "a.epub"] if name != "empty" else []
    result = checked("--json", *good, shelf / name)
    assert (result.code, result.out) == (2, "")
    assert "Error: " in result.err


def test_an_unknown_profile_is_wrong_usage(shelf: Path) -> None:
    assert checked("--profile", "novel", shelf / "a.epub").code == 2


@needs_corpus
@pytest.mark.corpus
def test_a_profile_asks_for_more() -> None:
    lesson = named(
        "epubcheck/extensions/edupub-teacher-edition-metadata-type-missing-error-opf.epub"
    )
    assert facts(lesson)[0]["verdict"] == "valid"
    assert facts("--profile", "education", lesson)[0]["verdict"] == "invalid"


def test_a_file_larger_than_a_book_may_be_is_refused_unread(
    shelf: Path,
) -> None:
    (one,) = facts(shelf / "a.epub", EBOOK_MAX_BOOK_BYTES="100")
    assert (one["verdict"], rules(one)) == ("refused", {"submission.too-large"})
    assert one["media_type"] == "application/epub+zip"


def some(class_: str, count: int, **wanted: object) -> list[dict[str, Any]]:
    """A few entries of a class, evenly spread over it."""
    found = [
        one
        for one in entries(class_)
        if all(one.get(key) == value for key, value in wanted.items())
    ]
    return found[:: max(1, len(found) // count)][:count]


@pytest.mark.prove
@needs_corpus
@pytest.mark.corpus
def test_verdicts_are_the_manifests_for_every_class() -> None:
    chosen = [
        *some("epubcheck", 4, valid=True),
        *some("epubcheck", 6, valid=False),
        *some("w3c-test", 2, valid=True),
        *some("pdf", 3, valid=True, case=["ordinary"]),
        *some("mobi", 2, valid=True),
        *some("hostile", 4, expected_outcome="reject"),
    ]
    found = facts(*(named(one["name"]) for one in chosen))
    assert [one["file"] for one in found] == [str(named(one["name"])) for one in chosen]
    said = {one["name"]: two["verdict"] == "valid" for one, two in zip(chosen, found, strict=True)}
    assert said == {
        one["name"]: bool(one["valid"]) and one.get("expected_outcome") != "reject"
        for one in chosen
    }


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("hostile/drm-adept.epub", "protection.adobe-adept"),
        ("mobi/drm.mobi", "protection.kindle"),
        ("hostile/zip-bomb.epub", "container.bomb"),
        ("hostile/xxe-opf.epub", "xml.entity"),
        ("hostile/zero-byte.pdf", "media-type.empty"),
    ],
)
def test_what_must_not_enter_is_refused_by_name(name: str, rule: str) -> None:
    (one,) = facts(named(name))
    assert one["verdict"] == "refused"
    assert rule in rules(one)


def test_a_file_of_no_known_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.epub").write_bytes(FOREIGN)
    (one,) = facts(tmp_path / "noise.epub")
    assert (one["verdict"], rules(one)) == ("refused", {"format.unknown"})


@pytest.mark.parametrize(("names", "code"), [(["old/e.pdf"], 1), ([], 2)])
def test_the_exit_code_of_the_process_says_how_it_went(
    shelf: Path, names: list[str], code: int
) -> None:
    done = shell("check", *names, cwd=shelf)
    assert done.code == code, done.err


@pytest.mark.prove
def test_checking_needs_no_home_and_none_of_the_pipeline_and_leaves_nothing(
    shelf: Path, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", ALONE, shelf / "a.epub"],
        cwd=here,
        env=environment(TMPDIR=str(here)),
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.returncode, done.stderr) == (0, "1 file: 1 valid\n")
    assert list(here.iterdir()) == []


def test_a_checker_that_does_not_start_is_one_clear_line(shelf: Path) -> None:
    done = ebooks("check", "a.epub", "c.epub", cwd=shelf, EBOOK_JAVA="/nonexistent/java")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "no Java runs at /nonexistent/java" in done.err


def test_a_setting_that_is_wrong_is_wrong_usage(shelf: Path) -> None:
    done = ebooks("check", "a.epub", cwd=shelf, EBOOK_TOOL_SECONDS="soon")
    assert (done.code, "EBOOK_TOOL_SECONDS" in done.err) == (2, True)


def test_a_reader_that_goes_away_ends_the_command_quietly(shelf: Path) -> None:
    argv = [sys.executable, "-m", "ebook_pipeline.cli", "check", "--json", *["old/e.pdf"] * 99]
    with subprocess.Popen(
        argv, cwd=shelf, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()
        assert running.wait(60) == 1


@needs_corpus
@pytest.mark.prove
@pytest.mark.corpus
def test_ctrl_c_ends_the_command_and_every_child(shelf: Path) -> None:
    books = ["a.epub", *sorted((CORPUS / "novels").glob("*.epub"))]
    argv = [sys.executable, "-m", "ebook_pipeline.cli", "check", "--json", *map(str, books)]
    with subprocess.Popen(
        argv, cwd=shelf, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert b'"valid"' in running.stdout.readline(), running.stderr.read()
        children = psutil.Process(running.pid).children(recursive=True)
        running.send_signal(signal.SIGINT)
        assert running.stderr.read() == b"Interrupted.\n"
        assert running.wait(60) == 130
    _, alive = psutil.wait_procs(children, timeout=60)
    assert children
    assert alive == []


def test_every_command_is_there_under_its_name() -> None:
    context = click.Context(command)
    for name in COMMANDS:
        found = command.get_command(context, name)
        assert found is not None
        assert found.name == name
    assert command.get_command(context, "nonsense") is None
