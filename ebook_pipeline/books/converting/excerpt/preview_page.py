"""The excerpt as one page of HTML that a shop can embed: nothing in it acts, nothing is fetched.

Made of the excerpt EPUB, whose documents `formats/epub/harmless.py` leaves nothing in that acts.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path

from ebook_pipeline.books.formats.epub import archive, content, harmless
from ebook_pipeline.books.formats.epub.harmless import KEPT, POLICY, Pictures
from ebook_pipeline.books.formats.epub.package import PackageDocument, package_in

__all__ = ["KEPT", "POLICY", "write_preview_page"]

_STYLE = """
body { margin: 0 auto; padding: 2em 1.2em; max-width: 38em; font: 1.05em/1.6 Georgia, serif;
  color: #1d1d1f; background: #fff; overflow-wrap: break-word }
h1, h2, h3, h4 { line-height: 1.25 }
img { max-width: 100%; height: auto }
body > header, body > footer { color: #555 }
section + section { margin-block-start: 3em }
main.vertical { writing-mode: vertical-rl; height: 30em; overflow-x: auto }
@media (prefers-color-scheme: dark) { body { color: #e8e8ea; background: #161618 }
  body > header, body > footer { color: #aaa } }
"""
_VERTICAL = re.compile(rb"writing-mode\s*:\s*(?:vertical-rl|tb-rl)")
_LARGEST_SHEET = 4 << 20


def write_preview_page(excerpt: Path, target: Path) -> None:
    """Write the excerpt EPUB at `excerpt` as one page to `target`; runs in the sandbox.

    Raises BookError and LimitExceeded as reading an EPUB does.
    """
    with archive.opened(excerpt) as opened:
        package = package_in(opened)
        pictures = Pictures(opened, package)
        parts = [_part(document, pictures) for document in _documents(excerpt, package)]
        kind = "vertical" if _is_vertical(opened, package) else ""
    target.write_text(_page(package, parts, kind), encoding="utf-8")


def _is_vertical(opened: archive.Archive, package: PackageDocument) -> bool:
    """Whether its lines run from above and its pages from the right, as Japanese novels' do."""
    if package.page_progression != "rtl":
        return False
    sheets = (item.path for item in package.manifest if item.media_type == "text/css")
    return any(
        path in opened and _VERTICAL.search(opened.read(path, _LARGEST_SHEET))
        for path in sheets
        if path
    )


def _documents(excerpt: Path, package: PackageDocument) -> Iterator[content.SpineDocument]:
    for document in content.spine_documents(excerpt, package):
        if document.item.media_type != content.SVG_TYPE and document.item.path != package.nav:
            yield document


def _part(document: content.SpineDocument, pictures: Pictures) -> str:
    body = harmless.harmless_body(document.name, document.data, pictures)
    return "" if body is None else harmless.written(body)


def _page(package: PackageDocument, parts: list[str], kind: str) -> str:
    title = html.escape(package.title or "Excerpt")
    sections = "\n".join(f"<section>{part}</section>" for part in parts if part.strip())
    body = f'<header><p dir="auto">{title}</p></header>\n{harmless.main(sections, kind)}'
    return harmless.page(title, package, _STYLE, body, '<meta name="robots" content="noindex">\n')
