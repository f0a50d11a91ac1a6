"""Releases at the edge: immutable, content-addressed objects. Nothing is for sale by this alone."""

from typing import Any

import dagster as dg

from ebook_pipeline.assets.ui_metadata import links
from ebook_pipeline.books.records import Distribution, Edition, Manifestations, ProtectedPublication
from ebook_pipeline.books.releasing.distribution import release_of
from ebook_pipeline.execution import stage
from ebook_pipeline.execution.files import Files
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.edge.origin import PUBLIC


def comes_back_whole(cdn_release: Distribution, cdn: Cdn, files: Files) -> bool:
    """Fetched back through the edge by a signed URL, every object has the bytes that were put."""
    folder = files.folder()
    return all(
        cdn.fetch(file.path, folder / file.blob.sha256, file.blob.length) == file.blob.sha256
        for file in cdn_release.files
    )


def show_release(cdn_release: Distribution, cdn: Cdn) -> dict[str, Any]:
    """With links to what is open to all: a signed URL is a secret, and events stay for years."""
    open_to_all = [file for file in cdn_release.files if file.path.startswith(PUBLIC)]
    return {
        "release": cdn_release.release,
        "bytes": sum(file.blob.length for file in cdn_release.files),
        "files": dg.MetadataValue.table(
            [
                dg.TableRecord({"rel": f.rel, "path": f.path, "bytes": f.blob.length})
                for f in cdn_release.files
            ]
        ),
        **links({file.rel: cdn.url(file.path) for file in open_to_all}),
    }


@stage(
    group="release",
    version="2",
    kinds=frozenset({"s3", "cloudfront"}),
    owners=("team:release",),
    proofs=(comes_back_whole,),
    show=show_release,
)
def cdn_release(
    drm_package: ProtectedPublication,
    converted_book: Manifestations,
    edition: Edition,
    files: Files,
    cdn: Cdn,
) -> Distribution:
    """The protected book, its cover and its preview as immutable objects at the edge.

    Every object is fetched back through the edge and compared before the stage counts as done.
    """
    distribution = release_of(edition, drm_package, converted_book)
    for file in distribution.files:
        cdn.publish(file.path, files.path(file.blob), file.blob.media_type)
    return distribution
