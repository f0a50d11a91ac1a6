"""What is wrong with a Kindle book is a finding, by its name, and never an exception."""

import random
import struct
from pathlib import Path

import pytest

from ebook_pipeline.books.formats import kindle
from ebook_pipeline.books.formats.kindle import kf8
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.books.validating.validation import FileVerdict, validate, verdict
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity, blocks
from tests.support.books.kindle import header, hybrid, index, mobi6, palm
from tests.support.books.kindle import kf8 as kf8_book
from tests.support.corpus import named, needs_corpus

PAGE = "<html><body><p>Once upon a time.</p></body></html>"


class NotAsked:
    """No EPUB is here that could be checked."""

    version = "none"

    def check(self, path: Path, profile: str) -> tuple[Finding, ...]:
        raise AssertionError(path)


def rules(path: Path) -> list[str]:
    return [one.rule for one in kindle.inspect(path)[0]]


def test_a_sound_book_has_no_findings(tmp_path: Path) -> None:
    findings, facts = kindle.inspect(mobi6(tmp_path / "b.mobi", PAGE, {100: b"Ann"}))
    assert findings == ()
    assert (facts.title, facts.version, facts.codepage) == ("A Tiny Book", 6, 65001)
    assert facts.exth.first("author") == "Ann"


@pytest.mark.parametrize("scheme", [1, 2])
def test_protection_is_named(tmp_path: Path, scheme: int) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE, fields={0x0C: scheme << 16})
    assert rules(book) == ["protection.kindle"]
    assert ("old" in kindle.inspect(book)[0][0].message) == (scheme == 1)


def test_an_unknown_encoding_is_told_and_read_by_its_letters(tmp_path: Path) -> None:
    page = PAGE.replace("time", "tíme — “naïve” café, Zürich")
    book = mobi6(tmp_path / "b.mobi", page, fields={0x1C: 12345}, encoding="cp1252")
    (finding,), _ = kindle.inspect(book)
    assert (finding.rule, finding.severity) == ("mobi.codepage", Severity.WARNING)
    assert "Windows-1252" in finding.message


def test_a_header_that_lies_of_a_text_in_utf_8_is_told(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE.replace("time", "tíme"), fields={0x1C: 1252})
    (finding,), _ = kindle.inspect(book)
    assert (finding.rule, finding.severity) == ("mobi.codepage", Severity.INFO)


