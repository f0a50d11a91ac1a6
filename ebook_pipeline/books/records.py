"""What each stage returns: small, frozen, closed records that hold only what the stage adds."""

from datetime import date
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from ebook_pipeline.books.description import (
    Accessibility,
    Audience,
    Contributor,
    Extent,
    Genre,
    Identifier,
    Kin,
    Meaning,
    Origin,
    Price,
    Provenance,
    Reading,
    Series,
    Subject,
    TocEntry,
)
from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.protection import Protection
from ebook_pipeline.books.record import BlobRef, Record, canonical_json

__all__ = [
    "Accessibility",
    "Audience",
    "BlobRef",
    "BookFormat",
    "CatalogEntry",
    "Claims",
    "Contributor",
    "CoverImages",
    "Distribution",
    "Dossier",
    "Edition",
    "EncryptionProfile",
    "Extent",
    "Genre",
    "Identifier",
    "IngestionMetrics",
    "Kin",
    "Manifestations",
    "Meaning",
    "Origin",
    "Price",
    "Product",
    "ProtectedPublication",
    "Provenance",
    "QualityReport",
    "Reading",
    "Record",
    "ReleaseFile",
    "Score",
    "Series",
    "Subject",
    "Submission",
    "TocEntry",
    "ValidationReport",
    "Verdict",
    "canonical_json",
]


class BookFormat(StrEnum):
    """What a submitted file really is, judged by its content."""

    EPUB = "epub"
    PDF = "pdf"
    MOBI = "mobi"
    DOCX = "docx"
    ODT = "odt"
    RTF = "rtf"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    UNKNOWN = "unknown"


class Claims(Record):
    """What the submitter says in the sidecar ``<file>.json``; every field may be left out."""

    book: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    isbn: str | None = None
    publisher: str | None = None
    language: str | None = None
    description: str | None = None
    subjects: tuple[str, ...] = ()
    price: Price | None = None
    rights: str | None = None
    contact: str | None = None
    audience: str | None = None
    profile: str = "default"
    defects: tuple[Finding, ...] = ()
    """What is wrong with the sidecar itself; said by us, never by the submitter."""


class Edition(Record):
    """The bytes of one submission as the database knows them: what `raw_file` starts from."""

    book: str
    number: int = Field(ge=1)
    source: str
    blob: BlobRef
    claims: Claims = Claims()


class Submission(Record):
    """raw_file: the manuscript as received, byte for byte."""

    blob: BlobRef
    format: BookFormat
    source: str
    claims: Claims = Claims()
    findings: tuple[Finding, ...] = ()


class ConformanceStatus(StrEnum):
    """What automatic checks and the metadata together allow to say; none proves conformance."""

    CLAIMED = "claimed-and-no-fault-found"
    NOT_CLAIMED = "not-claimed-and-no-fault-found"
    INCOMPLETE_METADATA = "incomplete-metadata"
    FAULTS_FOUND = "faults-found"
    NOT_FULLY_CHECKED = "not-fully-checked"


class Conformance(Record):
    """A book against the accessibility `standard`; `statement` is what readers are told.

    `claimed` is what the package says (``dcterms:conformsTo``), `unmet` the criteria that automatic
    checks found faults in. EPUB Accessibility 1.1 §4, https://www.w3.org/TR/epub-a11y-11/
    """

    standard: str
    claimed: tuple[str, ...] = ()
    status: ConformanceStatus
    statement: str
    unmet: tuple[str, ...] = ()


class ValidationReport(Record):
    """validated_book: the manuscript against its standard; the findings are the product.

    `accessibility` is None for what was not checked: other formats, and books that can't be read.
    `facts` are what was measured of the file, by a name that a person understands.
    """

    format: BookFormat
    format_version: str = ""
    checker: str
    findings: tuple[Finding, ...] = ()
    pages: int | None = None
    entries: int | None = None
    uncompressed_bytes: int | None = None
    facts: dict[str, bool | int | float | str] = Field(default_factory=dict)
    accessibility: Conformance | None = None


