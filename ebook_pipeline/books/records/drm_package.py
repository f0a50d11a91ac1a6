"""An edition as it is protected."""

from enum import StrEnum

from pydantic import Field

from ebook_pipeline.foundation.record import BlobRef, Record


class Protection(StrEnum):
    """`LCP` is encryption; `SOCIAL` marks each buyer's copy; `PASSWORD` is a locked PDF a buyer."""

    LCP = "lcp"
    SOCIAL = "social"
    PASSWORD = "password"  # noqa: S105
    NONE = "none"

    @property
    def per_copy(self) -> bool:
        """Whether every buyer's copy is another file, so that the one we keep is a master."""
        return self in (Protection.SOCIAL, Protection.PASSWORD)


class EncryptionProfile(Record):
    """Which algorithms protect a publication, https://readium.org/lcp-specs/releases/lcp/latest"""

    uri: str


class ProtectedPublication(Record):
    """drm_package: the edition encrypted once; licences are issued per reader, elsewhere.

    `content_key` names the row that holds the wrapped key: the key itself is in no record. Where
    `protection` is none or made for each buyer's copy, nothing is encrypted, and `blob` is
    `source` itself.
    """

    blob: BlobRef
    source: BlobRef
    profile: str = ""
    content_key: str = ""
    encrypted_resources: int = Field(default=0, ge=0)
    protection: Protection = Protection.LCP
    pdf: BlobRef | None = None
    """The PDF alike: an LCP package, or the PDF itself."""
