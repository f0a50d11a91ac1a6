"""Containers that lie, escape, explode or are locked: EPUB 3.3 §4."""

import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from ebook_pipeline.books.formats.epub import ocf
from ebook_pipeline.books.formats.epub.zip_structure import Bounds
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity, blocks
from tests.support.books.epub import epub
from tests.support.corpus import case, entries, named, needs_cases, needs_corpus

ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
 xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>
<enc:EncryptionMethod Algorithm="{}"/><enc:CipherData><enc:CipherReference URI="EPUB/one.xhtml"/>
</enc:CipherData></enc:EncryptedData></encryption>"""
AES = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"


def rules(path: Path, bounds: Bounds = ocf.DEFAULT_BOUNDS) -> list[str]:
    return [finding.rule for finding in ocf.inspect(path, bounds).findings]


def patched(path: Path, old: bytes, new: bytes, count: int = -1) -> Path:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, count))
    return path


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "b.epub"


def harmless(count: int) -> dict[str, str]:
    """Entries with a finding each that forbids nothing."""
    return {f"EPUB/junk-{number}\x07.txt": "x" for number in range(count)}


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("../x", b"x", "container.path-escape"),
        ("EPUB/z.bin", bytes(20 << 20), "container.bomb"),
        ("EPUB/z.xml", b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "xml"),
    ],
)
def test_a_hundred_harmless_findings_hide_no_fatal_one(
    book: Path, name: str, data: bytes, rule: str
) -> None:
    container = ocf.inspect(epub(book, {**harmless(150), name: data}))
    assert not container.may_be_opened
    assert container.findings[0].rule.startswith(rule)
    assert len(container.findings) == 100
    assert container.findings[-1].rule == "container.more"
    assert container.findings[-1].message == "There are 52 more findings about the container."
    with pytest.raises(BookError):
        ocf.refuse_unsafe(book)


def test_many_small_bombs_are_one(book: Path) -> None:
    layers = {f"EPUB/{number}.bin": bytes(15 << 20) for number in range(6)}
    assert rules(epub(book, layers)) == ["container.bomb"]


def test_a_text_that_packs_well_is_no_bomb(book: Path) -> None:
    lines = "".join(f"<p>Line {number} of the log.</p>" for number in range(100_000))
    assert rules(epub(book, {"EPUB/log.xhtml": lines})) == []


@needs_cases
@pytest.mark.parametrize("name", ["t_bomb.epub", "t_dupsym.epub"])
def test_what_got_through_by_findings_that_were_cut_is_refused(name: str) -> None:
    assert not ocf.inspect(case(f"hostile/{name}")).may_be_opened


def test_a_sound_container_has_no_finding_and_true_figures(book: Path) -> None:
    container = ocf.inspect(epub(book))
    assert container.findings == ()
    with zipfile.ZipFile(book) as archive:
        sizes = [entry.file_size for entry in archive.infolist()]
    assert (container.entries, container.uncompressed_bytes) == (len(sizes), sum(sizes))


@pytest.mark.parametrize("name", ["../x", "/x", "C:/x", "a/../../x", "\\x", "..\\x"])
def test_a_name_that_leads_out_is_fatal(book: Path, name: str) -> None:
    assert rules(epub(book, {name: "x"})) == ["container.path-escape"]


def test_a_backslash_and_a_control_character_are_errors(book: Path) -> None:
    found = rules(epub(book, {"EPUB\\a.txt": "x", "EPUB/b\x07.txt": "x"}))
    assert found == ["container.path-backslash", "container.path-control"]


def test_a_name_with_a_nul_is_an_error(book: Path) -> None:
    patched(epub(book, {"EPUB/a~b.txt": "x"}), b"EPUB/a~b.txt", b"EPUB/a\0b.txt")
    assert "container.path-control" in rules(book)


def test_two_entries_of_one_name_are_an_error(book: Path) -> None:
    epub(book)
    with warnings.catch_warnings(), zipfile.ZipFile(book, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("EPUB/package.opf", "another")
    assert rules(book) == ["container.duplicate"]


@pytest.mark.parametrize("other", ["EPUB/ONE.xhtml", "EPUB/one.xhtml "])
def test_names_that_some_systems_take_for_one_are_an_error(book: Path, other: str) -> None:
    expected = ["container.duplicate"] if other.strip() == other else []
    assert rules(epub(book, {other: "<p>x</p>"})) == expected


def test_composed_and_decomposed_accents_are_one_name(book: Path) -> None:
    assert rules(epub(book, {"EPUB/\u00e9.txt": "x", "EPUB/e\u0301.txt": "x"})) == [
        "container.duplicate"
    ]


def test_a_link_is_fatal(book: Path) -> None:
    epub(book)
    entry = zipfile.ZipInfo("EPUB/link")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert rules(book) == ["container.symlink"]


def test_a_device_is_fatal(book: Path) -> None:
    epub(book)
    entry = zipfile.ZipInfo("EPUB/device")
    entry.external_attr = 0o020666 << 16
    with zipfile.ZipFile(book, "a") as archive:
        archive.writestr(entry, "")
    assert rules(book) == ["container.special"]


@pytest.mark.parametrize("other", ["EPUB/./one.xhtml", "EPUB//one.xhtml", "EPUB/one.xhtml/x/y.txt"])
def test_names_that_are_one_file_when_unpacked_are_an_error(book: Path, other: str) -> None:
    assert rules(epub(book, {other: "x"})) == ["container.duplicate"]


def test_a_name_that_turns_its_letters_round_is_an_error(book: Path) -> None:
    assert rules(epub(book, {"EPUB/\u202egnp.exe": "x"})) == ["container.path-control"]


def test_two_directories_in_one_container_are_fatal(book: Path) -> None:
    with zipfile.ZipFile(epub(book), "a") as archive:
        archive.comment = b"PK\5\6" + bytes(18)
    assert rules(book) == ["container.header"]


def ended(book: Path) -> tuple[bytes, list[int]]:
    """The container without its end, and the end's fields: disks, entries, length, offset."""
    data = epub(book).read_bytes()
    at = data.rindex(b"PK\5\6")
    return data[:at], list(struct.unpack("<4H2L", data[at + 4 : at + 20]))


