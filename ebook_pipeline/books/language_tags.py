"""Languages as files state them (``en_US``, ``eng``, ``English``) as tags of BCP 47."""

import functools
import re
import unicodedata

UNDETERMINED = "und"
WELL_FORMED = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*|[ix](?:-[A-Za-z0-9]{1,8})+")
"""What looks like a tag, RFC 5646 §2.1."""
_NAMES_BY_TAG = {
    "ar": "arabic عربي العربية",
    "bg": "bulgarian български",
    "ca": "catalan català valencian",
    "cs": "czech čeština česky český",
    "cy": "welsh cymraeg",
    "da": "danish dansk",
    "de": "german deutsch allemand alemán tedesco",
    "el": "greek ελληνικά",
    "en": "english englisch anglais inglés inglese engels engelska английский",
    "eo": "esperanto",
    "es": "spanish español castellano spanisch espagnol castilian",
    "et": "estonian eesti",
    "eu": "basque euskara",
    "fa": "persian farsi فارسی",
    "fi": "finnish suomi",
    "fr": "french français französisch francés francese",
    "ga": "irish gaeilge",
    "gl": "galician galego",
    "he": "hebrew עברית",
    "hi": "hindi हिन्दी",
    "hr": "croatian hrvatski",
    "hu": "hungarian magyar",
    "id": "indonesian",
    "is": "icelandic íslenska",
    "it": "italian italiano italienisch italien",
    "ja": "japanese 日本語",
    "ko": "korean 한국어",
    "la": "latin lateinisch latina",
    "lt": "lithuanian lietuvių",
    "lv": "latvian latviešu",
    "nl": "dutch nederlands flemish vlaams",
    "no": "norwegian norsk",
    "pl": "polish polski",
    "pt": "portuguese português",
    "ro": "romanian română",
    "ru": "russian русский russe russisch",
    "sk": "slovak slovenčina",
    "sl": "slovenian slovene slovenščina",
    "sr": "serbian srpski српски",
    "sv": "swedish svenska",
    "th": "thai ไทย",
    "tr": "turkish türkçe",
    "uk": "ukrainian українська",
    "vi": "vietnamese tiếng",
    "yi": "yiddish ייִדיש",
    "zh": "chinese mandarin 中文 汉语 漢語",
}
_TAGS = {name: tag for tag, names in _NAMES_BY_TAG.items() for name in names.split()}
_SEPARATORS = re.compile(r"[-_]+|(?<!\s)\s+(?=[A-Za-z]{2,4}\b)")
_CODE = re.compile(r"(?:[A-Za-z]{2,3}|[ix](?=-))(?:-[A-Za-z0-9]{1,8})*")
_SUFFIX = re.compile(r"[.@].*", re.DOTALL)
_ENTRY_END = re.compile(r"[,;/(+]")
_LONGEST = 100
"""Characters of a statement that is looked at."""


@functools.lru_cache(1024)
def language_tag(stated: str) -> str:
    """The well-formed tag of what is `stated`, as short as it may be; empty for no language.

    ``en_us`` is ``en-US``, ``eng`` and ``English (US)`` are ``en``.
    """
    from langcodes import standardize_tag
    from langcodes.tag_parser import LanguageTagError

    first = _ENTRY_END.split(stated[:_LONGEST], maxsplit=1)[0].strip()
    code = "-".join(filter(None, _SEPARATORS.split(_SUFFIX.sub("", first))))
    if not code:
        return ""
    if name := _TAGS.get(unicodedata.normalize("NFC", code.partition("-")[0]).lower()):
        return name
    try:
        return standardize_tag(code) if _CODE.fullmatch(code) else ""
    except LanguageTagError:
        return ""


def primary_tag(tag: str) -> str:
    """The language of a tag alone, in small letters: ``pt`` of ``pt-BR``, RFC 5646 §2.2.1."""
    return tag.partition("-")[0].lower()


@functools.lru_cache(256)
def likely_script(tag: str) -> str:
    """The script (ISO 15924) that most texts of a language are in, ``Latn``; empty if unknown."""
    from langcodes import Language
    from langcodes.tag_parser import LanguageTagError

    try:
        language = Language.get(tag)
    except (LanguageTagError, ValueError):
        return ""
    if language.script:
        return language.script
    return "" if tag == UNDETERMINED else language.maximize().script or ""
