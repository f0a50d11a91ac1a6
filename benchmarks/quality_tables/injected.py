"""Defects put into clean books, each always the same for the same book and seed."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree
from PIL import Image, ImageFilter

from ebook_pipeline.books.formats.epub.package import PackageDocument, read_package
from ebook_pipeline.books.judging import chapters, numbering

SEED = 5
LEAST_WORDS = 800
"""Chapters shorter than this are left alone."""
SMALLEST = 300
"""Pixels of a side below which a picture is no picture to spoil."""
_TEXT = re.compile(r">([^<>]*[^<>\s][^<>]*)<")
_WORD = re.compile(r"(?<![&#\w])[A-Za-z]{3,}(?![;\w])")
_PARAGRAPH = re.compile(r"<p\b[^>]*>.*?</p>", re.DOTALL)
_MISREAD = (("m", "rn"), ("e", "c"), ("h", "b"), ("l", "1"), ("o", "0"), ("d", "cl"), ("i", "l"))
LOREM = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut"
    " labore et dolore magna aliqua."
)
PROFANE = (
    "“Fuck off, you little shit,” he said, and slit his throat; the pool of blood spread to the"
    " door. “Fuck them all.”"
)
MACHINE = "Certainly! Here is the next chapter, with more suspense. I hope this helps!"
FRENCH = (
    "Il était une fois, dans un petit village au bord de la rivière, une vieille dame qui vivait"
    " seule avec ses chats et ne parlait jamais à personne. Chaque matin, elle ouvrait ses volets,"
    " regardait passer les bateaux et pensait aux années où sa maison était pleine d’enfants. "
)


@dataclass(frozen=True)
class Clean:
    """A book of the corpus, its documents read once; `spoilt` writes it with some files changed."""

    path: Path

    @cached_property
    def package(self) -> PackageDocument:
        return read_package(self.path)

    @cached_property
    def documents(self) -> list[chapters.ParsedChapter]:
        return list(chapters.read(self.path, self.package))

    @cached_property
    def long(self) -> list[chapters.ParsedChapter]:
        """The chapters that defects are put into, the first and last left out."""
        found = [one for one in self.documents if one.words >= LEAST_WORDS]
        return found[1:-1] or found

    def source(self, name: str) -> str:
        with zipfile.ZipFile(self.path) as container:
            return container.read(name).decode()

    def data(self, name: str) -> bytes:
        with zipfile.ZipFile(self.path) as container:
            return container.read(name)

    def spoilt(self, changed: Mapping[str, bytes | None], to: Path) -> Path:
        """The book with these files instead; None leaves one out."""
        with zipfile.ZipFile(self.path) as before, zipfile.ZipFile(to, "w") as after:
            for entry in before.infolist():
                data = changed.get(entry.filename, before.read(entry.filename))
                if data is not None:
                    after.writestr(entry, data)
        return to


Spoil = Callable[[Clean, random.Random], dict[str, bytes | None] | None]
"""The files changed; None where the book has no place for the defect."""


def spoilers() -> dict[str, tuple[Spoil, tuple[str, ...]]]:
    """By defect: who makes it, and the rules one of which should say so."""
    return {
        "swapped quotes": (swapped_quotes, ("typography.misplaced-quote",)),
        "dropped chapter": (dropped_chapter, ("plausibility.missing-chapter",)),
        "duplicated chapter": (duplicated_chapter, ("plausibility.repeated-chapter",)),
        "chapter twice, 3 % reworded": (reworded_chapter, ("plausibility.repeated-chapter",)),
        "cut-off chapter": (cut_off, ("plausibility.cut-off",)),
        "chapter in French": (french_chapter, ("plausibility.chapter-language",)),
        "lorem ipsum": (_inserted(LOREM), ("plausibility.lorem",)),
        "placeholder": (_inserted("[insert the duel here]"), ("plausibility.placeholder",)),
        "machine’s words": (_inserted(MACHINE), ("plausibility.machine-talk",)),
        "profane passage, for children": (_inserted(PROFANE), ("appropriateness.audience",)),
        "OCR noise": (ocr_noise, ("plausibility.misread",)),
        "wrong encoding": (mojibake, ("plausibility.garbled",)),
        "hyphens of line ends": (line_ends, ("typography.line-end-hyphen",)),
    }


def swapped_quotes(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    """Ten quotations of one chapter the wrong way round: ”so“."""
    quoting = [one for one in book.long if one.text.count("“") >= 10]
    if not quoting:
        return None
    place = draw.choice(quoting).place
    count = iter(range(10**6))
    swapped = re.sub(
        r"“([^“”<>]{3,300})”",
        lambda match: f"”{match[1]}“" if next(count) < 10 else match[0],
        book.source(place),
    )
    return {place: swapped.encode()}


def dropped_chapter(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    """One numbered chapter gone from the container, the package and the contents."""
    runs = numbering.sequences(numbering.headings(book.documents))
    inner = [one.heading.place for run in runs if len(run) > 2 for one in run[1:-1]]
    alone = [place for place in inner if inner.count(place) == 1]
    if not alone:
        return None
    place = draw.choice(alone)
    item = book.package.item_at(place)
    assert item is not None
    opf = book.source(book.package.path)
    opf = re.sub(rf'<item\b[^>]*\bid="{re.escape(item.id)}"[^>]*/>', "", opf)
    opf = re.sub(rf'<itemref\b[^>]*\bidref="{re.escape(item.id)}"[^>]*/>', "", opf)
    changed: dict[str, bytes | None] = {place: None, book.package.path: opf.encode()}
    for contents in filter(None, (book.package.nav, book.package.ncx)):
        changed[contents] = _without(book.data(contents), Path(place).name)
    return changed


def _without(contents: bytes, name: str) -> bytes:
    """A table of contents without the entry of that file."""
    root = etree.fromstring(contents)
    for node in [one for one in root.iter() if str(one.tag).endswith(("}li", "}navPoint"))]:
        links = [one.get("href") or one.get("src") for one in node.iter()]
        first, above = next(filter(None, links), ""), node.getparent()
        if above is not None and first.partition("#")[0].endswith(name):
            above.remove(node)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def duplicated_chapter(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    if len(book.long) < 2:
        return None
    one, other = draw.sample(book.long, 2)
    return {other.place: _with_body(book.source(other.place), _body(book.source(one.place)))}


def reworded_chapter(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    if len(book.long) < 2:
        return None
    one, other = draw.sample(book.long, 2)
    body = _words(_body(book.source(one.place)), 0.03, draw, lambda _: "other")
    return {other.place: _with_body(book.source(other.place), body)}


def cut_off(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    """The chapter ends in its middle, after some word of a long sentence."""
    place = draw.choice(book.long).place
    source = book.source(place)
    paragraphs = list(_PARAGRAPH.finditer(source))
    for one in paragraphs[len(paragraphs) // 2 :]:
        cut = re.search(r"[a-z]{3,} (?=[a-z]{3,})", source[one.start() + 120 : one.end() - 40])
        if cut:
            end = one.start() + 120 + cut.end()
            kept = re.sub(r"\s+$", "", source[:end])
            return {place: _closed(kept).encode()}
    return None


def _closed(kept: str) -> str:
    """`kept` with an end tag for each element that is open."""
    opened: list[str] = []
    for tag in re.finditer(r"<(/?)([\w:-]+)[^<>]*?(/?)>", kept[kept.index("<html") :]):
        if tag[1]:
            opened.pop()
        elif not tag[3]:
            opened.append(tag[2])
    return kept + "".join(f"</{name}>" for name in reversed(opened))


def french_chapter(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    place = draw.choice(book.long).place
    return {place: _with_body(book.source(place), f"<p>{FRENCH * 6}</p>")}


def _inserted(words: str) -> Spoil:
    """One paragraph more, in the middle of a chapter."""

    def spoil(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
        place = draw.choice(book.long).place
        source = book.source(place)
        paragraphs = list(_PARAGRAPH.finditer(source))
        if not paragraphs:
            return None
        at = paragraphs[len(paragraphs) // 2].end()
        return {place: f"{source[:at]}<p>{words}</p>{source[at:]}".encode()}

    return spoil


def ocr_noise(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    """One word in fifty of a chapter misread, as printed letters are."""

    def misread(word: str) -> str:
        fitting = [(right, wrong) for right, wrong in _MISREAD if right in word[1:]]
        right, wrong = draw.choice(fitting) if fitting else ("", "")
        return word[0] + word[1:].replace(right, wrong, 1) if fitting else word

    place = draw.choice(book.long).place
    source = book.source(place)
    return {place: _with_body(source, _words(_body(source), 0.02, draw, misread))}


def mojibake(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    """A chapter in UTF-8 read as Windows-1252."""
    marked = [one for one in book.long if re.search("[’“—é]", one.text)]
    if not marked:
        return None
    place = draw.choice(marked).place
    wrong = re.sub(
        "[’“—é]",
        lambda match: match[0].encode().decode("cp1252", errors="replace"),
        _body(book.source(place)),
    )
    return {place: _with_body(book.source(place), wrong)}


def line_ends(book: Clean, draw: random.Random) -> dict[str, bytes | None] | None:
    """Twenty long words of a chapter broken as at the ends of lines."""
    place = draw.choice(book.long).place
    left = [20]

    def broken(word: str) -> str:
        left[0] -= len(word) >= 7
        return f"{word[:4]}- {word[4:]}" if len(word) >= 7 and left[0] >= 0 else word

    source = book.source(place)
    return {place: _with_body(source, _words(_body(source), 0.2, draw, broken))}


def spoilt_picture(data: bytes, how: str) -> bytes | None:
    """The picture blurred or enlarged, saved as it was; None for one too small."""
    with Image.open(io.BytesIO(data)) as picture:
        kind, image = picture.format, picture.convert("RGB")
    wide, high = image.size
    if min(wide, high) < SMALLEST:
        return None
    if how == "blurred":
        image = image.filter(ImageFilter.GaussianBlur(2))
    else:
        small = image.resize((wide // 2, high // 2), Image.Resampling.LANCZOS)
        image = small.resize((wide, high), Image.Resampling.BICUBIC)
    stream = io.BytesIO()
    image.save(stream, kind or "PNG", **({"quality": 85} if kind == "JPEG" else {}))
    return stream.getvalue()


def _body(source: str) -> str:
    return re.sub(r"^.*?<body\b[^>]*>|</body>.*$", "", source, flags=re.DOTALL)


def _with_body(source: str, body: str) -> bytes:
    start = re.search(r"<body\b[^>]*>", source)
    assert start is not None
    return f"{source[: start.end()]}{body}{source[source.rindex('</body>') :]}".encode()


def _words(markup: str, rate: float, draw: random.Random, change: Callable[[str], str]) -> str:
    """`markup` with so many of the words of its text changed, tags and entities left alone."""

    def word(match: re.Match[str]) -> str:
        return change(match[0]) if draw.random() < rate else match[0]

    def text(match: re.Match[str]) -> str:
        return f">{_WORD.sub(word, match[1])}<"

    return _TEXT.sub(text, f">{markup}<")[1:-1]
