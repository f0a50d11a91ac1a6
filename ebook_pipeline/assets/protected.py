"""Books encrypted under one content key each. Licences are issued elsewhere."""

from typing import Any

from ebook_pipeline.assets.shown import size
from ebook_pipeline.books.gate import release_gate
from ebook_pipeline.books.lcp import encryption
from ebook_pipeline.books.records import (
    EncryptionProfile,
    Manifestations,
    ProtectedPublication,
)
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.services.content_keys import ContentKey


def opens_again(drm_package: ProtectedPublication, files: Files, content_key: ContentKey) -> bool:
    """Decrypted with its content key, every resource is byte for byte the one that went in."""
    plain, protected = files.path(drm_package.source), files.path(drm_package.blob)
    return encryption.same_resources(plain, protected, content_key.key) == ()


def show_protection(drm_package: ProtectedPublication) -> dict[str, Any]:
    test_only = drm_package.profile.endswith("/basic-profile")
    return {
        "profile": drm_package.profile,
        "production": "no: the basic profile is for tests only" if test_only else "yes",
        "encrypted_resources": drm_package.encrypted_resources,
        "bytes": size(drm_package.blob),
        "content_key": drm_package.content_key,
    }


@stage(
    group="release",
    version="1",
    kinds=frozenset({"lcp"}),
    owners=("team:release",),
    gate=release_gate,
    proofs=(opens_again,),
    show=show_protection,
)
def drm_package(
    converted_book: Manifestations,
    files: Files,
    content_key: ContentKey,
    encryption_profile: EncryptionProfile,
) -> ProtectedPublication:
    """The EPUB encrypted once, as a Readium LCP protected publication.

    A book enters only through the release gate: it passed quality, or a person approved it.
    """
    target = files.folder() / "protected.epub"
    source = files.path(converted_book.epub)
    protection = encryption.protect(source, target, content_key.key, encryption_profile.uri)
    return ProtectedPublication(
        blob=files.keep(target, "application/epub+zip"),
        source=converted_book.epub,
        profile=encryption_profile.uri,
        content_key=content_key.id,
        encrypted_resources=protection.encrypted_resources,
    )
