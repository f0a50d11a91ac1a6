"""A book's quality in figures with their evidence, and the verdict that a policy draws."""

from collections import Counter
from pathlib import Path
from typing import Protocol

from ebook_pipeline.books.quality import lexicon, plausibility
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


def assess(
    epub: Path,
    text: Path,
    product: Product,
    policy: Policy,
    models: LanguageModel,
    cache: Path | None = None,
) -> QualityReport:
    """The report on the EPUB at `epub` with the plain text at `text`; the same for the same book.

    The book is read in a child process. `cache` is a folder for the word list that is built once;
    without one it is built again for every book (1.5 s). Raises BookError and LimitExceeded.
    """
    body = text.read_text(encoding="utf-8")
    guesses = [models.language(piece) for piece in plausibility.samples(body)]
    language = _language(product, guesses)
    parts = sandbox.call(examine, epub, language, cache)
    doubt = plausibility.language_finding(product.languages, guesses, body)
    findings = tuple(filter(None, [doubt, *(one for part in parts for one in part.findings)]))
    scores = tuple(part.score for part in parts)
    verdict, reasons = policy.judge(scores, (*findings, *product.findings))
    return QualityReport(
        verdict=verdict,
        reasons=reasons,
        scores=scores,
        findings=findings,
        policy=policy.version,
        models=(VERSION, lexicon.version(), models.version),
    )


def examine(epub: Path, language: str, cache: Path | None = None) -> tuple[Part, ...]:
    """Every dimension of the EPUB at `epub`, measured; runs wherever it is called.

    Deterministic; arguments and result pickle. Raises BookError for a book that can't be read.
    """
    from ebook_pipeline.books.epub.package import read_package
    from ebook_pipeline.books.quality import chapters, images, spelling, typography

    package = read_package(epub)
    parts = list(chapters.read(epub, package))
    return (
        plausibility.check(parts),
        spelling.check(parts, language, cache),
        typography.check(parts),
        images.check(epub, package, parts),
    )


def _language(product: Product, guesses: list[str]) -> str:
    """Spelling goes by what the text is in; a tie goes to the declared language."""
    declared = product.languages[0] if product.languages else ""
    heard = Counter(guess for guess in guesses if guess != "und").most_common(1)
    if not heard or heard[0][0] == declared.split("-")[0].lower():
        return declared
    return heard[0][0]