def end64(fields: Sequence[int], place: int) -> bytes:
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, *fields)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, place, 1)


def test_a_wide_directory_that_the_narrow_one_points_to_is_sound(book: Path) -> None:
    body, fields = ended(book)
    narrow = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    book.write_bytes(body + end64(fields, len(body)) + narrow)
    assert rules(book) == []


@pytest.mark.parametrize("lie", ["wide", "place", "offset", "comment"])
def test_a_directory_that_only_some_programs_find_is_fatal(book: Path, lie: str) -> None:
    body, fields = ended(book)
    other = [*fields[:4], fields[4] - 50, fields[5]]
    narrow = struct.pack("<4s4H2LH", b"PK\5\6", *(other if lie == "wide" else fields), 0)
    shifted = struct.pack("<4s4H2LH", b"PK\5\6", *fields[:5], fields[5] - 1, 0)
    hidden = struct.pack("<4s4H2LH", b"PK\5\6", *fields, 9)
    ends = {
        "wide": end64(fields, len(body)) + narrow,
        "place": end64(fields, len(body) - 9) + narrow,
        "offset": shifted,
        "comment": narrow[:-2] + struct.pack("<H", len(hidden)) + hidden,
    }
    book.write_bytes(body + ends[lie])
    assert rules(book) == ["container.header"]


def test_an_entry_of_two_sizes_or_two_names_is_fatal(book: Path) -> None:
    data = epub(book).read_bytes()
    book.write_bytes(data[:18] + struct.pack("<I", 19) + data[22:])
    assert rules(book) == ["container.header"]
    entry = zipfile.ZipInfo("EPUB/b.txt")
    other = struct.pack("<BL", 1, zlib.crc32(b"EPUB/b.txt")) + b"../../b.txt"
    entry.extra = struct.pack("<HH", 0x7075, len(other)) + other
    with zipfile.ZipFile(epub(book), "a") as archive:
        archive.writestr(entry, "x")
    assert rules(book) == ["container.header"]


