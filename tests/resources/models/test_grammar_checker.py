"""Checkers of grammar: Harper as it is, and a server that speaks LanguageTool's HTTP API."""

import csv
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from benchmarks import quality_tables
from ebook_pipeline.books.judging.grammar import harper_complement, harper_lints
from ebook_pipeline.foundation.errors import BookError, ServiceError, Unavailable
from ebook_pipeline.resources.models import grammar_checker
from ebook_pipeline.resources.models.grammar_checker import HarperChecker, LanguageToolChecker
from ebook_pipeline.resources.models.text_models import LocalModels
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.worker import Worker

LABELLED = Path(quality_tables.__file__).with_name("labelled_confusions.tsv")
LANGUAGES = [
    {"name": "English (GB)", "code": "en", "longCode": "en-GB"},
    {"name": "French", "code": "fr", "longCode": "fr"},
]
SOFTWARE = {"name": "LanguageTool", "version": "6.5", "buildDate": "2024-09-27 11:27:56 +0200"}
WRONG = "It was a lovely morning. {} The old man walked down to the river and sat."


def match(offset: int, length: int, kind: str = "grammar", **fields: object) -> dict[str, object]:
    """One match as https://languagetool.org/http-api/ draws it."""
    return {
        "message": "Not so.",
        "offset": offset,
        "length": length,
        "replacements": [{"value": "better"}],
        "rule": {"id": "RULE", "issueType": kind, "category": {"id": "GRAMMAR"}},
        **fields,
    }


