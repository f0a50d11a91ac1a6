"""What the stages of a book may ask for, each by its name and with its type.

A new stage that needs something else gets it as a property here; the chain refuses, when it is
declared, a parameter that is neither here nor the record of an earlier stage.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from ebook_pipeline.books.converting import conversion
from ebook_pipeline.books.describing.describer import Describer
from ebook_pipeline.books.judging.assessor import QualityAssessor
from ebook_pipeline.books.protecting import policy as protection
from ebook_pipeline.books.protecting.policy import ProtectionPolicy
from ebook_pipeline.books.records import (
    Distribution,
    Edition,
    EditionRecords,
    EncryptionProfile,
    Manifestations,
    Product,
    Protection,
    QualityReport,
    Record,
    Submission,
    ValidationReport,
)
from ebook_pipeline.books.reviewing.gate import ReleasePolicy, ReviewDecision
from ebook_pipeline.execution import ItemContext
from ebook_pipeline.execution.files import Files
from ebook_pipeline.execution.reuse import version_of
from ebook_pipeline.foundation.errors import NotFound
from ebook_pipeline.resources import Resources, book_tools
from ebook_pipeline.resources.cdn import Cdn
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.record_store import RecordStore
from ebook_pipeline.services.describing.descriptions import Descriptions
from ebook_pipeline.services.intake import submissions
from ebook_pipeline.services.intake.book_owner import BookOwner
from ebook_pipeline.services.picture_books.submitting import is_generated
from ebook_pipeline.services.protecting.content_keys import ContentKey, ContentKeys
from ebook_pipeline.services.recording.journal import Journal
from ebook_pipeline.services.reviewing import reviews
from ebook_pipeline.services.reviewing.price_falls import flag_price_fall
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.epubcheck import EpubCheck

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class BatchTools:
    """What all books of a batch share: made once, from resources and settings."""

    resources: Resources
    describer: Describer
    editor: QualityAssessor
    converters: conversion.ConversionTools
    content_keys: ContentKeys
    protection_policy: ProtectionPolicy
    records: RecordStore

    @classmethod
    def of(cls, resources: Resources) -> Self:
        """Raises PipelineError where a policy's file says no policy."""
        settings = resources.settings
        return cls(
            resources=resources,
            describer=book_tools.describer(resources),
            editor=book_tools.quality_assessor(resources),
            converters=book_tools.conversion_tools(resources),
            content_keys=ContentKeys(
                resources.database, resources.key_vault, keep=settings.keep_content_key
            ),
            protection_policy=protection.load_protection_policy(
                Protection(settings.protection), settings.protection_file
            ),
            records=RecordStore(resources.object_store),
        )

    def version(self, name: str) -> str | None:
        """The version of what stages ask for as `name`, whatever the book; None of all else.

        An editor's is that of the whole policy, whatever imprint it judges for, a describer's that
        of its models in every language.
        """
        tell = self._telling().get(name)
        return tell() if tell else None

    def versions(self) -> dict[str, str]:
        """All that tells what one batch makes of a book from what another would, by name."""
        told = {name: tell() or "" for name, tell in self._telling().items()}
        settings = self.resources.settings
        asked = (settings.lcp_profile, str(settings.hold_releases), str(settings.price_fall))
        return told | dict(zip(("profile", "hold", "price_fall"), asked, strict=True))

    def _telling(self) -> Mapping[str, Callable[[], str | None]]:
        return {
            "describer": lambda: self.describer.version_of_all,
            "editor": lambda: version_of(self.editor),
            "epubcheck": lambda: version_of(self.resources.epubcheck),
            "protection_policy": lambda: version_of(self.protection_policy),
            "tools": lambda: version_of(self.converters),
        }


@dataclass(frozen=True)
class BookContext(ItemContext):
    """One edition of a book while a batch works on it."""

    edition: Edition
    files: Files
    _tools: BatchTools

    def shared_version(self, name: str) -> str | None:
        return self._tools.version(name)

    @property
    def settings(self) -> Settings:
        return self._tools.resources.settings

    @property
    def database(self) -> Database:
        return self._tools.resources.database

    @property
    def cdn(self) -> Cdn:
        return self._tools.resources.cdn

    @property
    def epubcheck(self) -> EpubCheck:
        return self._tools.resources.epubcheck

    @property
    def twins(self) -> submissions.SameBytes:
        """Other books of its account that have an edition of the same bytes."""
        return submissions.same_bytes_elsewhere(self.database, self.edition)

    @property
    def tools(self) -> conversion.ConversionTools:
        return self._tools.converters

    @property
    def describer(self) -> Describer:
        return self._tools.describer

    @property
    def descriptions(self) -> Descriptions:
        """The descriptions around the edition, and what people have locked of its book by now."""
        return Descriptions(self.database, self.edition)

    @property
    def owner(self) -> BookOwner:
        return BookOwner(self.database, self.edition)

    @property
    def editor(self) -> QualityAssessor:
        """Who judges by the rules of the book's imprint, with the models of its language."""
        product = self._current("book_metadata", Product)
        language = product.languages[0] if product and product.languages else ""
        return self._tools.editor.of_imprint(self.owner.imprint).in_language(language)

    @property
    def policy(self) -> ReleasePolicy:
        """The publisher's wish, and why somebody, or its price, wants this edition reviewed.

        What was generated here is held whatever the publisher wishes.
        """
        product = self._current("book_metadata", Product)
        flag_price_fall(
            self.database,
            self.key,
            self.edition_number,
            product.price if product else None,
            self.settings.price_fall,
        )
        flagged = "; ".join(reviews.flags(self.database, self.key, self.edition_number))
        hold = self.settings.hold_releases or is_generated(self.edition)
        return ReleasePolicy(hold=hold, flagged=flagged)

    @property
    def decision(self) -> ReviewDecision | None:
        """What a person said of the report that is current now; an older report's is void."""
        report = self._current("qa_report", QualityReport)
        version = report.data_version if report else ""
        return reviews.decision_for(self.database, self.key, self.edition_number, version)

    @property
    def content_key(self) -> ContentKey:
        return self._tools.content_keys.for_edition(self.key, self.edition_number)

    @property
    def encryption_profile(self) -> EncryptionProfile:
        return EncryptionProfile(uri=self.settings.lcp_profile)

    @property
    def protection_policy(self) -> ProtectionPolicy:
        """What the book's imprint has chosen, for whatever the book says of its publisher."""
        return ProtectionPolicy(default=self._tools.protection_policy.of([self.owner.imprint]))

    @property
    def timings(self) -> dict[str, float]:
        """Seconds that each stage took when it was last really done."""
        return Journal(self.database).timings(self.key, self.edition_number)

    @property
    def dossier(self) -> EditionRecords:
        """The records that the edition's figures are counted from, all made by then."""
        return EditionRecords(
            submission=self._made("raw_file", Submission),
            validation=self._made("validated_book", ValidationReport),
            manifestations=self._made("converted_book", Manifestations),
            product=self._made("book_metadata", Product),
            quality=self._made("qa_report", QualityReport),
            distribution=self._made("cdn_release", Distribution),
        )

    def _made(self, stage: str, kind: type[R]) -> R:
        record = self._current(stage, kind)
        if record is None:
            raise NotFound(f"{stage} of {self.key} does not exist yet: make it first")
        return record

    def _current(self, stage: str, kind: type[R]) -> R | None:
        return self._tools.records.read(stage, self.key, self.edition_number, kind)
