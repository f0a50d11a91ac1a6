"""What the catalogue may tell readers: what is claimed, by whom, and what a program found.

In the words of the Accessibility Metadata Display Guide, https://www.w3.org/publishing/a11y/
metadata-display-guide/; a program can't prove conformance, so no statement here asserts it.
"""

from collections.abc import Iterator

from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.records import Accessibility, Conformance, ConformanceStatus
from ebook_pipeline.books.validating.accessibility import discovery
from ebook_pipeline.books.validating.accessibility.rules import DISCOVERY
from ebook_pipeline.books.validating.accessibility.violations import ViolationCounter

STANDARD = "EPUB Accessibility 1.1 - WCAG 2.2 Level AA"
_IDPF = "http://www.idpf.org/epub/a11y/accessibility-20170105.html#wcag-"
_FEATURES = {
    "tableOfContents": "a table of contents",
    "pageNavigation": "a page list",
    "pageBreakMarkers": "page breaks of the printed edition",
    "printPageNumbers": "page numbers of the printed edition",
    "index": "an index with links",
    "structuralNavigation": "headings to move by",
    "alternativeText": "alternative text for images",
    "longDescription": "long descriptions",
    "MathML": "formulas as MathML",
    "describedMath": "described formulas",
    "closedCaptions": "closed captions",
    "openCaptions": "open captions",
    "transcript": "transcripts",
    "audioDescription": "audio descriptions",
    "signLanguage": "sign language",
    "synchronizedAudioText": "text and audio together",
    "displayTransformability": "letters and layout that can be changed",
    "highContrastDisplay": "high contrast",
    "largePrint": "large print",
    "ttsMarkup": "marks for synthetic speech",
}
_HAZARDS = {
    "flashing": "flashing",
    "motionSimulation": "simulated motion",
    "sound": "sound",
}
_SAFE = {
    "noFlashingHazard": "no flashing",
    "noMotionSimulationHazard": "no simulated motion",
    "noSoundHazard": "no sound hazard",
}


def conformance(package: PackageDocument, counter: ViolationCounter, complete: bool) -> Conformance:
    """The record of one book; `complete` says that every check came to its end."""
    claimed = tuple(claim.strip() for claim in package.accessibility.conforms_to if claim.strip())
    unmet = counter.criteria()
    status = _status(claimed, unmet, complete)
    sentences = (
        _claim(claimed, discovery.certifiers(package)),
        _found(unmet, complete),
        *_ways_of_reading(package),
        *_hazards(package.accessibility),
    )
    return Conformance(
        standard=STANDARD,
        claimed=claimed,
        status=status,
        statement=" ".join(sentences),
        unmet=unmet,
    )


def _status(claimed: tuple[str, ...], unmet: tuple[str, ...], complete: bool) -> ConformanceStatus:
    if set(unmet) - {DISCOVERY}:
        return ConformanceStatus.FAULTS_FOUND
    if unmet:
        return ConformanceStatus.INCOMPLETE_METADATA
    if not complete:
        return ConformanceStatus.NOT_FULLY_CHECKED
    if any(discovery.is_known_standard(claim) for claim in claimed):
        return ConformanceStatus.CLAIMED
    return ConformanceStatus.NOT_CLAIMED


def _claim(claimed: tuple[str, ...], certifiers: tuple[str, ...]) -> str:
    known = [_plain(claim) for claim in claimed if discovery.is_known_standard(claim)]
    if not known:
        return "The publisher does not say that this book meets an accessibility standard."
    by = (
        f", evaluated by {', '.join(certifier[:200] for certifier in certifiers[:3])}"
        if certifiers
        else ""
    )
    return f"The publisher says that this book meets {known[0]}{by}."


def _plain(claim: str) -> str:
    level = claim.removeprefix(_IDPF)
    return claim if level == claim else f"EPUB Accessibility 1.0 - WCAG 2.0 Level {level[4:]}"


def _found(unmet: tuple[str, ...], complete: bool) -> str:
    if unmet:
        return f"Automatic checks found faults in: {'; '.join(unmet)}."
    if not complete:
        return "Automatic checks could not look at the whole book."
    return "Automatic checks found no fault; they can't find every fault."


def _ways_of_reading(package: PackageDocument) -> Iterator[str]:
    facts = package.accessibility
    enough = {"".join(value.split()) for value in facts.access_modes_sufficient}
    if "textual" in enough:
        yield "The publisher says that all of it can be read as text, aloud or in braille."
    elif facts.access_modes == ("visual",):
        yield "The publisher says that it has to be seen: no reading aloud, no braille."
    if package.layout == "pre-paginated":
        yield "Its pages are fixed: letters and layout can't be changed."
    named = [words for feature, words in _FEATURES.items() if feature in facts.features]
    if named:
        yield f"It is said to offer: {', '.join(named)}."


def _hazards(facts: Accessibility) -> Iterator[str]:
    dangers = [words for hazard, words in _HAZARDS.items() if hazard in facts.hazards]
    if dangers:
        yield f"The publisher warns of {', '.join(dangers)}."
    elif "none" in facts.hazards or set(_SAFE) <= set(facts.hazards):
        yield "The publisher says that there are no hazards."
    elif not facts.hazards or "unknown" in facts.hazards:
        yield "Whether there are hazards is not known."
    else:
        safe = [words for hazard, words in _SAFE.items() if hazard in facts.hazards]
        yield f"The publisher says: {', '.join(safe) or 'hazards are not known'}."
