"""A book's quality in figures with their evidence, and the verdict that a policy draws."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from ebook_pipeline.books.judging import grammar as grammar_check
from ebook_pipeline.books.judging import lexicon
from ebook_pipeline.books.judging.content_passages import ContentPassage, content_passages
from ebook_pipeline.books.judging.dimension import DimensionResult, unchecked, warning
from ebook_pipeline.books.judging.plausibility import language
from ebook_pipeline.books.judging.policy import QualityPolicy, imprint_key
from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Product, QualityReport
from ebook_pipeline.foundation.errors import LimitExceeded
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.tools import sandbox

if TYPE_CHECKING:
    from ebook_pipeline.books.formats.epub.package import PackageDocument
    from ebook_pipeline.books.judging.chapters import ParsedChapter
    from ebook_pipeline.books.judging.numbering import Heading
    from ebook_pipeline.books.judging.plausibility.library_text import LibraryText
    from ebook_pipeline.books.judging.typography import ContainerFiles

SHARED_BY_CALLS = (
    "ebook_pipeline.books.judging.appropriateness",
    "ebook_pipeline.books.judging.appropriateness.by_model",
    "ebook_pipeline.books.judging.images",
    "ebook_pipeline.books.judging.plausibility.library_text",
    "ebook_pipeline.books.judging.spelling",
    "ebook_pipeline.books.judging.typography",
)
_LARGEST_SHEET = 4 << 20
_EXAMINED = ("plausibility", "spelling", "typography", "images", "appropriateness")
"""The dimensions that one reading of the book measures, in the order of the report."""
LONGEST_TEXT = 8_000_000
"""Characters of a text from whose inside its language is told."""
VERSION = "quality-14"
"""Part of every report's `models`: grows when a check answers otherwise than before."""


class LanguageModel(Protocol):
    """What is asked of the text models here; see `resources.models.text_models`."""

    @property
    def analyzer(self) -> str:
        """Who tells languages."""
        ...

    def used_in(self, language: str) -> tuple[str, ...]:
        """The models that serve texts in `language` alone."""
        ...

    def language(self, text: str) -> str:
        """The likeliest language as a primary tag of BCP 47."""
        ...

    def content_shares(
        self, texts: Sequence[str], language: str, kinds: Mapping[str, str]
    ) -> list[tuple[int, dict[str, float]]]:
        """Of each passage that is read its number and how likely each kind of content is (0 to 1).

        `kinds` are what the kinds are called, by name. Empty where no model is named.
        """
        ...


