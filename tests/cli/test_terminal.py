"""What strangers' texts may do to a terminal: nothing."""

import io

import pytest
from rich.console import Console

from ebook_pipeline.cli.terminal import print_finding, print_plain
from ebook_pipeline.foundation.findings import Finding, Severity


def printed(finding: Finding) -> str:
    out = io.StringIO()
    print_finding(Console(file=out, width=40, force_terminal=False), finding)
    return out.getvalue()


def test_a_finding_is_a_line_with_its_remedy_below() -> None:
    finding = Finding(
        rule="OPF-049",
        severity=Severity.ERROR,
        message="It is named, but not there at all.",
        place="EPUB/package.opf:3:7",
        remedy="Add it.",
    )
    assert printed(finding).splitlines() == [
        "- error OPF-049 at EPUB/package.opf:3:7: It is named, but not there at all.",
        "  → Add it.",
    ]


def test_a_finding_speaks_the_language_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding(
        rule="cover.proportions",
        severity=Severity.WARNING,
        message="The cover is 1600 × 503 pixels: no book's proportions.",
        place="cover.jpg",
        remedy="Use an upright cover.",
    )
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert printed(finding).splitlines() == [
        "- warning cover.proportions in cover.jpg: Der Umschlag hat kein Buchformat",
        "  The cover is 1600 × 503 pixels: no book's proportions.",
        "  → Einen hochkanten Umschlag nehmen, etwa 1,6-mal so hoch wie breit.",
    ]
    unknown = finding.model_copy(update={"rule": "no.words"})
    assert printed(unknown).splitlines()[0].endswith(unknown.message)


def test_names_in_a_book_neither_command_the_terminal_nor_turn_a_line_nor_mark_it_up() -> None:
    evil = "\x1b]0;owned\x07\x9b2J\u202etxt.\r\n[red]x"
    text = printed(Finding(rule="r", severity=Severity.INFO, message=evil, place=evil))
    assert not set(text) & set("\x1b\x07\x9b\u202e\r")
    assert text.count("\n") == 1
    assert "[red]x" in text


def test_a_table_in_a_pipe_has_its_numbers_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    print_plain(("book", "words"), [("emma", "160,000"), ("a", "")], texts=1)
    assert capsys.readouterr().out.splitlines() == [
        "book    words",
        "emma  160,000",
        "a            ",
    ]
