"""The metadata's promises held against the book: EPUB Accessibility 1.1 §2.2."""

from collections.abc import Callable, Iterator

from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.validating.accessibility.faults import Fault
from ebook_pipeline.books.validating.accessibility.survey import Survey

_FEW_LETTERS = 20
_NEEDS: dict[str, tuple[str, Callable[[Survey], int]]] = {
    "alternativeText": ("image or formula", lambda survey: survey.images + survey.formulas),
    "ARIA": ("role", lambda survey: survey.roles),
    "describedMath": ("described formula", lambda survey: survey.described_formulas),
    "MathML": ("formula", lambda survey: survey.formulas),
    "pageBreakMarkers": ("page break", lambda survey: len(survey.page_breaks)),
    "printPageNumbers": (
        "page break or page list",
        lambda survey: len(survey.page_breaks) + survey.pages,
    ),
    "rubyAnnotations": ("ruby", lambda survey: survey.ruby),
    "structuralNavigation": ("heading", lambda survey: survey.headings),
    "synchronizedAudioText": ("media overlay", lambda survey: survey.overlays),
    "tableOfContents": ("table of contents", lambda survey: survey.toc),
    "ttsMarkup": ("SSML or lexicon", lambda survey: survey.speech + survey.lexicons),
}


def faults(package: PackageDocument, survey: Survey) -> Iterator[Fault]:
    """A fault for each promise that the book does not keep."""
    features = tuple(dict.fromkeys(package.accessibility.features))
    for feature in features:
        what, count = _NEEDS.get(feature, ("", _something))
        if not count(survey):
            yield _broken(package, f"{feature} is claimed, but the book has no {what}")
    bare = survey.images - survey.described - survey.decorative
    if "alternativeText" in features and bare:
        detail = f"alternativeText is claimed, but {bare} of {survey.images} images have none"
        yield _broken(package, detail)
    elif "alternativeText" in features and survey.images and not survey.described:
        yield _broken(package, "alternativeText is claimed, but all images are called decoration")
    if "pageNavigation" in features and not survey.pages:
        rule = "metadata-accessibilityfeature-printpagenumbers-nopagelist"
        yield Fault(rule, package.path)
    yield from _modes(package, survey, bare)


def _modes(package: PackageDocument, survey: Survey, bare: int) -> Iterator[Fault]:
    facts = package.accessibility
    if "textual" in facts.access_modes and survey.letters < _FEW_LETTERS:
        yield _broken(package, "textual is claimed, but the book has no text")
    if "auditory" in facts.access_modes and not survey.players + survey.overlays:
        yield _broken(package, "auditory is claimed, but the book has no sound")
    if bare and "textual" in (value.strip() for value in facts.access_modes_sufficient):
        detail = f"textual is called sufficient, but {bare} images have no description"
        yield _broken(package, detail)


def _something(survey: Survey) -> int:  # noqa: ARG001
    """What a program can't look for is taken to be there."""
    return 1


def _broken(package: PackageDocument, detail: str) -> Fault:
    return Fault("claim-contradicted", package.path, detail)
