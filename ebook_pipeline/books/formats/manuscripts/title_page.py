"""The title page that a manuscript begins with: which of its first lines say what.

What a line says for certain (a label, “by”, what the file's properties know) is told from what is
guessed by its place and look; a guess has its reason. Every line between title and author belongs
to the page: nothing is left out, and nothing moves.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum

from ebook_pipeline.books.formats.manuscripts.person_names import looks_like_name, names_in

MOST_LINES = 8
"""Lines before the text begins, among which a title page is looked for."""
_LONGEST = 120
"""Characters of a line that may be a title or a name."""
_MOST_WORDS = 14
"""Words of a title that is guessed."""
_BY_WORDS = (
    r"(?:written\s+|a\s+novel\s+|told\s+|edited\s+)?by|von|vom|par|por|di|da|door|av|af|przez|napsal|"
    "napsala|írta|kirjoittanut|yazan|scris\\s+de|escrito\\s+por|scritto\\s+da|geschrieben\\s+von|"
    "écrit\\s+par|του|της|автор|מאת|تأليف|بقلم|लेखक"
)
_BY = re.compile(rf"(?:{_BY_WORDS})\s*[:：]?\s+(?P<name>\S.{{1,80}})", re.IGNORECASE)
_BY_AFTER = re.compile(r"(?P<name>\S.{1,40}?)\s*(?:编著|編著|[著作編编]|지음|저|글)")
_BY_ALONE = re.compile(rf"(?:{_BY_WORDS})\s*[:：]?", re.IGNORECASE)
_TITLE_LABELS = (
    "title|titel|titre|título|titulo|titolo|titlu|tytuł|název|název knihy|cím|otsikko|tittel|"
    "başlık|название|заглавие|назва|τίτλος|כותרת|שם הספר|العنوان|عنوان|शीर्षक|书名|書名|标题|標題|"
    "題名|題|タイトル|제목"
)
_AUTHOR_LABELS = (
    "author|authors|autor|autorin|autoren|auteur|auteure|autore|autora|verfasser|verfasserin|"
    "schrijver|författare|forfatter|kirjailija|szerző|yazar|autoři|автор|авторы|συγγραφέας|"
    "מחבר|המחבר|مؤلف|المؤلف|الكاتب|लेखक|作者|著者|作家|저자|지은이|글"
)
_LABELLED = re.compile(
    rf"(?:(?P<title>{_TITLE_LABELS})|(?:{_AUTHOR_LABELS}))\s*[:：]\s*(?P<value>\S.{{0,200}})",
    re.IGNORECASE,
)
_NO_END = (".", ",", ";", ":", "—", "。", "，", "：")
_NO_TITLE = re.compile(
    r"[\"“”„«»‘(\[*_—–-]|(?:for|to) (?:my|our|all|those|the memory)\b|in (?:loving )?memory\b|"
    r"dedicated\b|für (?:mein|unser)|pour (?:ma|mes|mon)\b|à (?:ma|mes|mon)\b|para (?:mi|mis)\b|"
    r"a (?:mi|mis|mia|mio)\b|моей|моему|моим|посвящается|copyright|©|isbn|all rights|https?:|www\.|"
    r"draft\b|page \d|contents$|table of contents|inhalt|sommaire|índice|indice$|содержание|"
    r"оглавление",
    re.IGNORECASE,
)


class LineKind(StrEnum):
    """What a line of a title page is; the values are the classes of our style sheet."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    AUTHOR = "author"
    OTHER = "other"


@dataclass(frozen=True)
class TitlePage:
    """What the first lines say; `lines` are those of the page by their index.

    `guessed` gives the reason for each kind of line that was guessed.
    """

    title: str = ""
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    lines: Mapping[int, LineKind] = field(default_factory=dict)
    guessed: Mapping[LineKind, str] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownTitle:
    """What is known before: it is looked for rather than guessed. `small` as in `person_names`.

    `above` says that the title stands right above the lines that are read.
    """

    title: str = ""
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    above: bool = False
    small: Set[str] = frozenset()


def title_page(front: Sequence[str], known: KnownTitle = KnownTitle()) -> TitlePage | None:
    """The title page in the lines before the text begins; None where there is none.

    A line that can't be part of it (a picture, a table) is empty in `front`.
    """
    lines = front[:MOST_LINES]
    ends = next((n for n, line in enumerate(lines) if not line or len(line) > _LONGEST), len(lines))
    page = _Reading(lines[:ends], known)
    page.read_title()
    page.read_authors()
    return page.result()


