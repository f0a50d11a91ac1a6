"""The cover: found in the book, or its first page, or set from title and authors; four sizes.

`epub_cover` and `pdf_cover` are what a stage calls; whatever reads strangers' bytes below them runs
in the sandbox. `finding` looks for it, `picture` makes the sizes, `typographic` sets letters.
"""

from pathlib import Path

from ebook_pipeline.books.converting.covers.finding import Found, first_page, found_in_epub
from ebook_pipeline.books.converting.covers.picture import Cover, scaled
from ebook_pipeline.books.converting.covers.typographic import typographic
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.browser import Browser

__all__ = [
    "Cover",
    "Found",
    "cover_of",
    "epub_cover",
    "first_page",
    "found_in_epub",
    "pdf_cover",
    "scaled",
    "typographic",
]


def epub_cover(epub: Path, browser: Browser | None, folder: Path) -> Cover:
    """The cover of the EPUB at `epub`, its files in `folder`; drawn where there is none to show."""
    found = sandbox.call(found_in_epub, epub, folder)
    image = found.image
    if found.drawing is not None and browser is not None and browser.available:
        image = folder / "drawing.png"
        browser.picture(found.drawing, image, found.size, root=folder / "drawing")
    return sandbox.call(cover_of, image, found, folder)


def pdf_cover(pdf: Path, title: str, authors: tuple[str, ...], folder: Path) -> Cover:
    """The first page of the PDF at `pdf` as cover."""
    image = folder / "page.png"
    sandbox.call(first_page, pdf, image)
    return sandbox.call(cover_of, image, Found(title, authors), folder)


def cover_of(image: Path | None, found: Found, folder: Path) -> Cover:
    """`image` in its sizes; a typographic cover where it is None or cannot be shown."""
    findings = list(found.findings)
    if image is not None:
        try:
            return scaled(image, folder, found.described, tuple(findings))
        except BookError as error:
            findings.append(error.finding.model_copy(update={"severity": Severity.WARNING}))
    target = folder / "typographic.png"
    drawn = typographic(found.title, found.authors, target, found.language)
    cover = scaled(drawn, folder, found.made_up, tuple(findings))
    return Cover(**{**cover.__dict__, "generated": True})
