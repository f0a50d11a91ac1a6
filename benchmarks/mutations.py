"""Ways to damage a file, each a pure function of its bytes and a seeded random generator.

Blind ones for any format; ones that know numbers, archives and markup, and so reach the code behind
the first check. `mutated` draws one or several of them.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[Random, bytes], bytes]

_LARGEST = 8 << 20  # what a mutant may grow to
_DEEP = 3000
_XML = (".xml", ".opf", ".xhtml", ".html", ".ncx", ".svg", ".rels", ".smil")
_NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_WORDS = (b"-1", b"0", b"65536", b"2147483648", b"99999999999999999999", b"1e308", b"NaN", b"")
_NAMES = ("../../outside.txt", "/etc/passwd", "a" * 300, "x\\y", "a/../../b", "CON", "\ud7ff.xhtml")
_ENTITIES = (
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY e "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    b"<!DOCTYPE x [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/p'> %p;]>",
)
_CHARACTERS = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"&#0;",
    b"&#xFFFF;",
    b"\xef\xbf\xbf",
    b"&e;",
    b"]]>",
)


def mutated(random: Random, data: bytes) -> bytes:
    """`data` with one to four mutations of a kind that suits it."""
    ways: Sequence[Mutation] = BLIND
    if data.startswith(b"PK") and random.random() < 0.8:
        ways = (in_archive,)
    elif _is_text(data) and random.random() < 0.7:
        ways = MARKUP
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        data = random.choice(ways)(random, data)
    return data[:_LARGEST]


def _is_text(data: bytes) -> bool:
    return data.lstrip()[:1] in (b"<", b"{", b"#") or b"\0" not in data[:2000]


def flip_bits(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 8, 64, 512))):
        if changed:
            changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def truncate(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def remove_range(random: Random, data: bytes) -> bytes:
    start, end = _range(random, data)
    return data[:start] + data[end:]


def duplicate_range(random: Random, data: bytes) -> bytes:
    start, end = _range(random, data)
    times = random.choice((1, 1, 2, 50))
    return data[:end] + data[start:end] * times + data[end:]


def splice(random: Random, data: bytes) -> bytes:
    """One part laid over another."""
    start, end = _range(random, data)
    at = random.randrange(len(data) + 1)
    return data[:at] + data[start:end] + data[at + end - start :]


def blank_range(random: Random, data: bytes) -> bytes:
    start, end = _range(random, data)
    return data[:start] + random.choice((b"\0", b"\xff", b" ")) * (end - start) + data[end:]


def set_number(random: Random, data: bytes) -> bytes:
    """A length, count or offset of two or four bytes becomes an extreme one."""
    form = random.choice((">H", "<H", ">I", "<I"))
    size = struct.calcsize(form)
    if len(data) < size:
        return data
    head = random.choice((64, 512, len(data)))  # most counts stand in front
    at = random.randrange(max(1, min(head, len(data)) - size + 1))
    number = random.choice((*_NUMBERS, len(data))) & ((1 << 8 * size) - 1)
    return data[:at] + struct.pack(form, number) + data[at + size :]


def set_digits(random: Random, data: bytes) -> bytes:
    """A number written in digits, as PDF, RTF and XML have them, becomes an extreme one."""
    found = list(re.finditer(rb"\d{1,10}", data[: 1 << 20]))
    if not found:
        return data
    one = random.choice(found)
    return data[: one.start()] + random.choice(_WORDS) + data[one.end() :]


def insert_characters(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_CHARACTERS) * random.choice((1, 3, 2000)) + data[at:]


def delete_tag(random: Random, data: bytes) -> bytes:
    one = _some(random, rb"<[^<>]{1,300}>", data)
    return data if one is None else data[: one.start()] + data[one.end() :]


def duplicate_tag(random: Random, data: bytes) -> bytes:
    one = _some(random, rb"<[^<>]{1,300}>", data)
    return data if one is None else data[: one.end()] + one[0] + data[one.end() :]


def swap_attributes(random: Random, data: bytes) -> bytes:
    """Two attributes exchange their values."""
    one = _some(random, rb'="[^"<>]{0,200}"', data)
    other = _some(random, rb'="[^"<>]{0,200}"', data)
    if one is None or other is None or one.start() == other.start():
        return data
    first, second = sorted((one, other), key=lambda found: found.start())
    middle = data[first.end() : second.start()]
    return data[: first.start()] + second[0] + middle + first[0] + data[second.end() :]


def set_attribute(random: Random, data: bytes) -> bytes:
    one = _some(random, rb'="[^"<>]{0,200}"', data)
    if one is None:
        return data
    value = random.choice((b"", b"../" * 40, b"x" * 70_000, b"%00", b"#", b"file:///etc/passwd"))
    return data[: one.start()] + b'="' + value + b'"' + data[one.end() :]


def inject_entity(random: Random, data: bytes) -> bytes:
    root = re.search(rb"<[A-Za-z]", data)
    at = root.start() if root else 0
    text = _some(random, rb">[^<]", data)
    with_use = data if text is None else data[: text.start() + 1] + b"&e;" + data[text.end() - 1 :]
    return with_use[:at] + random.choice(_ENTITIES) + with_use[at:]


def nest_deeply(random: Random, data: bytes) -> bytes:
    one = _some(random, rb"<[A-Za-z][\w:]{0,20}", data)
    name = one[0][1:] if one else b"div"
    at = random.choice([found.end() for found in re.finditer(rb">", data)] or [0])
    depth = random.choice((100, _DEEP, 20 * _DEEP))
    closing = (b"</" + name + b">") * random.choice((0, depth))
    return data[:at] + (b"<" + name + b">") * depth + closing + data[at:]


def change_encoding(random: Random, data: bytes) -> bytes:
    wanted = random.choice((b"utf-16", b"ebcdic-cp-us", b"utf-7", b"x-no-such", b"iso-8859-1"))
    return re.sub(rb'encoding="[^"]{0,40}"', b'encoding="' + wanted + b'"', data, count=1)


def in_archive(random: Random, data: bytes) -> bytes:
    """An entry's own bytes changed and packed again with a right checksum, or its name changed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [(info, archive.read(info)) for info in archive.infolist()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return random.choice(BLIND)(random, data)
    if not entries:
        return data
    at = _favoured(random, [info.filename for info, _ in entries])
    info, content = entries[at]
    kind = random.random()
    if kind < 0.85:
        ways = MARKUP if info.filename.lower().endswith(_XML) else BLIND
        entries[at] = (info, random.choice(ways)(random, content)[:_LARGEST])
    elif kind < 0.9:
        del entries[at]
    elif kind < 0.95:
        entries.insert(random.randrange(len(entries) + 1), entries[at])
    else:
        info.filename = random.choice(_NAMES)
    return _packed(entries)


