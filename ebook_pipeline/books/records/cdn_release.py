"""What was put at the edge."""

from pydantic import Field

from ebook_pipeline.books.records.drm_package import Protection
from ebook_pipeline.foundation.record import BlobRef, Record


class ReleaseFile(Record):
    """One immutable object at the edge; `path` has no host, for records outlive ports.

    `width` and `height` of a picture are in pixels, its longest side exact; older ones have none.
    """

    rel: str
    path: str
    blob: BlobRef
    width: int | None = Field(default=None, gt=0)
    height: int | None = Field(default=None, gt=0)


class Distribution(Record):
    """cdn_release: what was put at the edge and fetched back; nothing is for sale yet."""

    release: str
    files: tuple[ReleaseFile, ...]
    protection: Protection = Protection.LCP

    def path(self, rel: str) -> str | None:
        """The path of the file with relation `rel`, or None."""
        return next((file.path for file in self.files if file.rel == rel), None)