@dataclass(frozen=True)
class AssessmentInput:
    """What is judged: the EPUB, its plain text in UTF-8, and what is known of both.

    `findings` are those of the stages before: what they found may call for a review too.
    """

    epub: Path
    text: Path
    product: Product
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class QualityAssessor:
    """Who judges: by a policy, with models. `cache` is a folder for the word list, built once.

    Without `cache` the word list is built again for every book (3 s); without a checker of
    grammar that dimension says so. `imprint` is whose rules stand instead of the general ones.
    """

    policy: QualityPolicy
    models: LanguageModel
    cache: Path | None = None
    grammar: grammar_check.GrammarChecker | None = None
    imprint: str = ""
    language: str = ""
    """The primary tag of whose models count in `version`; those of all where nobody says."""

    @property
    def version(self) -> str:
        """Whatever may change a verdict."""
        own = (imprint_key(self.imprint),) if self.policy.knows(self.imprint) else ()
        return " ".join((self.policy.version, *own, *self._models))

    def of_imprint(self, imprint: str) -> Self:
        """The same, by the rules of `imprint`."""
        return replace(self, imprint=imprint)

    def in_language(self, tag: str) -> Self:
        """The same, with the models of the language `tag`."""
        return replace(self, language=primary_tag(tag))

    @property
    def _models(self) -> tuple[str, ...]:
        checkers = (self.grammar.version,) if self.grammar else ()
        used = self.models.used_in(self.language)
        return VERSION, lexicon.version(), self.models.analyzer, *used, *checkers

    def assess(self, book: AssessmentInput) -> QualityReport:
        """The report on `book`, which is read in a child process; the same for the same book.

        Where its limits end that, the dimensions are unchecked. Raises BookError.
        """
        product, body = book.product, _start_of(book.text)
        guesses = [self.models.language(piece) for piece in language.samples(body)]
        tongue = _language(product, guesses)
        self._keep_word_list()
        arguments = book.epub, tongue, self.cache, _contents(product)
        seen = self._examined(*arguments)
        tongue = seen.tongue or tongue
        checked = grammar_check.check_grammar(seen.prose, tongue, self.grammar)
        judged = (self._judged(part, seen.content, tongue, product) for part in seen.parts)
        parts = tuple(_against(part, product) for part in (*judged, checked))
        doubt = language.language_finding(product.languages, guesses, body, seen.marked)
        foreign = language.foreign_chapters(product.languages, seen.samples, self.models.language)
        measured = (finding for part in parts for finding in part.findings)
        findings = tuple(filter(None, [*seen.doubts, doubt, *foreign, *measured]))
        scores = tuple(part.score for part in parts)
        known = (*findings, *product.findings, *book.findings)
        verdict, reasons = self.policy.judge(scores, known, (self.imprint,))
        return QualityReport(
            verdict=verdict,
            reasons=reasons,
            scores=scores,
            findings=findings,
            policy=self.policy.version,
            models=self.in_language("".join(product.languages[:1]))._models,
        )

    def _examined(
        self, epub: Path, tongue: str, cache: Path | None, contents: "tuple[Heading, ...]"
    ) -> "Examination":
        """A book that asks for more than one may have is not judged: a limit of ours, no fault."""
        from ebook_pipeline.books.judging import spelling

        try:
            return sandbox.call(
                examine_book,
                *(epub, tongue, cache, contents, self.policy.leaves_out_boilerplate),
                files=self._files(epub),
                held=(spelling.prepare, cache) if cache and tongue.startswith("en") else None,
            )
        except LimitExceeded as error:
            return _unexamined(error)

    def _judged(
        self,
        measured: DimensionResult,
        passages: Sequence[ContentPassage],
        tongue: str,
        product: Product,
    ) -> DimensionResult:
        """What suits whom, by a model too where one is named for the language that is declared."""
        from ebook_pipeline.books.judging.appropriateness import DIMENSION, by_model

        declared = {primary_tag(tag) for tag in product.languages[:1]} or {""}
        language = primary_tag(tongue)
        if measured.score.dimension != DIMENSION or language not in declared:
            return measured
        texts = [passage.text for passage in passages]
        told = self.models.content_shares(texts, language, by_model.kinds_called())
        read = [by_model.JudgedPassage(passages[number], shares) for number, shares in told]
        return by_model.with_model(measured, read, language) if read else measured

    def _keep_word_list(self) -> None:
        """Build it where it is missing; no child that reads a book may write it."""
        if self.cache is not None and not lexicon.file_in(self.cache).exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            sandbox.call(lexicon.keep, self.cache)

    def _files(self, epub: Path) -> sandbox.FileRules:
        cache = () if self.cache is None else (self.cache.absolute(),)
        return sandbox.FileRules(read=(epub.absolute(), *cache))


@dataclass(frozen=True)
class Examination:
    """What was read of a book: its dimensions, what tells each chapter's language, and prose.

    `content` is what a model of kinds of content reads, `tongue` the language that was judged,
    `marked` the others in which much is marked up. `prose` is None, and `doubts` say why,
    where the reading did not come to an end.
    """

    parts: tuple[DimensionResult, ...]
    samples: tuple[language.LanguageSample, ...]
    prose: grammar_check.GrammarSample | None
    content: tuple[ContentPassage, ...] = ()
    tongue: str = ""
    marked: tuple[str, ...] = ()
    doubts: tuple[Finding, ...] = ()


