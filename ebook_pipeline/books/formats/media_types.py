"""What a submitted file really is, judged by its bytes; its name is a claim to be checked."""

import codecs
import re
import zipfile
from pathlib import Path, PurePosixPath

from ebook_pipeline.books.formats.epub.zip_structure import Bounds, directory_finding
from ebook_pipeline.books.formats.unmarked_unicode import unmarked_unicode
from ebook_pipeline.books.formats.zip_faults import zip_faults
from ebook_pipeline.books.records import BookFormat
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Finding, Severity

MEDIA_TYPES = {
    BookFormat.EPUB: "application/epub+zip",
    BookFormat.PDF: "application/pdf",
    BookFormat.MOBI: "application/x-mobipocket-ebook",
    BookFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    BookFormat.ODT: "application/vnd.oasis.opendocument.text",
    BookFormat.RTF: "application/rtf",
    BookFormat.HTML: "text/html",
    BookFormat.MARKDOWN: "text/markdown",
    BookFormat.TEXT: "text/plain",
    BookFormat.UNKNOWN: "application/octet-stream",
}
EXTENSIONS = {
    BookFormat.EPUB: ("epub", "epub3"),
    BookFormat.PDF: ("pdf",),
    BookFormat.MOBI: ("mobi", "azw", "azw3", "azw4", "prc", "pdb", "kf8", "kfx", "tpz"),
    BookFormat.DOCX: ("docx", "docm"),
    BookFormat.ODT: ("odt",),
    BookFormat.RTF: ("rtf",),
    BookFormat.HTML: ("html", "htm", "xhtml"),
    BookFormat.MARKDOWN: ("md", "markdown", "txt", "text"),
    BookFormat.TEXT: ("txt", "text", "md", "markdown"),
}
_HEAD = 65_536
"""Bytes by which a format is told."""
_PDF_HEADER_WITHIN = 1024
"""Bytes within which ``%PDF-`` must stand, as Acrobat asks: PDF Reference 1.7, appendix H."""
_LARGEST_NAME_FILE = 4096
"""Bytes of a container's ``mimetype`` that are read."""
_LARGEST_TYPES = 1 << 20
"""Bytes of a package's ``[Content_Types].xml`` that are read."""
_WORD_TYPE = b"wordprocessingml.document.main+xml"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^(?:#{1,6} \S|\[(?:[^\[\]]|(?<=\\)\[)+\]: \S|```)|^\S.*\n(?:===+|---+)[ \t]*$|"
    r"\[(?:[^\[\]]+|[^\[\]]*\[)\]\((?:[^)\]]|\](?!\())+\)|"
    r"\*\*\w[^*\n]{0,200}\*\*",
    re.MULTILINE,
)
"""Marks that plain text has not."""
_LISTED = re.compile(r"^(?:[*+-] \w|> \S)", re.MULTILINE)
"""Lists and quotations, as plain text writes them too."""
_FRONT_MATTER = re.compile(
    r"\s*(?:\+\+\+[ \t]*\r?\n.*?^\+\+\+|"
    r"---[ \t]*\r?\n[A-Za-z_][\w -]{0,40}:(?:\s.*?)?^(?:---|\.\.\.)|"
    r"\{\s*\"[^\"\n]{1,40}\"\s*:.*?^\})"
    r"[ \t]*$|\s*#{1,3} \S[^\n]*\n[ \t]*\r?\n|"
    r"\s*(?:%[ \t]*\S[^\n]*\n(?:[ \t]+\S[^\n]*\n)*){2,3}[ \t]*\r?\n",
    re.MULTILINE | re.DOTALL,
)
"""What only Markdown begins with: a block that describes it, pandoc's title block, a heading."""
_APART = re.compile(r"(?:\A|\n[ \t]*+\n)#{1,6} [^\W\d_][^\n]*+(?=\Z|\n[ \t]*+(?:\n|\Z))")
"""A heading between blank lines, of which one is enough."""
_PALM_TYPES = (b"BOOKMOBI", b"TEXtREAd")
_OTHER_KINDLE = (b"TPZ", b"\xeaDRMION\xee", b"CONT\1\0", b"CONT\2\0")
"""Beginnings of Topaz and KFX, which are no Palm databases: recognised to be refused by name."""