def test_a_plain_comment_is_allowed(book: Path) -> None:
    with zipfile.ZipFile(epub(book), "a") as archive:
        archive.comment = b"made by hand"
    assert rules(book) == []


def test_a_bomb_is_found_without_inflating_it_all(book: Path) -> None:
    epub(book, {"EPUB/zero.txt": b"\0" * (40 << 20)})
    container = ocf.inspect(book)
    assert [one.rule for one in container.findings] == ["container.bomb"]
    assert container.uncompressed_bytes < 20 << 20
    assert not container.may_be_opened


def test_the_whole_book_is_bounded_too(book: Path) -> None:
    epub(book, {"EPUB/a.txt": "x" * 5000, "EPUB/b.txt": "y" * 5000})
    assert rules(book, Bounds(total_bytes=8000)) == ["container.bomb"]
    assert rules(book, Bounds(entries=3)) == ["container.entries"]


def test_a_declared_size_that_lies_is_fatal(book: Path) -> None:
    epub(book, {"EPUB/a.txt": "x" * 5000})
    patched(book, struct.pack("<I", 5000), struct.pack("<I", 50))
    assert rules(book) == ["container.size"]


def test_a_wrong_checksum_is_damage(book: Path) -> None:
    with zipfile.ZipFile(epub(book)) as archive:
        crc = archive.getinfo("EPUB/one.xhtml").CRC
    patched(book, struct.pack("<I", crc), struct.pack("<I", crc ^ 1))
    (finding,) = ocf.inspect(book).findings
    assert (finding.rule, finding.place) == ("container.crc", "EPUB/one.xhtml")


def test_entries_that_share_bytes_are_fatal(book: Path) -> None:
    with zipfile.ZipFile(epub(book, {"EPUB/a.txt": "x" * 99, "EPUB/c.txt": "x" * 99})) as archive:
        first = archive.getinfo("EPUB/a.txt").header_offset
        second = archive.getinfo("EPUB/c.txt").header_offset
    data = book.read_bytes()
    at = data.rindex(b"EPUB/c.txt") - 4
    assert data[at : at + 4] == struct.pack("<I", second)
    book.write_bytes(data[:at] + struct.pack("<I", first) + data[at + 4 :])
    assert {"container.overlap", "container.header"} <= set(rules(book))


def test_headers_that_disagree_on_a_name_are_fatal(book: Path) -> None:
    patched(epub(book, {"EPUB/a.txt": "x"}), b"EPUB/a.txt", b"EPUB/z.txt", 1)
    assert rules(book) == ["container.header"]


def test_a_zip_password_is_protection(book: Path) -> None:
    data = bytearray(epub(book, {"EPUB/a.txt": "x"}).read_bytes())
    local, central = data.index(b"EPUB/a.txt") - 30, data.rindex(b"EPUB/a.txt") - 46
    data[local + 6] |= 1
    data[central + 8] |= 1
    book.write_bytes(data)
    assert rules(book) == ["protection.zip-password"]


def test_a_file_that_was_cut_off_is_unreadable(book: Path) -> None:
    data = epub(book).read_bytes()
    book.write_bytes(data[: len(data) // 2])
    (finding,) = ocf.inspect(book).findings
    assert (finding.rule, finding.severity) == ("container.unreadable", Severity.FATAL)
    assert "cut off" in finding.remedy


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"BZh9", b"\xfd7zXZ\0", b"\x1f\x8b\x08"])
def test_an_archive_in_the_book_is_a_warning(book: Path, start: bytes) -> None:
    assert rules(epub(book, {"EPUB/x.bin": start + b"..."})) == ["container.nested-archive"]


def test_encryption_is_seen_through_malformed_markup(book: Path) -> None:
    files = {"META-INF/encryption.xml": ENCRYPTION.format(AES).replace("</enc:CipherData>", "")}
    assert rules(epub(book, files)) == ["protection.unknown"]


