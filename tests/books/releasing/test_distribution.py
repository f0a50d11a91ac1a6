"""What a release consists of."""

import mimetypes
from collections.abc import Iterator

import pytest

from ebook_pipeline.books.records import (
    BlobRef,
    CoverImages,
    Distribution,
    Edition,
    Manifestations,
    ProtectedPublication,
    Protection,
)
from ebook_pipeline.books.releasing.distribution import release_of
from tests.support.books.kept_records import context_records, record_of


def blob(digit: str, media_type: str = "image/jpeg") -> BlobRef:
    return BlobRef(sha256=digit * 64, length=1, media_type=media_type)


EPUB = blob("e", "application/epub+zip")
PROTECTED = ProtectedPublication(
    blob=EPUB, source=EPUB, profile="basic", content_key="k", encrypted_resources=1
)


def made(width: int, height: int) -> Manifestations:
    cover = CoverImages(
        original=blob("1", "image/png"),
        medium=blob("2"),
        thumbnail=blob("3"),
        width=width,
        height=height,
    )
    return Manifestations(
        epub=EPUB, pdf=EPUB, text=EPUB, preview=EPUB, cover=cover, pages=1, engine="test"
    )


def sizes(width: int, height: int) -> list[tuple[int | None, int | None]]:
    edition = Edition(book="emma", number=1, source="emma.epub", blob=EPUB)
    release = release_of(edition, PROTECTED, made(width, height))
    return [(one.width, one.height) for one in release.files if one.rel.startswith(("cov", "thu"))]


def test_the_pictures_of_a_release_have_their_sizes() -> None:
    assert sizes(1600, 2560) == [(1600, 2560), (400, 640), (125, 200)]


def test_a_small_or_a_narrow_cover_is_never_said_to_be_larger_than_it_is() -> None:
    assert sizes(150, 100) == [(150, 100), (150, 100), (150, 100)]
    assert sizes(1, 3000) == [(1, 3000), (1, 640), (1, 200)]


def release(**change: object) -> Distribution:
    edition = Edition(book="emma", number=1, source="emma.epub", blob=EPUB)
    return release_of(edition, PROTECTED.model_copy(update=change), made(1600, 2560))


def test_masters_of_buyers_copies_lie_apart() -> None:
    masters = release(protection=Protection.SOCIAL, pdf=EPUB)
    assert masters.protection is Protection.SOCIAL
    apart = [file.rel for file in masters.files if file.path.startswith("masters/emma/")]
    assert apart == ["publication", "publication-pdf"]


def test_a_protected_pdf_is_called_lcpdf() -> None:
    package = release(pdf=blob("f", "application/pdf+lcp"))
    assert package.path("publication-pdf") == f"books/emma/{'f' * 64}.lcpdf"


@pytest.fixture
def no_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without `mime.types`, where Python knows no suffix of an EPUB."""
    with monkeypatch.context() as bare:
        bare.setattr(mimetypes, "knownfiles", [])
        mimetypes.init()
        assert mimetypes.guess_extension("application/epub+zip") is None
        yield
    mimetypes.init()


@pytest.mark.usefixtures("no_table")
def test_an_edition_is_the_same_release_on_every_machine() -> None:
    """The one that an older version named where there was a table."""
    edition = context_records()["edition"]
    assert isinstance(edition, Edition)
    named = release_of(edition, record_of("drm_package"), record_of("converted_book"))
    assert named == record_of("cdn_release")
    assert named.release == "flatland-1-7110fe97695b"
