"""The codes of ONIX code lists that we use, named as the lists name them.

https://ns.editeur.org/onix/en
"""

from enum import StrEnum


class NotificationType(StrEnum):
    """List 1."""

    CONFIRMED = "03"
    UPDATE = "04"
    DELETE = "05"


class ProductIdType(StrEnum):
    """List 5."""

    PROPRIETARY = "01"
    DOI = "06"
    ISBN_13 = "15"
    URN = "22"


class ProductFormDetail(StrEnum):
    """List 175."""

    EPUB = "E101"
    PDF = "E107"
    REFLOWABLE = "E200"
    FIXED = "E201"


class EpubTechnicalProtection(StrEnum):
    """List 144."""

    NONE = "00"
    DRM = "01"
    WATERMARKING = "02"
    READIUM_LCP = "06"


class SubjectScheme(StrEnum):
    """List 27."""

    BISAC = "10"
    KEYWORDS = "20"
    THEMA = "93"
    THEMA_PLACE = "94"
    THEMA_LANGUAGE = "95"
    THEMA_TIME = "96"
    THEMA_EDUCATION = "97"
    THEMA_INTEREST = "98"
    THEMA_STYLE = "99"


CODED_SUBJECTS = {"bisac": SubjectScheme.BISAC, "thema": SubjectScheme.THEMA}
"""By the scheme of a `Subject`; other schemes' terms are told as keywords."""
_QUALIFIERS = {
    "1": SubjectScheme.THEMA_PLACE,
    "2": SubjectScheme.THEMA_LANGUAGE,
    "3": SubjectScheme.THEMA_TIME,
    "4": SubjectScheme.THEMA_EDUCATION,
    "5": SubjectScheme.THEMA_INTEREST,
    "6": SubjectScheme.THEMA_STYLE,
}


def scheme_of(scheme: str | None, code: str | None) -> SubjectScheme | None:
    """List 27 for a code of this scheme: Thema's qualifiers have each their own."""
    known = CODED_SUBJECTS.get(scheme or "") if code else None
    if known is SubjectScheme.THEMA and code:
        return _QUALIFIERS.get(code[0], known)
    return known


class ProductAvailability(StrEnum):
    """List 65."""

    NOT_YET = "10"
    AVAILABLE = "20"
    NOT_AVAILABLE = "40"


AUTHOR = "A01"
"""List 17."""

ACCESSIBILITY = {
    "alternativeText": "14",
    "ARIA": "30",
    "displayTransformability": "36",
    "highContrastDisplay": "26",
    "index": "12",
    "longDescription": "15",
    "MathML": "17",
    "pageBreakMarkers": "19",
    "pageNavigation": "41",
    "printPageNumbers": "19",
    "readingOrder": "13",
    "structuralNavigation": "29",
    "synchronizedAudioText": "20",
    "tableOfContents": "11",
    "ttsMarkup": "21",
    "unlocked": "10",
}
"""List 196 by what schema.org calls an accessibility feature."""

ACCESSIBILITY_SUMMARY, WITHOUT_SIGHT = "00", "52"
EPUB_ACCESSIBILITY_1_1 = "04"
EPUB_ACCESSIBILITY_1_0 = {"a": "02", "aa": "03"}
WCAG_VERSIONS = {"20": "80", "21": "81", "22": "82"}
WCAG_LEVELS = {"a": "84", "aa": "85", "aaa": "86"}

THREE_LETTER_LANGUAGES = (
    "akk ang arc ast ban bej ber ceb chr cop crh dsb dum egy enm fil fon frm fro fry fur gez gla"
    " gmh goh got grc gsw haw hil hmn hsb ilo kab kok lad lus mai mni moh nap nds new non nso peo"
    " phn pro rom sah scn sco sga srn syr tet tlh tpi tsn udm war wen yap zap zza"
)
"""Of list 74 (ISO 639-2/B): languages that have no code of two letters."""