def test_letters_that_no_encoding_explains_are_counted(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", "<p>" + "naïve café, Zürich, Ångström; " * 9 + "</p>")
    book.write_bytes(book.read_bytes().replace("é".encode(), b"\xc3(", 1))
    (finding,), _ = kindle.inspect(book)
    assert (finding.rule, finding.message[:12]) == ("mobi.undecodable", "1 characters")


def test_text_shorter_than_promised_is_damage(tmp_path: Path) -> None:
    assert rules(mobi6(tmp_path / "b.mobi", PAGE, fields={0x04: 9000})) == ["mobi.damaged"]


def test_a_cover_that_is_not_there_is_told(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE, {201: bytes(3) + b"\7"})
    assert rules(book) == ["mobi.cover-missing"]


def test_a_dictionary_is_told_what_it_will_lose(tmp_path: Path) -> None:
    assert rules(mobi6(tmp_path / "b.mobi", PAGE, fields={0x28: 3})) == ["mobi.dictionary"]


def test_a_promised_part_for_new_readers_that_lacks_is_told(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE, {121: bytes(3) + b"\1"})
    assert rules(book) == ["mobi.kf8-missing"]


def test_an_index_that_is_none_is_a_warning_where_it_is_the_contents(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE, fields={0xF4: 1})
    assert rules(book) == ["mobi.contents"]


def test_an_unknown_packing_is_refused(tmp_path: Path) -> None:
    text = PAGE.encode()
    book = palm(tmp_path / "b.mobi", [header(text, {}, {}, compression=9), text])
    assert rules(book) == ["mobi.compression"]


def test_a_pdf_in_a_kindle_wrapping_is_refused_by_name(tmp_path: Path) -> None:
    assert rules(mobi6(tmp_path / "b.azw4", "%MOP" + PAGE)) == ["mobi.print-replica"]


@pytest.mark.parametrize(
    ("head", "rule"),
    [
        (b"TPZ0\0", "mobi.topaz"),
        (b"CONT\2\0\x12\0", "mobi.kfx"),
        (b"\xeaDRMION\xee\0", "protection.kindle"),
    ],
)
def test_kindle_formats_that_nobody_can_read_are_refused_by_name(
    tmp_path: Path, head: bytes, rule: str
) -> None:
    book = tmp_path / "b.azw"
    book.write_bytes(head + bytes(200))
    report = validate(book, "b.azw", "default", NotAsked())
    assert report.format is BookFormat.MOBI
    assert [one.rule for one in report.findings] == [rule]
    assert verdict(report) is FileVerdict.REFUSED


def test_the_report_says_what_the_book_is(tmp_path: Path) -> None:
    book = kf8_book(
        tmp_path / "b.azw3", ["<html><body>|<p>One</p>|</body></html>"], said={122: b"true"}
    )
    report = validate(book, "b.azw3", "default", NotAsked())
    assert not blocks(report.findings)
    assert report.format_version == "8"
    assert report.facts["fixed_layout"] is True
    assert report.facts["kindle_version"] == 8


def test_records_that_are_none_are_damage(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE)
    data = book.read_bytes()
    for wrong in (data[:40], data[:80], data[:76] + b"\xff\xff" + data[78:], data[:-100][:200]):
        book.write_bytes(wrong)
        assert rules(book) == ["mobi.damaged"]


def test_statements_that_do_not_fit_are_damage(tmp_path: Path) -> None:
    book = mobi6(tmp_path / "b.mobi", PAGE, {100: b"Ann"})
    data = book.read_bytes()
    at = data.index(b"EXTH")
    for place, number in ((8, 1 << 30), (8, 9), (16, 1 << 20), (16, 3)):
        wrong = bytearray(data)
        struct.pack_into(">I", wrong, at + place, number)
        book.write_bytes(wrong)
        assert rules(book) == ["mobi.damaged"]
    with pytest.raises(BookError):
        kindle.read_exth(book)


@needs_corpus
@pytest.mark.corpus
@pytest.mark.parametrize("name", ["huffcdic.mobi", "kf8-fonts.azw3", "small-mobi6.mobi"])
def test_no_mutant_is_an_exception(tmp_path: Path, name: str) -> None:
    whole, chance = named(f"mobi/{name}").read_bytes(), random.Random(name)
    for _ in range(40):
        mutant = bytearray(whole)
        for _ in range(chance.choice((1, 4, 30))):
            area = min(len(mutant), chance.choice((700, 4000, len(mutant))))
            mutant[chance.randrange(area)] = chance.randrange(256)
        path = tmp_path / "mutant.mobi"
        path.write_bytes(mutant[: chance.choice((len(mutant), chance.randrange(len(mutant))))])
        findings, facts = kindle.inspect(path)
        assert findings or facts.records


NOWHERE = {0x6C: 0xFFFF, 0xC0: 0xFFFF, 0xF4: 0xFFFF, 0x104: 0xFFFF, 0x28: 0xFFFF, 0x2C: 0}


def test_a_record_number_of_sixteen_bits_that_means_none_is_none_behind_the_boundary(
    tmp_path: Path,
) -> None:
    document = "<html><body>|<p>Once upon a time.</p>|</body></html>"
    book = hybrid(tmp_path / "b.mobi", PAGE, [document], NOWHERE)
    findings, facts = kindle.inspect(book)
    assert (findings, facts.hybrid, facts.dictionary) == ((), True, False)


@pytest.mark.parametrize("none", [b"\xff\xff", b"\xff\xff\xff\xff", b"\0\0\xff\xff"])
def test_a_boundary_and_a_cover_of_none_promise_nothing(tmp_path: Path, none: bytes) -> None:
    assert rules(mobi6(tmp_path / "b.mobi", PAGE, {121: none, 201: none})) == []


@pytest.mark.parametrize(
    ("documents", "flows", "rule"),
    [
        ([(0, 1)], [(0, 1)], ""),
        ([(0, 1)] * 30, [(0, 1)], "mobi.damaged"),
        ([(0, 1)], [(0, 1)] * 3, "mobi.damaged"),
        ([(0, 0)] * 10_001, [(0, 1)], "mobi.index-size"),
    ],
)
def test_parts_of_a_book_that_take_the_same_text_are_refused(
    tmp_path: Path, documents: list[tuple[int, int]], flows: list[tuple[int, int]], rule: str
) -> None:
    text = f"<html><body><p>{'Once. ' * 40}</p></body></html>".encode()
    rows = [(b"S", [(1, [0]), (6, [start, end * len(text)])]) for start, end in documents]
    skeletons = index(rows[:7000], [(1, 1, 3), (6, 2, 12)])
    if len(rows) > 7000:  # a second record of the index
        skeletons += index(rows[7000:], [(1, 1, 3), (6, 2, 12)])[1:]
        meta = bytearray(skeletons[0])
        struct.pack_into(">I", meta, 24, 2)
        skeletons[0] = bytes(meta)
    bounds = [place * len(text) for pair in flows for place in pair]
    fdst = b"FDST" + struct.pack(f">II{len(bounds)}I", 12, len(flows), *bounds)
    none = 0xFFFFFFFF
    fields = {0x6C: 2, 0xC0: 2, 0xFC: 3, 0xF8: none, 0xF4: none, 0x104: none}
    first = header(text, {}, fields, version=8)
    assert rules(palm(tmp_path / "b.azw3", [first, text, fdst, *skeletons])) == [rule] * bool(rule)


def test_fragments_that_push_on_what_is_behind_them_are_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = kf8_book(tmp_path / "b.azw3", ["<html><body>|<p>One</p>|</body></html>"])
    monkeypatch.setattr(kf8, "_MOST_MOVED", 5)
    assert rules(book) == ["mobi.damaged"]
