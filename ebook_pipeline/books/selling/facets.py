"""What a catalogue is narrowed by: short words of one form, ``language=en``, made of a product."""

import functools
from collections.abc import Iterator

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.records import Product
from ebook_pipeline.books.selling.thema import thema_heading

FACETS = ("language", "genre", "format", "audience", "accessibility", "publisher")
"""Every facet, in the order in which they are offered."""

AUDIENCES = {
    "01": "General",
    "02": "Children",
    "03": "Young adult",
    "04": "Primary and secondary education",
    "05": "College and higher education",
    "06": "Professional and scholarly",
    "07": "English language teaching",
    "08": "Adult education",
    "09": "Second language teaching",
}
"""ONIX list 28, https://ns.editeur.org/onix/en/28"""

ACCESSIBLE = {
    "alternativeText": "Pictures described",
    "conforms": "States a standard that it meets",
    "displayTransformability": "Text can be enlarged",
    "synchronizedAudioText": "Text with synchronised audio",
    "textual": "Can be read without sight",
}
"""What readers choose accessible books by, out of what a book states."""

FORMS = {"epub": "EPUB", "epub-fixed": "EPUB, fixed layout", "pdf": "PDF"}

LANGUAGES = {
    "af": "Afrikaans", "ar": "العربية", "be": "беларуская", "bg": "български", "bn": "বাংলা",
    "bs": "bosanski", "ca": "català", "cs": "čeština", "cy": "Cymraeg", "da": "dansk",
    "de": "Deutsch", "el": "Ελληνικά", "en": "English", "eo": "esperanto", "es": "español",
    "et": "eesti", "eu": "euskara", "fa": "فارسی", "fi": "suomi", "fr": "français", "ga": "Gaeilge",
    "gd": "Gàidhlig", "gl": "galego", "grc": "Ἀρχαία ἑλληνική", "gu": "ગુજરાતી", "he": "עברית",
    "hi": "हिन्दी", "hr": "hrvatski", "hu": "magyar", "hy": "հայերեն", "id": "Indonesia",
    "is": "íslenska", "it": "italiano", "ja": "日本語", "ka": "ქართული", "kk": "қазақ тілі",
    "km": "ខ្មែរ", "kn": "ಕನ್ನಡ", "ko": "한국어", "la": "Latina", "lo": "ລາວ", "lt": "lietuvių",
    "lv": "latviešu", "mk": "македонски", "ml": "മലയാളം", "mr": "मराठी", "ms": "Melayu",
    "my": "မြန်မာ", "nb": "norsk bokmål", "ne": "नेपाली", "nl": "Nederlands", "nn": "norsk nynorsk",
    "no": "norsk", "pa": "ਪੰਜਾਬੀ", "pl": "polski", "pt": "português", "ro": "română",
    "ru": "русский", "sa": "संस्कृतम्", "si": "සිංහල", "sk": "slovenčina", "sl": "slovenščina",
    "sq": "shqip", "sr": "српски", "sv": "svenska", "sw": "Kiswahili", "ta": "தமிழ்",
    "te": "తెలుగు", "th": "ไทย", "tr": "Türkçe", "uk": "українська", "ur": "اردو",
    "vi": "Tiếng Việt", "yi": "ייִדיש", "zh": "中文",
}  # fmt: skip
"""Languages as their readers call them."""

_LONGEST = 120


def facet(name: str, value: str) -> str:
    """The one form of a facet. Raises `ValueError` for a name that is none."""
    if name not in FACETS:
        raise ValueError(f"{name!r} is no facet: {', '.join(FACETS)}")
    plain = value.replace("\0", "\ufffd")  # no database holds a NUL
    return f"{name}={' '.join(plain.split())[:_LONGEST]}"


def facets_of(product: Product, media_type: str) -> tuple[str, ...]:
    """All facets of a book that is sold as a file of this media type, sorted, each once."""
    facets = (
        *(facet("language", primary_tag(tag)) for tag in product.languages),
        *genre_facets(product),
        facet("format", _form(product, media_type)),
        *([facet("audience", product.audience.code)] if product.audience else ()),
        *(facet("accessibility", feature) for feature in _accessible(product)),
        *(facet("publisher", name) for name in product.publishers),
    )
    return tuple(sorted({word for word in facets if not word.endswith("=")}))


def facet_label(word: str, language: str = "en") -> str:
    """What people call it; a code that we have no word for stands for itself.

    `language` is that of a genre's heading: the other words are English, or their readers' own.
    """
    name, _, value = word.partition("=")
    if name == "genre":
        return thema_heading(value, language) or value
    if name == "language":
        spoken, _, region = value.partition("-")
        known = LANGUAGES.get(spoken) if region else None
        return f"{known} ({region})" if known else LANGUAGES.get(value, value)
    return _words().get(name, {}).get(value, value)


@functools.cache
def _words() -> dict[str, dict[str, str]]:
    return {
        "format": FORMS,
        "audience": AUDIENCES,
        "accessibility": ACCESSIBLE,
    }


def genre_facets(product: Product) -> tuple[str, ...]:
    """The facets of a book's genres: those that its text was told, and those it was sent with."""
    codes = (
        *(genre.code for genre in product.genres if genre.assigned),
        *(one.code for one in product.subjects if one.scheme == "thema" and one.code),
    )
    return tuple(dict.fromkeys(facet("genre", code) for code in codes))


def _form(product: Product, media_type: str) -> str:
    if "pdf" in media_type:
        return "pdf"
    return "epub-fixed" if product.layout == "pre-paginated" else "epub"


def _accessible(product: Product) -> Iterator[str]:
    stated = product.accessibility
    yield from (feature for feature in stated.features if feature in ACCESSIBLE)
    if "textual" in stated.access_modes_sufficient:
        yield "textual"
    if stated.conforms_to:
        yield "conforms"
