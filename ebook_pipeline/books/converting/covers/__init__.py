"""The cover: found in the book, or its first page, or set from title and authors; four sizes.

`sought_cover`, `epub_cover` and `pdf_cover` are what a stage calls; whatever reads strangers' bytes
below them runs in the sandbox. `cover_search` looks for it, `cover_sizes` scales it, `typographic`
sets letters.
"""

from pathlib import Path

from ebook_pipeline.books.converting.covers.cover_search import (
    CoverCandidate,
    find_cover,
    render_first_page,
)
from ebook_pipeline.books.converting.covers.cover_sizes import Cover, scale_cover
from ebook_pipeline.books.converting.covers.typographic import typeset_cover
from ebook_pipeline.foundation.errors import BookError
from ebook_pipeline.foundation.findings import Severity
from ebook_pipeline.tools import sandbox
from ebook_pipeline.tools.devtools import Drawing

__all__ = [
    "Cover",
    "CoverCandidate",
    "drawing_of",
    "epub_cover",
    "find_cover",
    "make_cover",
    "pdf_cover",
    "render_first_page",
    "scale_cover",
    "sought_cover",
    "typeset_cover",
]


def sought_cover(epub: Path, folder: Path) -> CoverCandidate:
    """What the EPUB at `epub` offers as its cover, its files in `folder`."""
    return sandbox.call(find_cover, epub, folder)


def drawing_of(candidate: CoverCandidate, folder: Path) -> Drawing | None:
    """What a browser has to picture for `epub_cover`, where the book's cover is drawn."""
    if candidate.drawing is None:
        return None
    root = (folder / "drawing").resolve()
    target = _pictured(folder).absolute()
    return Drawing(candidate.drawing.resolve(), root, target, candidate.size)


def epub_cover(candidate: CoverCandidate, folder: Path) -> Cover:
    """The cover in `folder`; set from title and authors where there is none to show."""
    pictured = _pictured(folder)
    image = pictured if pictured.exists() else candidate.image
    return sandbox.call(make_cover, image, candidate, folder)


def _pictured(folder: Path) -> Path:
    return folder / "drawing.png"


def pdf_cover(pdf: Path, candidate: CoverCandidate, folder: Path) -> Cover:
    """The first page of the PDF at `pdf` as cover of the book that `candidate` names."""
    image = folder / "page.png"
    sandbox.call(render_first_page, pdf, image)
    return sandbox.call(make_cover, image, candidate, folder)


def make_cover(image: Path | None, candidate: CoverCandidate, folder: Path) -> Cover:
    """`image` in its sizes; a typographic cover where it is None or cannot be shown."""
    findings = list(candidate.findings)
    if image is not None:
        try:
            return scale_cover(image, folder, candidate.alt_text, tuple(findings))
        except BookError as error:
            findings.append(error.finding.model_copy(update={"severity": Severity.WARNING}))
    target = folder / "typographic.png"
    language, turned = candidate.language, candidate.turned
    drawn = typeset_cover(candidate.title, candidate.authors, target, language, turned)
    cover = scale_cover(drawn, folder, candidate.default_alt, tuple(findings))
    return Cover(**{**cover.__dict__, "generated": True})
