"""Discovery metadata: EPUB Accessibility 1.1 §2, https://www.w3.org/TR/epub-a11y-11/#sec-discovery

The words are those of the Schema.org Accessibility Properties for Discoverability Vocabulary,
https://www.w3.org/2021/a11y-discov-vocab/latest/
"""

import re
from collections.abc import Iterator

from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.records import Accessibility
from ebook_pipeline.books.validating.accessibility.faults import Fault

MODES = frozenset({"auditory", "tactile", "textual", "visual"})
_MODE_KINDS = MODES | frozenset(
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


def faults(package: PackageDocument) -> Iterator[Fault]:
    """What is missing in the package's metadata, and words that mean nothing."""
    facts, place = package.accessibility, package.path
    for rule, values in _by_rule(facts):
        if not values:
            yield Fault(rule, place)
    for rule, values, known in (
        ("metadata-accessmode-invalid", facts.access_modes, _MODE_KINDS),
        ("metadata-accessibilityfeature-invalid", facts.features, _FEATURES),
        ("metadata-accessibilityhazard-invalid", facts.hazards, _HAZARDS),
        ("metadata-accessmodesufficient-invalid", _sufficient(facts), MODES),
    ):
        for value in sorted(set(values) - known):
            yield Fault(rule, place, repr(value[:80]))
    yield from _exclusions(facts, place)
    yield from _claims(package)


def is_a_standard(claim: str) -> bool:
    """Whether a conformance claim names a version and a level that there are."""
    return bool(_STANDARD.fullmatch(claim.strip()) or _IDPF.fullmatch(claim.strip()))


def certifiers(package: PackageDocument) -> tuple[str, ...]:
    """Who evaluated the book, as the package says (``a11y:certifiedBy``)."""
    found = (one.value for one in package.meta if one.property == "a11y:certifiedBy")
    return tuple(dict.fromkeys(value for value in found if value))


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
    return [one.strip() for modes in sets for one in modes if one.strip()]


def _exclusions(facts: Accessibility, place: str) -> Iterator[Fault]:
    for word in ("none", "unknown"):
        if word in facts.features and len(set(facts.features)) > 1:
            yield Fault("metadata-accessibilityfeature-invalid", place, f"{word!r} beside others")
        if word in facts.hazards and len(set(facts.hazards)) > 1:
            yield Fault("metadata-accessibilityhazard-invalid", place, f"{word!r} beside others")
    for danger in _DANGERS:
        said = {danger, _ABSENT[danger], *_UNSURE[danger]} & set(facts.hazards)
        if len(said) > 1:
            detail = " beside ".join(sorted(said))
            yield Fault("metadata-accessibilityhazard-invalid", place, detail)


def _claims(package: PackageDocument) -> Iterator[Fault]:
    claimed = [one for one in package.accessibility.conforms_to if _speaks_of_access(one)]
    for claim in claimed:
        if not is_a_standard(claim):
            yield Fault("metadata-conformsto-invalid", package.path, repr(claim[:80]))
    if claimed and not certifiers(package):
        yield Fault("metadata-certifiedby", package.path)


def _speaks_of_access(claim: str) -> bool:
    """Publications conform to other standards too, such as EDUPUB."""
    return claim.startswith(("EPUB Accessibility", "http://www.idpf.org/epub/a11y/"))