class CoverImages(Record):
    """The cover as found and with longest sides of 1600, 640 and 200 px at most, as sRGB.

    `alt` is the book's own, or made from title and author. Older records have no `large`.
    """

    original: BlobRef
    medium: BlobRef
    thumbnail: BlobRef
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    alt: str = ""
    large: BlobRef | None = None


class Manifestations(Record):
    """converted_book: the forms that one edition is sold and read in."""

    epub: BlobRef
    pdf: BlobRef
    text: BlobRef
    preview: BlobRef
    cover: CoverImages
    pages: int = Field(ge=1)
    engine: str
    findings: tuple[Finding, ...] = ()
    preview_page: BlobRef | None = None
    """The preview as one page of HTML; older records have none."""


class Product(Record):
    """book_metadata: the book described, as an ONIX Product would; `provenance` by field name."""

    schema_version = 2

    title: str
    subtitle: str | None = None
    creators: tuple[Contributor, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    languages: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    subjects: tuple[Subject, ...] = ()
    publishers: tuple[str, ...] = ()
    published: str | None = None
    modified: str | None = None
    description: str = ""
    rights: str = ""
    series: tuple[Series, ...] = ()
    price: Price | None = None
    edition: str = ""
    """The statement of edition as printed, such as *Second, revised edition*."""
    original_title: str = ""
    first_published: str = ""
    copyright_year: str = ""
    printed_isbns: tuple[str, ...] = ()
    """Valid ISBNs that the book's own pages print, of other editions too, as thirteen digits."""
    toc: tuple[TocEntry, ...] = ()
    accessibility: Accessibility = Accessibility()
    layout: str = "reflowable"
    page_progression: str = "default"
    word_count: int = Field(default=0, ge=0)
    pages: int = Field(default=0, ge=0)
    genres: tuple[Genre, ...] = ()
    keywords: tuple[str, ...] = ()
    audience: Audience | None = None
    summary: tuple[str, ...] = ()
    """Passages of the book itself that tell what it is about."""
    people: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    reading: Reading | None = None
    extent: Extent = Extent()
    meaning: Meaning | None = None
    kin: tuple[Kin, ...] = ()
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def generated(self) -> tuple[str, ...]:
        """The fields that a model made: shown as such wherever they are shown."""
        made = (name for name, said in self.provenance.items() if said.origin is Origin.MODEL)
        return tuple(sorted(made))

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> Self:
        """Version 1 had the origin alone as provenance."""
        if version == 1:
            told = {name: {"origin": origin} for name, origin in document["provenance"].items()}
            return cls.model_validate(document | {"provenance": told})
        return super().upgrade(document, version)


class Verdict(StrEnum):
    """What the editor's policy says of a book."""

    PASS = "pass"  # noqa: S105
    NEEDS_REVIEW = "needs_review"
    REJECT = "reject"


class Score(Record):
    """One dimension of quality: `value` from 0 (worst) to 1 (best), and the figures behind it."""

    dimension: str
    value: float = Field(ge=0, le=1)
    evidence: dict[str, float | int | str] = Field(default_factory=dict)


class QualityReport(Record):
    """qa_report: scores with their evidence, and a verdict with its reasons."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    findings: tuple[Finding, ...] = ()
    policy: str
    models: tuple[str, ...] = ()
    page: BlobRef | None = None
    """The report as HTML, for editors."""


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


class CatalogEntry(Record):
    """catalog_row: the book as the shop lists it; the row says which release is live."""

    book: str
    edition: int
    release: str
    title: str
    authors: tuple[str, ...] = ()
    language: str = ""
    isbn13: str | None = None
    preview: str | None = None
    cover: str | None = None
    published: date | None = None


class Dossier(Record):
    """Everything known of one edition that was released: what its figures are counted from."""

    submission: Submission
    validation: ValidationReport
    manifestations: Manifestations
    product: Product
    quality: QualityReport
    distribution: Distribution


class IngestionMetrics(Record):
    """ingestion_analytics: what the ingestion of one edition took and found."""

    volatile = frozenset({"seconds"})

    seconds: dict[str, float] = Field(default_factory=dict)
    bytes: dict[str, int] = Field(default_factory=dict)
    findings: dict[str, int] = Field(default_factory=dict)
    words: int = 0
    pages: int = 0
    verdict: Verdict = Verdict.PASS
