"""One document of a book as a page for a reviewer, the words of its findings marked.

Nothing of the book acts in it (`formats/epub/harmless.py`), so that it may be shown in a frame
beside a desk's own page. The links to the documents before and after are ours.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from lxml import etree

from ebook_pipeline.books.formats.epub import archive, content, harmless, xml
from ebook_pipeline.books.formats.epub.package import PackageDocument, package_in
from ebook_pipeline.books.records import Record

HERE = "here"
"""The id of the words that the page was opened for."""
_MOST_MARKS = 500
_STYLE = """
body { margin: 0 auto; padding: 1em 1.4em 4em; max-width: 36em; font: 1.06em/1.65 Georgia, serif;
  color: #221d17; background: #fffefb; overflow-wrap: break-word }
h1, h2, h3, h4 { line-height: 1.25 }
img { max-width: 100%; height: auto }
mark { color: inherit; background: #faeccd; border-bottom: 2px solid #b98a2f }
mark.here { background: #ffd98a; outline: 3px solid #b98a2f }
nav { display: flex; justify-content: space-between; gap: 1em; font: .85em system-ui, sans-serif }
nav a { color: #14584a }
@media (prefers-color-scheme: dark) { body { color: #ece7dd; background: #1c1f24 }
  mark { background: #4a3a14; border-color: #f2d08c } mark.here { background: #6b5218 }
  nav a { color: #8ad1ba } }
"""
_Span = tuple[int, int, int]
"""First character, the one after the last, and the number of its passage."""


class ReadingPlace(Record):
    """What to show: a document by its path (the first one if there is no such), and what to mark.

    `passages` are words as the book has them, those of number `here` are what it is opened for;
    `before` and `after` are what the links to the neighbours say.
    """

    document: str = ""
    passages: tuple[str, ...] = ()
    here: int = -1
    before: str = "←"
    after: str = "→"


def write_reading_view(epub: Path, target: Path, place: ReadingPlace) -> None:
    """Write the page to `target`; runs in the sandbox.

    Raises BookError and LimitExceeded as reading an EPUB does.
    """
    with archive.opened(epub) as opened:
        package = package_in(opened)
        names = [item.path for item in package.spine_items if _is_text(item.media_type, item.path)]
        paths = [name for name in names if name]
        at = paths.index(place.document) if place.document in paths else 0
        body = None
        if paths:
            data = opened.read(paths[at], xml.LARGEST_DOCUMENT)
            pictures = harmless.Pictures(opened, package)
            body = harmless.harmless_body(paths[at], data, pictures)
    shown = ""
    if body is not None:
        _mark(body, place)
        shown = harmless.written(body)
    target.write_text(_page(package, paths, at, shown, place), encoding="utf-8")


def _is_text(media_type: str, path: str | None) -> bool:
    return path is not None and media_type in content.DOCUMENT_TYPES - {content.SVG_TYPE}


def _mark(body: etree._Element, place: ReadingPlace) -> None:
    """Put the passages between ``mark`` tags, as far as they are found; the last ones first."""
    texts = list(_texts(body))
    whole = "".join(text for _, _, text in texts)
    starts = [0]
    for _, _, text in texts:
        starts.append(starts[-1] + len(text))
    for first, end, number in reversed(_spans(whole, place)):
        is_here = number == place.here
        at = bisect_right(starts, end - 1) - 1
        while at >= 0 and starts[at + 1] > first:
            element, is_tail, text = texts[at]
            begin = max(first - starts[at], 0)
            texts[at] = (element, is_tail, text[:begin])
            opens = is_here and starts[at] <= first
            _wrap(element, is_tail, (begin, min(end - starts[at], len(text))), is_here, opens)
            at -= 1


def _texts(body: etree._Element) -> Iterator[tuple[etree._Element, bool, str]]:
    """(element, whether it is its tail, text) of every piece of text, in reading order."""
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start" and element.text:
            yield element, False, element.text
        if event == "end" and element is not body and element.tail:
            yield element, True, element.tail


def _spans(whole: str, place: ReadingPlace) -> list[_Span]:
    """Where the passages stand, none upon another; what the page is opened for goes first."""
    numbers = sorted(range(min(len(place.passages), _MOST_MARKS)), key=lambda n: n != place.here)
    taken: list[_Span] = []
    for number in numbers:
        words = place.passages[number].split()
        if not words:
            continue
        match = re.search(r"\s+".join(map(re.escape, words)), whole)
        if match and not any(
            match.start() < end and first < match.end() for first, end, _ in taken
        ):
            taken.append((match.start(), match.end(), number))
    return sorted(taken)


def _wrap(
    element: etree._Element, is_tail: bool, cut: tuple[int, int], is_here: bool, opens: bool
) -> None:
    """Put a part of one piece of text between tags; `opens` where what is looked for begins."""
    parent = element.getparent() if is_tail else element
    text = element.tail if is_tail else element.text
    assert parent is not None
    assert text is not None
    mark = etree.Element("mark")
    if is_here:
        mark.set("class", HERE)
    if opens:
        mark.set("id", HERE)
    mark.text, mark.tail = text[cut[0] : cut[1]], text[cut[1] :]
    if is_tail:
        element.tail = text[: cut[0]]
        parent.insert(parent.index(element) + 1, mark)
    else:
        element.text = text[: cut[0]]
        parent.insert(0, mark)


def _page(
    package: PackageDocument, paths: Sequence[str], at: int, shown: str, place: ReadingPlace
) -> str:
    title = html.escape(package.title or "–")
    links = "".join(_links(paths, at, place))
    body = f'<nav aria-label="{title}">{links}</nav>\n{harmless.main(shown)}'
    return harmless.page(title, package, _STYLE, body)


def _links(paths: Sequence[str], at: int, place: ReadingPlace) -> Iterator[str]:
    if at > 0:
        yield _link(paths[at - 1], f"← {place.before}")
    yield f"<span>{at + 1} / {len(paths)}</span>"
    if at + 1 < len(paths):
        yield _link(paths[at + 1], f"{place.after} →")


def _link(path: str, text: str) -> str:
    query = html.escape(urlencode({"document": path}), quote=True)
    return f'<a href="?{query}">{html.escape(text)}</a>'
