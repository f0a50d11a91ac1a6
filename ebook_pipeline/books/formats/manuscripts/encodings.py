"""Bytes of a text file as text: which encoding, and what could not be read in it."""

import codecs
import re
from dataclasses import dataclass

from ebook_pipeline.books.formats.manuscripts import alphabets, manuscript_findings
from ebook_pipeline.books.formats.manuscripts.mixed_encoding import mend_lines
from ebook_pipeline.books.formats.unmarked_unicode import unmarked_unicode
from ebook_pipeline.foundation.findings import Finding

LARGEST_TEXT = 64 << 20
"""Bytes of a manuscript that is one text."""
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{2,40})""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"cp1252": "Windows-1252", "mac_roman": "Mac OS Roman", "latin_1": "ISO 8859-1"}
_ISO_2022 = {
    b"\x1b$@": "iso2022_jp",
    b"\x1b$B": "iso2022_jp",
    b"\x1b$(D": "iso2022_jp_1",
    b"\x1b$)C": "iso2022_kr",
}
_ESCAPES = re.compile(b"|".join(map(re.escape, _ISO_2022)))
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_SAMPLE = 1 << 20
"""Bytes by which an encoding is guessed."""
_BROKEN = 0.001
"""Share of unreadable characters, 0 to 1, up to which a text is UTF-8 with a few faults."""
_GOOD_TO_WRONG = 10
"""Times that readable non-ASCII characters must outnumber unreadable ones in such a text."""
_WESTERN_SHARE = 0.98
"""Share of the bytes above ASCII, 0 to 1, that are letters of Western Europe in Windows-1252."""
_LONGEST_LINE = 1 << 20
"""Characters of a line; no paragraph of a book has more."""
_READ_AS = "The text is read as {}."
_RESAVE = "Save the text as UTF-8."
REPLACED = "\N{REPLACEMENT CHARACTER}"
_WESTERN_NAMES = """
cp1250 cp1254 cp1257 cp1258 latin_1 iso8859_2 iso8859_9 iso8859_15 iso8859_16 cp775
"""
_WESTERN = frozenset(_WESTERN_NAMES.split())
_IDEOGRAPH = re.compile("[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u9fff\uac00-\ud7a3]")
_AMONG_LATIN = re.compile(f"(?<=[a-z]){_IDEOGRAPH.pattern}|{_IDEOGRAPH.pattern}(?=[a-z])")
_HIRAGANA = re.compile("[\u3041-\u3096]")
_KANA = 0.2
"""Share of hiragana among all letters, 0 to 1, from which a text is Japanese."""
_USUAL = 0.9
"""Share of usual syllables, 0 to 1, that a Korean text has."""
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_MIXED = 0.2
"""Share of ideographs, 0 to 1, that may touch small Latin letters, or be half as wide."""
_SURE = re.compile(rb"[\x80-\xff]")
_COMMON = frozenset(
    b"\x85\x91\x92\x93\x94\x96\x97\xa0\xa3\xa9\xab\xbb\xb0\xe0\xe1\xe2\xe4\xe6\xe7\xe8\xe9\xea\xeb"
    b"\xed\xee\xef\xf1\xf3\xf4\xf6\xf9\xfa\xfb\xfc\xdf\xc4\xc9\xd6\xdc\xc0\xc8\xd1\xe5\xf8\xbf\xa1"
)


@dataclass(frozen=True)
class DecodedText:
    """Text with ``\\n`` as its line end and without control characters; how it was read."""

    text: str
    encoding: str
    findings: tuple[Finding, ...]


def decode_text(data: bytes, *, declares: bool = False) -> DecodedText:
    """`data` as text: by its byte order mark, its declaration (HTML only), UTF-8, or its letters.

    Raises BookError (``manuscript.size``) over 64 MiB.
    """
    if len(data) > LARGEST_TEXT:
        raise manuscript_findings.too_large()
    text, encoding, mended = _decoded(data, declares)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    findings = [*_encoding_findings(text, encoding), *_content_findings(text)]
    findings += [_mended_finding(mended)] if mended else []
    return DecodedText(_CONTROLS.sub("", text), encoding, tuple(findings))