def _favoured(random: Random, names: Sequence[str]) -> int:
    """Any entry, but more often one that says how the others are to be read."""
    telling = [at for at, name in enumerate(names) if name.lower().endswith(_XML)]
    among = telling if telling and random.random() < 0.7 else range(len(names))
    return random.choice(among)


def _packed(entries: Sequence[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for info, content in entries:
            fresh = zipfile.ZipInfo(info.filename, info.date_time)
            fresh.compress_type = info.compress_type
            archive.NameToInfo.pop(fresh.filename, None)  # two of one name are meant
            archive.writestr(fresh, content)
    return written.getvalue()


def _range(random: Random, data: bytes) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.choice((1, 4, 64, 1024, 65536)))


def _some(random: Random, pattern: bytes, data: bytes) -> re.Match[bytes] | None:
    found = list(re.finditer(pattern, data[: 1 << 20]))
    return random.choice(found) if found else None


BLIND: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits,
    truncate,
    remove_range,
    duplicate_range,
    splice,
    blank_range,
    set_number,
    set_number,
    set_digits,
    set_digits,
)
MARKUP: tuple[Mutation, ...] = (
    flip_bits,
    truncate,
    remove_range,
    duplicate_range,
    splice,
    set_digits,
    insert_characters,
    delete_tag,
    duplicate_tag,
    swap_attributes,
    set_attribute,
    inject_entity,
    nest_deeply,
    change_encoding,
)
