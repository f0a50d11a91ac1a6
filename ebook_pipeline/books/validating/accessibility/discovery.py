"""Discovery metadata: EPUB Accessibility 1.1 §2, https://www.w3.org/TR/epub-a11y-11/#sec-discovery

The words are those of the Schema.org Accessibility Properties for Discoverability Vocabulary,
https://www.w3.org/2021/a11y-discov-vocab/latest/
"""

import re
from collections.abc import Iterator

from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.records import Accessibility
from ebook_pipeline.books.validating.accessibility.violations import Violation

ACCESS_MODES = frozenset({"auditory", "tactile", "textual", "visual"})
_DETAILED_MODES = ACCESS_MODES | frozenset(
    {
        "chartOnVisual",
        "chemOnVisual",
        "colorDependent",
        "diagramOnVisual",
        "mathOnVisual",
        "musicOnVisual",
        "textOnVisual",
    }
)
_FEATURE_NAMES = (
    "annotations ARIA bookmarks index printPageNumbers pageBreakMarkers pageNavigation "
    "readingOrder structuralNavigation tableOfContents taggedPDF alternativeText "
    "audioDescription captions closedCaptions describedMath longDescription openCaptions "
    "signLanguage transcript displayTransformability displayTransformability/font-size "
    "displayTransformability/font-family displayTransformability/line-height "
    "displayTransformability/word-spacing displayTransformability/letter-spacing "
    "displayTransformability/color displayTransformability/background-color "
    "synchronizedAudioText timingControl unlocked ChemML latex latex-chemistry MathML "
    "MathML-chemistry ttsMarkup highContrastAudio highContrastAudio/noBackground "
    "highContrastAudio/reducedBackground highContrastAudio/switchableBackground "
    "highContrastDisplay largePrint braille tactileGraphic tactileObject fullRubyAnnotations "
    "horizontalWriting rubyAnnotations verticalWriting withAdditionalWordSegmentation "
    "withoutAdditionalWordSegmentation none unknown"
)
_FEATURES = frozenset(_FEATURE_NAMES.split())
_DANGERS = ("flashing", "motionSimulation", "sound")
_ABSENT = {
    "flashing": "noFlashingHazard",
    "motionSimulation": "noMotionSimulationHazard",
    "sound": "noSoundHazard",
}
_UNSURE = {
    "flashing": frozenset({"unknownFlashingHazard"}),
    "motionSimulation": frozenset(
        {"unknownMotionSimulationHazard", "unknownMotionSimultationHazard"}  # once misspelt
    ),
    "sound": frozenset({"unknownSoundHazard"}),
}
_HAZARDS = (
    frozenset({"none", "unknown"})
    | frozenset(_DANGERS)
    | frozenset(_ABSENT.values())
    | frozenset().union(*_UNSURE.values())
)
_STANDARD = re.compile(r"EPUB Accessibility 1\.1 - WCAG 2\.[012] Level A{1,3}")
_IDPF = re.compile(r"http://www\.idpf\.org/epub/a11y/accessibility-20170105\.html#wcag-a{1,3}")


def violations(package: PackageDocument) -> Iterator[Violation]:
    """What is missing in the package's metadata, and words that mean nothing."""
    facts, place = package.accessibility, package.path
    for rule, values in _by_rule(facts):
        if not values:
            yield Violation(rule, place)
    for rule, values, known in (
        ("metadata-accessmode-invalid", facts.access_modes, _DETAILED_MODES),
        ("metadata-accessibilityfeature-invalid", facts.features, _FEATURES),
        ("metadata-accessibilityhazard-invalid", facts.hazards, _HAZARDS),
        ("metadata-accessmodesufficient-invalid", _sufficient(facts), ACCESS_MODES),
    ):
        for value in sorted(set(values) - known):
            yield Violation(rule, place, repr(value[:80]))
    yield from _exclusions(facts, place)
    yield from _claims(package)


def is_known_standard(claim: str) -> bool:
    """Whether a conformance claim names a version and a level that there are."""
    return bool(_STANDARD.fullmatch(claim.strip()) or _IDPF.fullmatch(claim.strip()))


def certifiers(package: PackageDocument) -> tuple[str, ...]:
    """Who evaluated the book, as the package says (``a11y:certifiedBy``)."""
    names = (meta.value for meta in package.meta if meta.property == "a11y:certifiedBy")
    return tuple(dict.fromkeys(value for value in names if value))


def _by_rule(facts: Accessibility) -> tuple[tuple[str, object], ...]:
    return (
        ("metadata-accessmode", facts.access_modes),
        ("metadata-accessibilityfeature", facts.features),
        ("metadata-accessibilityhazard", facts.hazards),
        ("metadata-accessmodesufficient", facts.access_modes_sufficient),
        ("metadata-accessibilitysummary", facts.summary),
    )


def _sufficient(facts: Accessibility) -> list[str]:
    sets = (value.split(",") for value in facts.access_modes_sufficient)
    return [mode.strip() for modes in sets for mode in modes if mode.strip()]


def _exclusions(facts: Accessibility, place: str) -> Iterator[Violation]:
    for word in ("none", "unknown"):
        if word in facts.features and len(set(facts.features)) > 1:
            yield Violation(
                "metadata-accessibilityfeature-invalid", place, f"{word!r} beside others"
            )
        if word in facts.hazards and len(set(facts.hazards)) > 1:
            yield Violation(
                "metadata-accessibilityhazard-invalid", place, f"{word!r} beside others"
            )
    for danger in _DANGERS:
        statements = {danger, _ABSENT[danger], *_UNSURE[danger]} & set(facts.hazards)
        if len(statements) > 1:
            detail = " beside ".join(sorted(statements))
            yield Violation("metadata-accessibilityhazard-invalid", place, detail)


def _claims(package: PackageDocument) -> Iterator[Violation]:
    claimed = [claim for claim in package.accessibility.conforms_to if _speaks_of_access(claim)]
    for claim in claimed:
        if not is_known_standard(claim):
            yield Violation("metadata-conformsto-invalid", package.path, repr(claim[:80]))
    if claimed and not certifiers(package):
        yield Violation("metadata-certifiedby", package.path)


def _speaks_of_access(claim: str) -> bool:
    """Publications conform to other standards too, such as EDUPUB."""
    return claim.startswith(("EPUB Accessibility", "http://www.idpf.org/epub/a11y/"))
