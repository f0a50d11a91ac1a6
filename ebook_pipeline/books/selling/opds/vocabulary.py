"""Media types, link relations and vocabularies of OPDS 2.0 and of Readium's manifest."""

from typing import Any

Json = dict[str, Any]

FEED = "application/opds+json"
PUBLICATION = "application/opds-publication+json"
HTML = "text/html"
LCP_LICENSE = "application/vnd.readium.lcp.license.v1.0+json"

BUY = "http://opds-spec.org/acquisition/buy"
SAMPLE = "http://opds-spec.org/acquisition/sample"
NEWEST = "http://opds-spec.org/sort/new"
ACQUISITION = "http://opds-spec.org/acquisition"
SHELF = "http://opds-spec.org/shelf"

BOOK = "http://schema.org/Book"
SCHEMES = {"thema": "https://ns.editeur.org/thema/", "bisac": "https://www.bisg.org/bisac/"}
"""Subject schemes as URIs, by our names of them."""
CREDIT = "https://schema.org/creditText"
"""https://schema.org/creditText; metadata of other vocabularies are named by their URI."""

ROLES = {
    "art": "artist",
    "clr": "colorist",
    "edt": "editor",
    "ill": "illustrator",
    "nrt": "narrator",
    "trl": "translator",
}
"""Properties of the manifest by MARC relator; all others are contributors with a role.

https://readium.org/webpub-manifest/contexts/default/#contributors
"""

PROGRESSIONS = {"ltr": "ltr", "rtl": "rtl"}

ACCESS_MODES = frozenset(
    {
        *("auditory", "chartOnVisual", "chemOnVisual", "colorDependent", "diagramOnVisual"),
        *("mathOnVisual", "musicOnVisual", "tactile", "textOnVisual", "textual", "visual"),
    }
)
SUFFICIENT_MODES = frozenset({"auditory", "tactile", "textual", "visual"})
FEATURES = frozenset(
    {
        *("annotations", "ARIA", "bookmarks", "index", "printPageNumbers", "readingOrder"),
        *("structuralNavigation", "tableOfContents", "taggedPDF", "alternativeText", "captions"),
        *("audioDescription", "describedMath", "longDescription", "rubyAnnotations", "transcript"),
        *("signLanguage", "displayTransformability", "synchronizedAudioText", "timingControl"),
        *("unlocked", "ChemML", "latex", "MathML", "ttsMarkup", "highContrastAudio", "largePrint"),
        *("highContrastDisplay", "braille", "tactileGraphic", "tactileObject", "none"),
    }
)
HAZARDS = frozenset(
    {
        *("flashing", "noFlashingHazard", "motionSimulation", "noMotionSimulationHazard"),
        *("sound", "noSoundHazard", "unknown", "none"),
    }
)
"""Words of schema.org that readers' apps know; what a book states besides is not told on.

https://readium.org/webpub-manifest/contexts/default/#accessibility-metadata
"""


def without_empty(document: Json) -> Json:
    """`document` without what is empty: None, "", no items; 0 and False are kept."""
    return {name: value for name, value in document.items() if value not in (None, "", [], {})}