class Server:
    """A LanguageTool server that marks every *bad*; `answer` replaces what it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.kind = "grammar"
        self.answer: Callable[[], tuple[int, bytes]] | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply(200, json.dumps(LANGUAGES).encode())

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                server.asked.append({name: values[0] for name, values in form.items()})
                self.reply(*(server.answer or server.matches)())

            def reply(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # whoever asked may have heard enough
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def matches(self) -> tuple[int, bytes]:
        """Offsets in UTF-16, as the Java that it is written in counts."""
        text = self.asked[-1]["text"]
        before = text.split("bad")[:-1]
        found, at = [], 0
        for piece in before:
            at += len(piece.encode("utf-16-le")) // 2
            found.append(match(at, 3, self.kind))
            at += 3
        return 200, json.dumps({"software": SOFTWARE, "matches": found}).encode()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def checker(server: Server) -> Iterator[LanguageToolChecker]:
    made = LanguageToolChecker(server.url)
    yield made
    made.close()


def test_a_fault_of_the_server_stands_where_the_text_has_it(checker: LanguageToolChecker) -> None:
    text = "A 😀 bad day.\n\nAnother 😀😀 bad day."
    faults = checker.check(text, "en-GB")
    assert [text[fault.start : fault.end] for fault in faults] == ["bad", "bad"]
    assert (faults[0].rule, faults[0].message, faults[0].suggestion) == (
        "RULE",
        "Not so.",
        "better",
    )
    assert faults[0].spoken


def test_the_server_is_asked_in_the_language_and_not_for_spelling_or_style(
    checker: LanguageToolChecker, server: Server
) -> None:
    checker.check("A bad day.", "en-GB")
    checker.check("Un bad jour.", "fr-CA")
    assert [form["language"] for form in server.asked] == ["en-GB", "fr"]
    assert {"TYPOS", "STYLE"} <= set(server.asked[0]["disabledCategories"].split(","))


@pytest.mark.parametrize("kind", ["misspelling", "style", "typographical", "register"])
def test_spelling_and_style_are_left_to_others_even_if_the_server_tells(
    checker: LanguageToolChecker, server: Server, kind: str
) -> None:
    server.kind = kind
    assert checker.check("A bad day.", "en-GB") == []


def test_the_server_says_which_one_it_is_and_is_asked_once(
    checker: LanguageToolChecker, server: Server
) -> None:
    assert checker.version == checker.version
    assert checker.version.startswith("languagetool-6.5-2024-09-27@127.0.0.1:")
    assert len(server.asked) == 1


def test_a_language_is_asked_for_as_the_server_spells_it(
    checker: LanguageToolChecker, server: Server
) -> None:
    checker.check("A bad day.", "EN-gb")
    assert server.asked[0]["language"] == "en-GB"


def test_a_long_text_is_asked_by_whole_paragraphs(
    checker: LanguageToolChecker, server: Server
) -> None:
    text = "\n\n".join(f"{'word ' * 1200}bad {at}." for at in range(7))
    faults = checker.check(text, "en")
    assert [text[fault.start : fault.end + 2] for fault in faults] == [f"bad {n}" for n in range(7)]
    assert "\n\n".join(form["text"] for form in server.asked) == text
    assert len(server.asked) == 4


def test_the_server_tells_which_languages_it_knows(checker: LanguageToolChecker) -> None:
    assert checker.knows("en-GB")
    assert checker.knows("fr-CA")
    assert not checker.knows("cy")
    assert not checker.knows("")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"", Unavailable),
        (503, b"", Unavailable),
        (429, b"slow down", Unavailable),
        (400, b"Error: no such language", ServiceError),
        (413, b"too long", ServiceError),
        (200, b"<html>", ServiceError),
        (200, b"{}", ServiceError),
        (200, b'{"matches": [{}]}', ServiceError),
        (200, json.dumps({"matches": [match(400, 3)]}).encode(), ServiceError),
        (200, json.dumps({"matches": [match(-4, 1)]}).encode(), ServiceError),
        (200, json.dumps({"matches": None}).encode(), ServiceError),
        (200, json.dumps({"matches": [match(2, 3) | {"rule": "R"}]}).encode(), ServiceError),
        (200, b"[" * 100_000, ServiceError),
        (200, b" " * (grammar_checker.LARGEST_ANSWER + 1), ServiceError),
        (302, b"elsewhere", ServiceError),
    ],
)
def test_a_server_that_misbehaves_is_an_error_and_says_whether_a_retry_helps(
    checker: LanguageToolChecker, server: Server, status: int, body: Any, error: type[ServiceError]
) -> None:
    server.answer = lambda: (status, body)
    with pytest.raises(error) as raised:
        checker.check("A bad day.", "en")
    assert raised.value.retryable is (error is Unavailable)


def test_a_server_that_is_silent_is_unavailable(server: Server) -> None:
    waiting = threading.Event()

    def silent() -> tuple[int, bytes]:
        waiting.wait(200)
        return 200, b"{}"

    server.answer = silent
    checker = LanguageToolChecker(server.url, seconds=0.2)
    try:
        with pytest.raises(Unavailable):
            checker.check("A bad day.", "en")
    finally:
        waiting.set()
        checker.close()


def test_a_server_that_never_ends_its_answer_is_left(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grammar_checker, "time", SimpleNamespace(monotonic=count(0, 100).__next__))
    checker = LanguageToolChecker(server.url)
    with pytest.raises(Unavailable):
        checker.knows("en")
    checker.close()


def test_what_the_server_says_at_length_is_cut(
    checker: LanguageToolChecker, server: Server
) -> None:
    answer = {"matches": [match(2, 3, message="so " * 9999)]}
    server.answer = lambda: (200, json.dumps(answer).encode())
    (fault,) = checker.check("A bad day.", "en")
    assert len(fault.message) < 400


def test_a_server_that_is_gone_is_unavailable() -> None:
    gone = Server()
    gone.close()
    checker = LanguageToolChecker(gone.url)
    with pytest.raises(Unavailable):
        checker.knows("en")
    checker.close()


@pytest.fixture(scope="module")
def harper() -> dict[str, str]:
    """The faults of one text, by what is wrong: it is read once."""
    wrongs = [
        "The dog wagged it’s tail.",
        "They lost there keys.",
        "He could of gone.",
        "He ate a apple.",
        "It is better then nothing.",
        "They was all at home.",
        "Yesterday he have come home.",
        "Suddenly she were alone.",
        "He looked at him. then he left.",
    ]
    text = "\n\n".join(WRONG.format(wrong) for wrong in wrongs)
    faults = HarperChecker().check(text, "en-GB")
    found = {}
    for wrong in wrongs:
        start = text.index(wrong)
        inside = [f for f in faults if start <= f.start <= start + len(wrong)]
        found[wrong] = inside[0].suggestion if inside else ""
    return found


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("The dog wagged it’s tail.", "its"),
        ("They lost there keys.", "their"),
        ("He could of gone.", "have"),
        ("He ate a apple.", "an"),
        ("It is better then nothing.", "than"),
        ("They was all at home.", "They were"),
        ("Yesterday he have come home.", "he has"),
        ("Suddenly she were alone.", "she was"),
        ("He looked at him. then he left.", "Then"),
    ],
)
def test_classic_errors_are_found_offline_with_what_is_right(
    harper: dict[str, str], wrong: str, right: str
) -> None:
    assert right in harper[wrong]


@pytest.fixture(scope="module")
def confusions() -> list[dict[str, str]]:
    """The labelled sentences, each with what is told of it."""
    with LABELLED.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    checker = HarperChecker(LocalModels(Settings().models))
    text = "\n\n".join(row["sentence"].replace("'", "’") for row in rows)
    at = 0
    told = checker.check(text, "en-GB")
    for row in rows:
        inside = [one for one in told if at <= one.start < at + len(row["sentence"])]
        row["told"] = " ".join(one.suggestion for one in inside)
        at += len(row["sentence"]) + 2
    return rows


def test_most_confusions_are_told_by_their_neighbours(confusions: list[dict[str, str]]) -> None:
    wrong = [row for row in confusions if row["kind"] == "wrong"]
    told = [row for row in wrong if row["meant"] in row["told"].lower()]
    assert len(told) >= 38
    assert {row["meant"] for row in told} >= {"you're", "your", "it's", "its", "too", "to"}


def test_sentences_that_are_right_are_left_alone(confusions: list[dict[str, str]]) -> None:
    assert [row["told"] for row in confusions if row["kind"] == "right" and row["told"]] == []


def test_who_tells_parts_of_speech_counts_in_the_version() -> None:
    class Tagger:
        def namer(self, language: str) -> str:
            return "tagger-2" if language == "en" else ""

        def parts_of_speech(
            self, texts: Sequence[str], language: str
        ) -> list[list[tuple[str, str]]]:
            return []

    checker = HarperChecker(Tagger())
    assert "+tagger-2-" in checker.version
    assert checker.check("It is you're father.", "en") == HarperChecker().check(
        "It is you're father.", "en"
    )


def test_older_and_literary_english_is_left_alone() -> None:
    text = (
        "It was an hundred years ago; an union that he had had in mind. Observe too the stars.\n\n"
        "If he do not come, and lest she lisp, I wish he were here. “Alas! what now?” said he.\n\n"
        "The colour of the moustache was flonkish, viz. that of a realtor’s grey coat."
    )
    assert HarperChecker().check(text, "en-US") == []


def test_an_empty_text_has_no_faults_and_only_english_is_known() -> None:
    checker = HarperChecker()
    assert checker.check(" \n\n ", "en") == []
    assert checker.knows("en-AU")
    assert not checker.knows("de")


def test_the_rules_that_are_off_exist() -> None:
    import harper

    assert set(harper.get_default_lint_config()) >= harper_lints.RULES_OFF


def test_a_text_that_ends_the_checker_ends_its_own_process_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grammar_checker, "_HARPER", Worker(sandbox.Limits(megabytes=100)))
    with pytest.raises(BookError):
        HarperChecker().check("A sentence as any other. " * 50, "en")


@pytest.mark.parametrize("clean", ["as if they were", "should he have", "what they was"])
def test_the_complement_knows_moods_and_questions(clean: str) -> None:
    found = harper_complement.agreement_faults(
        f"It seemed {clean} gone, and nothing more was heard."
    )
    assert [fault.rule for fault in found] == (["TheyWas"] if clean == "what they was" else [])