def examine_book(
    epub: Path,
    tongue: str,
    cache: Path | None = None,
    contents: "tuple[Heading, ...]" = (),
    leave_out: bool = False,
) -> Examination:
    """Every dimension of the EPUB at `epub`, measured; runs wherever it is called.

    `tongue` is the language it reads as, `contents` its table of contents; what is marked up in
    another language than its documents' is not judged. `leave_out`: what a digital library put
    around it counts in no figure but those of pictures and of what the young should not read.
    Deterministic; arguments and result pickle. Raises BookError where it can't be read.
    """
    from ebook_pipeline.books.judging import (
        appropriateness,
        images,
        plausibility,
        spelling,
        typography,
    )

    package, whole, library = _read(epub)
    parts = library.own if leave_out else whole
    marked = language.marked_languages(whole)
    if primary_tag(tongue) in marked:
        tongue = language.home_language(whole) or tongue
    prose = [part.in_prose for part in parts]
    near = container_files(epub, package)
    measured = (
        plausibility.check(parts, tongue, cache, contents, library),
        spelling.check(prose, tongue, cache),
        typography.check(prose, near, tongue),
        images.check(epub, package, whole, near.sheets),
        appropriateness.check(whole, tongue),
    )
    return Examination(
        measured,
        language.chapter_samples(parts),
        grammar_check.sample_passages(prose),
        content_passages(whole),
        tongue,
        marked,
    )


def _read(epub: Path) -> "tuple[PackageDocument, list[ParsedChapter], LibraryText]":
    """The book's package, its chapters, and what of these a library put around it."""
    from ebook_pipeline.books.formats.epub.package import read_package
    from ebook_pipeline.books.judging import chapters
    from ebook_pipeline.books.judging.plausibility.library_text import library_text

    package = read_package(epub)
    whole = list(chapters.read(epub, package))
    return package, whole, library_text(whole)


def _unexamined(error: LimitExceeded) -> Examination:
    """Every dimension unchecked."""
    doubt = warning(
        "quality.unchecked",
        f"The book could not be judged: {error}",
        remedy="Read it, and approve or reject it.",
    )
    parts = tuple(unchecked(name, str(error)) for name in _EXAMINED)
    return Examination(parts, (), None, doubts=(doubt,))


def _start_of(text: Path) -> str:
    """As much as is looked at out here: a few pieces of it, which tell the language."""
    with text.open(encoding="utf-8") as file:
        return file.read(LONGEST_TEXT)


def _against(measured: DimensionResult, product: Product) -> DimensionResult:
    """Only one dimension is a matter of the audience that the book is declared for."""
    from ebook_pipeline.books.judging import appropriateness

    if measured.score.dimension != appropriateness.DIMENSION:
        return measured
    return appropriateness.against(measured, product)


def _contents(product: Product) -> "tuple[Heading, ...]":
    """The lines of the table of contents."""
    from ebook_pipeline.books.judging.numbering import Heading

    return tuple(Heading(entry.href, entry.level, entry.title) for entry in product.toc)


def container_files(epub: Path, package: "PackageDocument") -> "ContainerFiles":
    """The style sheets and names of the container. Raises BookError."""
    from ebook_pipeline.books.formats.epub import archive
    from ebook_pipeline.books.judging.typography import ContainerFiles

    styles = [item.path for item in package.manifest if item.media_type == "text/css" and item.path]
    with archive.opened(epub) as container:
        there = [path for path in styles if path in container]
        sheets = [container.read(path, _LARGEST_SHEET).decode(errors="replace") for path in there]
        return ContainerFiles(sheets, frozenset(container.names))


def _language(product: Product, guesses: list[str]) -> str:
    """Spelling goes by what the text is in; a tie goes to the declared language."""
    declared = product.languages[0] if product.languages else ""
    heard = Counter(guess for guess in guesses if guess != "und").most_common(1)
    if not heard or heard[0][0] == primary_tag(declared):
        return declared
    return heard[0][0]
