"""What each stage returns: small, frozen, closed records that hold only what the stage adds."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.books.findings import Finding


class Record(BaseModel):
    """Facts as JSON; `schema_version` grows when a field changes, `upgrade` reads old documents."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: ClassVar[int] = 1
    volatile: ClassVar[frozenset[str]] = frozenset()
    """Fields that may differ between two equal runs: no part of the data version."""

    @property
    def data_version(self) -> str:
        """SHA-256 of the record's canonical JSON without its volatile fields."""
        facts = self.model_dump(mode="json", exclude=set(self.volatile))
        return hashlib.sha256(canonical_json(facts)).hexdigest()

    @classmethod
    def upgrade(cls, document: dict[str, Any], version: int) -> Self:
        """Read a document that was written as schema `version`."""
        if version != cls.schema_version:
            raise ValueError(f"{cls.__name__} version {version} is unknown to this release")
        return cls.model_validate(document)

    def blobs(self) -> Iterator["BlobRef"]:
        """Every blob that the record points to, at any depth."""
        return _blobs_in(self)


def canonical_json(document: object) -> bytes:
    """One byte string per document: sorted keys, no white space, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _blobs_in(value: object) -> Iterator["BlobRef"]:
    if isinstance(value, BlobRef):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _blobs_in(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _blobs_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _blobs_in(item)


class BlobRef(Record):
    """Bytes by reference: SHA-256 in hex, length in bytes, media type (IANA)."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    length: int = Field(ge=0)
    media_type: str


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


class Price(Record):
    """An amount in a currency (ISO 4217)."""

    amount: Decimal = Field(ge=0)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


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


class ValidationReport(Record):
    """validated_book: the manuscript against its standard; the findings are the product.

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


class CoverImages(Record):
    """The cover as found and with longest sides of 640 and 200 px; `alt` as the book says it."""

    original: BlobRef
    medium: BlobRef
    thumbnail: BlobRef
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    alt: str = ""


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


class Contributor(Record):
    """A person or body and what they did: MARC relators as the package document prints them."""

    name: str
    roles: tuple[str, ...] = ()
    file_as: str | None = None


class Identifier(Record):
    """An identifier as printed; `isbn13` where it is a valid ISBN."""

    value: str
    scheme: str | None = None
    unique: bool = False
    isbn13: str | None = None


class Subject(Record):
    """A term, and where it comes from: ``thema``, ``bisac``, or None for free text."""

    term: str
    scheme: str | None = None
    code: str | None = None


class Series(Record):
    """A series or set that the book belongs to, with its position as printed."""

    name: str
    position: str | None = None


class TocEntry(Record):
    """One line of the table of contents; `level` 1 is the outermost."""

    title: str
    href: str = ""
    level: int = Field(default=1, ge=1)


class Accessibility(Record):
    """EPUB Accessibility 1.1 §2, https://www.w3.org/TR/epub-a11y-11/#sec-discovery"""

    access_modes: tuple[str, ...] = ()
    access_modes_sufficient: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    hazards: tuple[str, ...] = ()
    summary: str = ""
    conforms_to: tuple[str, ...] = ()


class Product(Record):
    """book_metadata: the book described, as an ONIX Product would; `provenance` by field name."""

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
    toc: tuple[TocEntry, ...] = ()
    accessibility: Accessibility = Accessibility()
    layout: str = "reflowable"
    page_progression: str = "default"
    word_count: int = Field(default=0, ge=0)
    pages: int = Field(default=0, ge=0)
    provenance: dict[str, str] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


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


class EncryptionProfile(Record):
    """Which algorithms protect a publication, https://readium.org/lcp-specs/releases/lcp/latest"""

    uri: str


class ProtectedPublication(Record):
    """drm_package: the edition encrypted once; licences are issued per reader, elsewhere.

    `content_key` names the row that holds the wrapped key: the key itself is in no record.
    """

    blob: BlobRef
    source: BlobRef
    profile: str
    content_key: str
    encrypted_resources: int = Field(ge=0)


class ReleaseFile(Record):
    """One immutable object at the edge; `path` has no host, for records outlive ports."""

    rel: str
    path: str
    blob: BlobRef


class Distribution(Record):
    """cdn_release: what was put at the edge and fetched back; nothing is for sale yet."""

    release: str
    files: tuple[ReleaseFile, ...]

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