class _Reading:
    """One reading of the first lines, each of which is short."""

    def __init__(self, lines: Sequence[str], known: KnownTitle) -> None:
        self._lines = lines
        self._known = known
        self._title = known.title
        self._authors = known.authors
        self._kinds: dict[int, LineKind] = {}
        self._guessed: dict[LineKind, str] = {}

    def read_title(self) -> None:
        """Find the line, or the lines, of the title."""
        if self._known.title:
            self._mark(self._span(self._known.title), LineKind.TITLE)
            return
        for index, line in enumerate(self._lines):
            label = _LABELLED.fullmatch(line)
            if label and label["title"]:
                self._title = label["value"]
                self._mark(range(index, index + 1), LineKind.TITLE)
                return
        first = self._span(", ".join(self._known.authors)).stop
        if first < len(self._lines) and _may_be_title(self._lines[first]):
            self._title = self._lines[first]
            self._kinds[first] = LineKind.TITLE
            if not any(map(_says_author, self._lines[first + 1 : first + 3])):
                self._guessed[LineKind.TITLE] = (
                    "it is the first line, short and without a full stop"
                )

    def read_authors(self) -> None:
        """Find the lines of the authors: named, labelled, after “by”, at last by their look."""
        if self._known.authors:
            known = self._known.authors
            for names in ((", ".join(known),), (" and ".join(known),), (" & ".join(known),), known):
                spans = [self._span(name) for name in names]
                if all(spans):
                    for span in spans:
                        self._mark(span, LineKind.AUTHOR)
                    self._mark_by(min(span.start for span in spans))
                    return
            return
        for index in range(len(self._lines)):
            if index not in self._kinds and self._is_author(index):
                return
        self._guess_author()

    def result(self) -> TitlePage | None:
        """The page from its first marked line to its last; what lies between is part of it."""
        if not self._kinds:
            return None
        subtitle = self._subtitle()
        for index in range(min(self._kinds), max(self._kinds)):
            self._kinds.setdefault(index, LineKind.OTHER)
        return TitlePage(
            self._title, subtitle, self._authors, dict(sorted(self._kinds.items())), self._guessed
        )

    def _is_author(self, index: int) -> bool:
        """Whether the line at `index` names the authors for certain; marks it."""
        line = self._lines[index]
        label = _LABELLED.fullmatch(line)
        value = label["value"] if label and not label["title"] else _name_by(line)
        alone = _BY_ALONE.fullmatch(line) and index + 1 < len(self._lines)
        if alone and not value:
            value = self._lines[index + 1]
            self._kinds[index + 1] = LineKind.AUTHOR
        if not value:
            return False
        self._kinds[index] = LineKind.AUTHOR
        self._authors = names_in(value)
        return True

    def _guess_author(self) -> None:
        """The last of the lines right below the title that look like a name."""
        title = self._last_of_title()
        if title is None:
            return
        below = range(title + 1, min(title + 3, len(self._lines)))
        named = [n for n in below if self._may_be_names(self._lines[n])]
        if named and all(_may_be_title(self._lines[n]) for n in below if n < named[-1]):
            self._authors = names_in(self._lines[named[-1]])
            self._kinds[named[-1]] = LineKind.AUTHOR
            self._guessed[LineKind.AUTHOR] = "it looks like a name and stands below the title"

    def _may_be_names(self, line: str) -> bool:
        return all(looks_like_name(name, self._known.small) for name in names_in(line))

    def _subtitle(self) -> str:
        """The known subtitle, or the one line that stands between title and author."""
        if self._known.subtitle:
            self._mark(self._span(self._known.subtitle), LineKind.SUBTITLE)
            return self._known.subtitle
        title = self._last_of_title()
        authors = [index for index, kind in self._kinds.items() if kind is LineKind.AUTHOR]
        if title is not None and authors and min(authors) == title + 2:
            between = title + 1
            if _may_be_title(self._lines[between]):
                self._kinds[between] = LineKind.SUBTITLE
                self._guessed[LineKind.SUBTITLE] = "it stands between title and author"
                return self._lines[between]
        return ""

    def _last_of_title(self) -> int | None:
        """Where the title ends; None where it stands nowhere."""
        titles = [index for index, kind in self._kinds.items() if kind is LineKind.TITLE]
        return max(titles, default=-1 if self._known.above else None)

    def _span(self, words: str) -> range:
        """The lines that say exactly `words`, with their label or without; empty if none do."""
        for start in range(len(self._lines)):
            for end in range(start + 1, min(start + 3, len(self._lines)) + 1):
                if _same(" ".join(self._lines[start:end]), words):
                    return range(start, end)
        return range(0)

    def _mark(self, span: range, kind: LineKind) -> None:
        for index in span:
            self._kinds.setdefault(index, kind)

    def _mark_by(self, first: int) -> None:
        """A line “by” above the authors belongs to them."""
        if first and _BY_ALONE.fullmatch(self._lines[first - 1]):
            self._kinds.setdefault(first - 1, LineKind.AUTHOR)


def _says_author(line: str) -> bool:
    """Whether the line says for certain who wrote the book, so that a title stands above it."""
    label = _LABELLED.fullmatch(line)
    labelled = label is not None and not label["title"]
    return labelled or bool(_name_by(line)) or _BY_ALONE.fullmatch(line) is not None


def _name_by(line: str) -> str:
    """The name in “by Ann Low”; empty where none stands there."""
    by = _BY.fullmatch(line) or _BY_AFTER.fullmatch(line)
    named = by is not None and (looks_like_name(by["name"]) or _is_caseless(by["name"]))
    return by["name"] if by is not None and named else ""


def _may_be_title(line: str) -> bool:
    words = line.split()
    return (
        len(words) <= _MOST_WORDS
        and not line.endswith(_NO_END)
        and not line[0].islower()
        and any(letter.isalpha() for letter in line)
        and _NO_TITLE.match(line) is None
    )


def _is_caseless(text: str) -> bool:
    """Whether the script knows no capitals, as Hebrew, Arabic and Chinese do."""
    return not any(letter.isupper() or letter.islower() for letter in text) and any(
        letter.isalpha() for letter in text
    )


def _same(line: str, words: str) -> bool:
    label, by = _LABELLED.fullmatch(line), _BY.fullmatch(line)
    values = [line, label["value"] if label else line, by["name"] if by else line]
    wanted = _folded(words)
    return bool(wanted) and any(_folded(value) == wanted for value in values)


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