def _decoded(data: bytes, declares: bool) -> tuple[str, str, tuple[int, ...]]:
    """The text, its encoding, and the lines of it that were in another."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "")
    certain = marked if marked != "utf-8-sig" else ""
    certain = certain or unmarked_unicode(data) or _escaped(data)
    if certain:
        return data.decode(certain, "replace"), certain, ()
    data = data.removeprefix(codecs.BOM_UTF8)
    declared = _declared(data) if declares else ""
    for encoding in ("utf-8", declared):
        try:
            return data.decode(encoding), encoding, ()
        except (UnicodeDecodeError, LookupError):
            continue
    mended = mend_lines(data, _guessed)
    if mended is not None:
        return mended.text, "utf-8", mended.lines
    if marked or _is_broken_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8", ()
    encoding = _guessed(data)
    return data.decode(encoding, "replace"), encoding, ()


def _escaped(data: bytes) -> str:
    """ISO 2022 switches its sets by escapes, all in seven bits; RFC 1468, RFC 1557."""
    found = _ESCAPES.search(data[:_SAMPLE]) if data.isascii() else None
    return _ISO_2022[found[0]] if found else ""


def _declared(data: bytes) -> str:
    declaration = _XML_DECLARED.match(data[:512]) or _DECLARED.search(data[:4096])
    if not declaration:
        return ""
    name = declaration[1].decode().lower()
    return "cp1252" if name in ("iso-8859-1", "latin1", "us-ascii", "ascii") else name


def _is_broken_utf8(data: bytes) -> bool:
    """Mostly UTF-8, with a few bytes that are not: a few replaced are better than all wrong."""
    text = data.decode("utf-8", "replace")
    wrong = text.count(REPLACED)
    good = sum(1 for letter in text if letter > "\x7f") - wrong
    return good > _GOOD_TO_WRONG * wrong and wrong <= max(1, len(text) * _BROKEN)


def _guessed(data: bytes) -> str:
    """By frequencies; where that reads as no language, the encoding in which it does."""
    encoding = _by_frequencies(data)
    if encoding == "cp1252" and _reads_as_western(data):
        return encoding
    sample = data[:_SAMPLE]
    text = sample.decode(encoding, "replace")
    if encoding in ("cp949", "johab") and not _is_usual_korean(text) and _is_japanese(sample):
        return "cp932"
    ideographs = _IDEOGRAPH.search(text) or _HALF_WIDTH.search(text)
    if _is_east_asian(text) or (alphabets.reads_well(text) is not False and not ideographs):
        return encoding
    return alphabets.encoding_that_reads_well(sample) or encoding


def _is_usual_korean(text: str) -> bool:
    """Whether most syllables are of KS X 1001, which has those that are in use."""
    usual = len(text.encode("iso2022_kr", "ignore").decode("iso2022_kr"))  # euc_kr composes others
    return usual >= len(text) * _USUAL


def _is_japanese(data: bytes) -> bool:
    text = data.decode("cp932", "replace")
    return len(_HIRAGANA.findall(text)) > len(_IDEOGRAPH.findall(text)) * _KANA


def _is_east_asian(text: str) -> bool:
    """Whether there are letters of no alphabet, mostly beside their like and of full width."""
    high = len(_IDEOGRAPH.findall(text))
    odd = len(_AMONG_LATIN.findall(text)) + len(_HALF_WIDTH.findall(text))
    return high > 0 and odd < high * _MIXED


def _by_frequencies(data: bytes) -> str:
    """Windows-1252 where that is possible: a guess can't tell it from encodings like it."""
    import charset_normalizer

    best = charset_normalizer.from_bytes(data[:_SAMPLE]).best()
    if best is None or "cp1252" in (best.encoding, *best.could_be_from_charset):
        return "cp1252"
    if best.encoding in _WESTERN and _reads_as_western(data):
        return "cp1252"
    return best.encoding


def _reads_as_western(data: bytes) -> bool:
    """Whether nearly every byte above ASCII is a quotation mark, dash or Western letter."""
    high = _SURE.findall(data[:_SAMPLE])
    return sum(byte[0] in _COMMON for byte in high) >= len(high) * _WESTERN_SHARE


def _encoding_findings(text: str, encoding: str) -> list[Finding]:
    findings = []
    if encoding not in ("utf-8", "utf-8-sig"):
        name = _NAMES.get(encoding, encoding.upper().replace("_", "-"))
        findings.append(
            manuscript_findings.info("manuscript.encoding", _READ_AS.format(name), _RESAVE)
        )
    wrong = text.count(REPLACED)
    if wrong:
        line = text.count("\n", 0, text.index(REPLACED)) + 1
        text = f"{wrong} characters can not be read; they show as {REPLACED}."
        findings.append(
            manuscript_findings.warning("manuscript.undecodable", text, _RESAVE, f"line {line}")
        )
    return findings


def _mended_finding(lines: tuple[int, ...]) -> Finding:
    """What was no UTF-8 among what is; `lines` are those that a person should look at."""
    more = f" So are {len(lines) - 1} more lines." if len(lines) > 1 else ""
    return manuscript_findings.warning(
        "manuscript.mixed-encoding",
        f"Line {lines[0]} is in the letters of an old program, the rest in UTF-8.{more}",
        "Look at these lines, then save the text as UTF-8.",
        f"line {lines[0]}",
    )


def _content_findings(text: str) -> list[Finding]:
    findings = []
    controls = len(_CONTROLS.findall(text))
    if controls:
        message = f"The text holds {controls} control characters; they are left out."
        remedy = "Save it as plain text from the program that it was written in."
        findings.append(
            manuscript_findings.warning("manuscript.control-characters", message, remedy)
        )
    return findings


def long_line_finding(text: str) -> Finding | None:
    """The warning for a line longer than any paragraph of a book, or None."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            message = f"Line {number} has {len(line):,} characters: that is no paragraph."
            remedy = "Put line breaks between the paragraphs; take data out of the text."
            return manuscript_findings.warning(
                "manuscript.long-line", message, remedy, f"line {number}"
            )
    return None
