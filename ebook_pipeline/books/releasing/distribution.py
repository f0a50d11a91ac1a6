"""What one release consists of, and where its objects lie at the edge."""

import hashlib
from collections.abc import Iterator

from ebook_pipeline.books.records import (
    BlobRef,
    CatalogEntry,
    CoverImages,
    Distribution,
    Edition,
    Manifestations,
    Product,
    ProtectedPublication,
    ReleaseFile,
    canonical_json,
)
from ebook_pipeline.foundation.file_types import suffix_of

PUBLICATION, PDF, PREVIEW, PREVIEW_PAGE = (
    "publication",
    "publication-pdf",
    "preview",
    "preview-page",
)
COVER, COVER_MEDIUM, THUMBNAIL = "cover", "cover-medium", "thumbnail"


def release_of(
    edition: Edition, protected: ProtectedPublication, made: Manifestations
) -> Distribution:
    """The files of a release by relation, and its name.

    The book needs a signed URL, and so does the page that preview links lead to; covers and the
    excerpt as an EPUB are public. Where each buyer gets another
    copy, what lies at the edge is the master that copies are made of. Equal files make an equal
    release, whose name is made of them: publishing it again changes nothing.
    """
    public = f"public/books/{edition.book}"
    folder = "masters" if protected.protection.per_copy else "books"
    private = f"{folder}/{edition.book}"
    page = made.preview_page
    pages = () if page is None else (_file(PREVIEW_PAGE, f"previews/{edition.book}", page),)
    pdf = () if protected.pdf is None else (_file(PDF, private, protected.pdf),)
    files = (
        _file(PUBLICATION, private, protected.blob),
        *pdf,
        *_covers(public, made.cover),
        _file(PREVIEW, public, made.preview),
        *pages,
    )
    facts = [edition.number, *(file.path for file in files)]
    digest = hashlib.sha256(canonical_json(facts)).hexdigest()[:12]
    name = f"{edition.book}-{edition.number}-{digest}"
    return Distribution(release=name, files=files, protection=protected.protection)


def pointer_path(book: str) -> str:
    """Where the edge says which release of a book is live: a copy of what the catalogue says."""
    return f"public/books/{book}/current.json"


def open_to_all(distribution: Distribution) -> tuple[ReleaseFile, ...]:
    """What people get of a release who bought nothing: covers, excerpt, the page of previews."""
    return tuple(
        file
        for file in distribution.files
        if file.path.startswith("public/") or file.rel == PREVIEW_PAGE
    )


def for_buyers(distribution: Distribution) -> Distribution:
    """What is left of a release at the edge when everything that is open to all was taken down."""
    gone = open_to_all(distribution)
    kept = tuple(file for file in distribution.files if file not in gone)
    return distribution.model_copy(update={"files": kept})


def _covers(public: str, cover: CoverImages) -> Iterator[ReleaseFile]:
    from ebook_pipeline.books.converting.covers import cover_sizes

    width, height = cover.width, cover.height
    sizes = (
        (COVER, cover.original, max(width, height)),
        (COVER_MEDIUM, cover.medium, cover_sizes.MEDIUM),
        (THUMBNAIL, cover.thumbnail, cover_sizes.THUMBNAIL),
    )
    for rel, blob, longest in sizes:
        scale = min(1, longest / max(width, height))
        size = {"width": max(1, round(width * scale)), "height": max(1, round(height * scale))}
        yield _file(rel, public, blob).model_copy(update=size)


def _file(rel: str, folder: str, blob: BlobRef) -> ReleaseFile:
    suffix = suffix_of(blob.media_type)
    return ReleaseFile(rel=rel, path=f"{folder}/{blob.sha256}{suffix}", blob=blob)


def catalog_entry(edition: Edition, product: Product, distribution: Distribution) -> CatalogEntry:
    """The catalogue's entry of one release."""
    return CatalogEntry(
        book=edition.book,
        edition=edition.number,
        release=distribution.release,
        title=product.title,
        authors=tuple(creator.name for creator in product.creators),
        language=product.languages[0] if product.languages else "",
        isbn13=next(
            (identifier.isbn13 for identifier in product.identifiers if identifier.isbn13), None
        ),
        preview=distribution.path(PREVIEW),
        cover=distribution.path(COVER),
    )
