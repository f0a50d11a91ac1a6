"""Books as their imprint protects them: encrypted under one content key each, or as they are.

Licences are issued elsewhere, and so are the copies that name their buyer.
"""

from pathlib import Path
from typing import Any

from ebook_pipeline.assets.ui_metadata import size
from ebook_pipeline.books.protecting.lcp import encryption, pdf_package, profiles
from ebook_pipeline.books.protecting.policy import ProtectionPolicy
from ebook_pipeline.books.records import (
    EncryptionProfile,
    Manifestations,
    Product,
    ProtectedPublication,
    Protection,
)
from ebook_pipeline.books.reviewing.gate import release_gate
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.services.protecting.content_keys import ContentKey

_EPUB = "application/epub+zip"


def opens_again(
    drm_package: ProtectedPublication,
    converted_book: Manifestations,
    files: Files,
    content_key: ContentKey,
) -> bool:
    """Decrypted with its content key, every resource is byte for byte the one that went in."""
    if drm_package.protection is not Protection.LCP:
        return drm_package.blob == converted_book.epub and drm_package.pdf == converted_book.pdf
    plain, protected = files.path(drm_package.source), files.path(drm_package.blob)
    same = encryption.same_resources(plain, protected, content_key.key) == ()
    if drm_package.pdf is None:
        return same
    pdf, package = files.path(converted_book.pdf), files.path(drm_package.pdf)
    return same and pdf_package.same_pdf(pdf, package, content_key.key)


def show_protection(drm_package: ProtectedPublication) -> dict[str, Any]:
    shown = {"protection": drm_package.protection.value, "bytes": size(drm_package.blob)}
    if drm_package.protection is not Protection.LCP:
        return shown
    test_only = profiles.is_test_only(drm_package.profile)
    return shown | {
        "profile": drm_package.profile,
        "production": "NO: TEST ONLY, the basic profile protects nothing" if test_only else "yes",
        "encrypted_resources": drm_package.encrypted_resources,
        "content_key": drm_package.content_key,
    }


@stage(
    group="release",
    version="2",
    kinds=frozenset({"lcp"}),
    owners=("team:release",),
    pools=frozenset({"vault"}),
    gate=release_gate,
    proofs=(opens_again,),
    show=show_protection,
)
def drm_package(
    converted_book: Manifestations,
    book_metadata: Product,
    files: Files,
    content_key: ContentKey,
    encryption_profile: EncryptionProfile,
    protection_policy: ProtectionPolicy,
) -> ProtectedPublication:
    """EPUB and PDF encrypted once, as Readium LCP publications, or as the imprint's policy says.

    A book enters only through the release gate: it passed quality, or a person approved it.
    """
    protection = protection_policy.default
    source, profile = converted_book.epub, encryption_profile.uri
    if protection is not Protection.LCP:
        return ProtectedPublication(
            blob=source, source=source, protection=protection, pdf=converted_book.pdf
        )
    target = files.folder() / "protected.epub"
    made = encryption.protect(files.path(source), target, content_key.key, profile)
    package = _package(converted_book, book_metadata, files, content_key, profile)
    return ProtectedPublication(
        blob=files.keep(target, _EPUB),
        source=source,
        profile=profile,
        content_key=content_key.id,
        encrypted_resources=made.encrypted_resources,
        pdf=files.keep(package, pdf_package.MEDIA_TYPE),
    )


def _package(
    made: Manifestations, product: Product, files: Files, key: ContentKey, profile: str
) -> Path:
    """The PDF as LCP package. Its identifier is the key's, which no other edition has."""
    target = files.folder() / f"protected{pdf_package.ENDING}"
    said = pdf_package.PackageDescription(
        identifier=f"urn:uuid:{key.id}",
        title=product.title,
        authors=tuple(creator.name for creator in product.creators),
        languages=product.languages,
        publishers=product.publishers,
        cover=files.path(made.cover.medium).read_bytes(),
    )
    pdf_package.protect_pdf(files.path(made.pdf), target, key.key, profile, said)
    return target