def sniff(path: Path) -> BookFormat:
    """The format of the file at `path` by its content.

    Raises BookError (``media-type.empty``) for an empty file. What is recognised may still be
    damaged: that is validation's to find.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise BookError(
            "media-type.empty", "The file is empty.", remedy="Send the file again, it has 0 bytes."
        )
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(path, head)
    if head[60:68] in _PALM_TYPES or (head.startswith(_OTHER_KINDLE) and b"\0" in head[:64]):
        return BookFormat.MOBI
    if b"%PDF-" in head[:_PDF_HEADER_WITHIN]:
        return BookFormat.PDF
    return _text_format(head)


def media_type(format_: BookFormat) -> str:
    """The IANA media type under which a file of this format is stored."""
    return MEDIA_TYPES[format_]


def extension_finding(source: str, format_: BookFormat) -> Finding | None:
    """The error that a name gets which says another format than the content; None if it agrees."""
    extension = PurePosixPath(source).suffix.lower().lstrip(".")
    claimed = {format_ for format_, endings in EXTENSIONS.items() if extension in endings}
    if not claimed or format_ in claimed or format_ is BookFormat.UNKNOWN:
        return None
    return Finding(
        rule="media-type.extension",
        severity=Severity.ERROR,
        message=f"The file is called .{extension}, its content is {format_.value.upper()}.",
        place=source,
        remedy=f"Name it .{EXTENSIONS[format_][0]}, or send the file that you meant.",
    )


def _zip_format(path: Path, head: bytes) -> BookFormat:
    """By the first entry's name and bytes, else by the directory; a cut-off EPUB is an EPUB."""
    name_length = int.from_bytes(head[26:28], "little")
    extra_length = int.from_bytes(head[28:30], "little")
    start = 30 + name_length + extra_length
    if head[30 : 30 + name_length] == b"mimetype":
        declared = head[start : start + 64]
        if declared.startswith(b"application/epub+zip"):
            return BookFormat.EPUB
        if declared.startswith(b"application/vnd.oasis.opendocument.text"):
            return BookFormat.ODT
    return _by_directory(path, head)


def _by_directory(path: Path, head: bytes) -> BookFormat:
    try:
        if directory_finding(path, Bounds()) is not None:
            return _by_head(head)
        with zip_faults(), zipfile.ZipFile(path) as file:
            names = {entry.filename for entry in file.infolist()[:100_000]}
            declared = _mimetype(file)
            word = "word/document.xml" in names or _is_word(file)
    except zipfile.BadZipFile:
        return _by_head(head)
    if declared == b"application/epub+zip" or "META-INF/container.xml" in names:
        return BookFormat.EPUB
    if declared.startswith(b"application/vnd.oasis.opendocument.text"):
        return BookFormat.ODT
    return BookFormat.DOCX if word else BookFormat.UNKNOWN


def _by_head(head: bytes) -> BookFormat:
    """A container without a directory, for it was cut off, by the first names in it."""
    if b"META-INF/container.xml" in head:
        return BookFormat.EPUB
    return BookFormat.DOCX if b"word/document.xml" in head else BookFormat.UNKNOWN


def _is_word(file: zipfile.ZipFile) -> bool:
    """Whether a package says that its main part, whatever its name, is a Word document."""
    types = _start(file, "[Content_Types].xml", _LARGEST_TYPES)
    return _WORD_TYPE in types


def _mimetype(file: zipfile.ZipFile) -> bytes:
    return _start(file, "mimetype", _LARGEST_NAME_FILE).strip()


def _start(file: zipfile.ZipFile, name: str, length: int) -> bytes:
    try:
        with zip_faults(), file.open(name) as stream:
            return stream.read(length)
    except (KeyError, zipfile.BadZipFile):
        return b""


def _text_format(head: bytes) -> BookFormat:
    if head.startswith(b"{\\rtf"):
        return BookFormat.RTF
    text = _decoded(head)
    if text is None:
        return BookFormat.UNKNOWN
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _HTML.search(text[:4096].encode()):
        return BookFormat.HTML
    marks = len(_MARKDOWN.findall(text))
    marked = marks > 1 or (marks and (_LISTED.search(text) or _APART.search(text)))
    return BookFormat.MARKDOWN if marked or _FRONT_MATTER.match(text) else BookFormat.TEXT


def _decoded(head: bytes) -> str | None:
    """`head` as text: UTF-8, UTF-16 or UTF-32, else an eight-bit encoding without controls."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return head.decode("utf-32", "replace")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    if b"\0" in head:
        codec = unmarked_unicode(head)
        return head.decode(codec, "replace") if codec else None
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        return decoder.decode(head)
    except UnicodeDecodeError:
        text = head.decode("cp1252", "replace")
    odd = sum(1 for letter in text if letter < " " and letter not in "\t\r\n\f")
    return text if odd <= len(text) // 1000 else None
