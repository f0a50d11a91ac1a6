"""A book's quality in figures with their evidence, and the verdict that a policy draws."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ebook_pipeline.books.findings import Finding
from ebook_pipeline.books.quality import plausibility
from ebook_pipeline.books.quality.part import Part
from ebook_pipeline.books.quality.policy import Policy
from ebook_pipeline.books.records import Product, QualityReport
from ebook_pipeline.tools import sandbox

VERSION = "quality-1"
"""Part of every report's `models`: grows when a check answers otherwise than before."""


class LanguageModel(Protocol):
    """What is asked of the text models here; they are `resources.text_models`'."""

    @property
    def version(self) -> str: ...

    def language(self, text: str) -> str:
        """The likeliest language as a primary tag of BCP 47."""
        ...


@dataclass(frozen=True)
class Checker:
    """What `assess` needs besides the book: `cache` is a folder for what is made once."""

    policy: Policy
    models: LanguageModel
    cache: Path
    limits: sandbox.Limits = field(default_factory=sandbox.Limits)


def assess(epub: Path, text: Path, product: Product, checker: Checker) -> QualityReport:
    """The report on the EPUB at `epub` with the plain text at `text`; the same for the same book.

    The book is read in a child process. Raises BookError and LimitExceeded as that does.
    """
    body = text.read_text(encoding="utf-8")
    guesses = [checker.models.language(piece) for piece in plausibility.samples(body)]
    language = _language(product, guesses)
    parts = sandbox.call(examine, epub, language, checker.cache, limits=checker.limits)
    doubt = plausibility.language_finding(product.languages, guesses, body)
    findings = tuple(filter(None, [doubt, *(one for part in parts for one in part.findings)]))
    return _report(parts, findings, product, checker)


def examine(epub: Path, language: str, cache: Path) -> tuple[Part, ...]:
    """Every dimension of the EPUB at `epub`, measured; runs wherever it is called.

    Deterministic; arguments and result pickle. Raises BookError for a book that can't be read.
    """
    from ebook_pipeline.books.epub.package import read_package
    from ebook_pipeline.books.quality import chapters, images, spelling, typography

    package = read_package(epub)
    parts = list(chapters.read(epub, package))
    seen = images.check(epub, package, parts)
    pictures = int(seen.score.evidence["pictures"])
    return (
        plausibility.check(parts, pictures),
        spelling.check(parts, language, cache),
        typography.check(parts),
        seen,
    )


def _language(product: Product, guesses: list[str]) -> str:
    """Spelling goes by what the text is in; a tie goes to the declared language."""
    declared = product.languages[0] if product.languages else ""
    heard = Counter(guess for guess in guesses if guess != "und").most_common(1)
    if not heard or heard[0][0] == declared.split("-")[0].lower():
        return declared
    return heard[0][0]


def _report(
    parts: tuple[Part, ...], findings: tuple[Finding, ...], product: Product, checker: Checker
) -> QualityReport:
    from ebook_pipeline.books.quality import lexicon

    scores = tuple(part.score for part in parts)
    verdict, reasons = checker.policy.judge(scores, (*findings, *product.findings))
    return QualityReport(
        verdict=verdict,
        reasons=reasons,
        scores=scores,
        findings=findings,
        policy=checker.policy.version,
        models=(VERSION, lexicon.version(), checker.models.version),
    )