def test_entities_of_the_second_of_two_files_are_found(book: Path) -> None:
    epub(book)
    harm = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///x">]><a>&e;</a>'
    with warnings.catch_warnings(), zipfile.ZipFile(book, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("EPUB/package.opf", harm)
    assert "xml.entity" in rules(book)


def test_obfuscated_fonts_are_legal(book: Path) -> None:
    encryption = ENCRYPTION.format("http://www.idpf.org/2008/embedding")
    container = ocf.inspect(epub(book, {"META-INF/encryption.xml": encryption}))
    assert container.findings == ()
    assert container.protection.obfuscated == {"EPUB/one.xhtml"}


@pytest.mark.parametrize(
    ("scheme", "extra"),
    [
        ("unknown", {}),
        ("readium-lcp", {"META-INF/license.lcpl": "{}"}),
        ("apple-fairplay", {"META-INF/sinf.xml": "<s/>"}),
        ("adobe-adept", {"META-INF/rights.xml": "<r xmlns='http://ns.adobe.com/adept'/>"}),
    ],
)
def test_protection_is_known_by_its_scheme(book: Path, scheme: str, extra: dict[str, str]) -> None:
    files = {"META-INF/encryption.xml": ENCRYPTION.format(AES), **extra}
    container = ocf.inspect(epub(book, files))
    assert [one.rule for one in container.findings] == [f"protection.{scheme}"]
    assert container.protection.encrypted == {"EPUB/one.xhtml"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-32"])
def test_harmful_entities_are_found_in_every_encoding_and_place(book: Path, encoding: str) -> None:
    padding = f"<!--{'x' * 100_000}-->"
    text = f'<?xml version="1.0"?>{padding}<!DOCTYPE a [<!ENTITY e SYSTEM "file:///x">]><a>&e;</a>'
    assert rules(epub(book, {"EPUB/a.xml": text.encode(encoding)})) == ["xml.entity"]


@needs_corpus
@pytest.mark.corpus
def test_no_sound_book_of_the_corpus_is_blamed() -> None:
    blamed = {}
    for entry in entries("novel", "sample", "w3c-test", "epubcheck"):
        container = ocf.inspect(named(entry["name"]))
        if entry["valid"] and container.findings:
            blamed[entry["name"]] = container.findings
        expected = entry["expect"].get("uncompressed_bytes")
        if not blocks(container.findings) and expected is not None:
            assert container.uncompressed_bytes == expected, entry["name"]
            assert container.entries == entry["expect"]["zip_entries"], entry["name"]
    assert blamed == {}


def test_a_container_whose_beginning_is_missing_is_fatal(book: Path) -> None:
    whole = epub(book).read_bytes()
    book.write_bytes(whole[20:])
    assert set(rules(book)) == {"container.header"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_element_of_countless_attributes_meets_no_checker(book: Path, encoding: str) -> None:
    attributes = " ".join(f'a{number}="x"' for number in range(20_000))
    page = f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p {attributes}/></body></html>"
    assert "xml.attributes" in rules(epub(book, {"EPUB/two.xhtml": page.encode(encoding)}))


def test_a_long_picture_in_an_attribute_is_none_of_that(book: Path) -> None:
    page = f"<html><body><img src='data:image/png;base64,{'AAAA' * 100_000}=='/></body></html>"
    assert "xml.attributes" not in rules(epub(book, {"EPUB/two.xhtml": page}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(("deep", "refused"), [(200_000, True), (251, True), (240, False)])
def test_elements_that_nest_without_end_meet_no_checker(
    book: Path, deep: int, refused: bool, encoding: str
) -> None:
    inner = "<i>" * deep + "&nbsp;word" + "</i>" * deep
    page = f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{inner}</p></body></html>"
    found = rules(epub(book, {"EPUB/two.xhtml": page.encode(encoding)}))
    assert ("xml.nesting" in found) is refused


def test_many_elements_one_after_the_other_nest_in_nothing(book: Path) -> None:
    page = f"<html><body>{'<p><i>a</i><br/></p>' * 3000}<p title='<i>'></body></html>"
    assert "xml.nesting" not in rules(epub(book, {"EPUB/two.xhtml": page}))
