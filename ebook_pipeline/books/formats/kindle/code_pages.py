"""Code pages by the numbers that Kindle headers give them, and the one that a language is set in.

https://learn.microsoft.com/en-us/windows/win32/intl/code-page-identifiers
"""

CODE_PAGES = {
    874: "cp874",
    932: "cp932",
    936: "gb18030",
    949: "cp949",
    950: "big5hkscs",
    **{number: f"cp{number}" for number in range(1250, 1259)},
    1361: "johab",
    10000: "mac_roman",
    10007: "mac_cyrillic",
    20127: "cp1252",
    20866: "koi8_r",
    20932: "euc_jp",
    21866: "koi8_u",
    **{28590 + part: f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 13, 15)},
    28591: "cp1252",  # as HTML reads ISO 8859-1
    38598: "iso8859_8",
    51932: "euc_jp",
    51936: "gb18030",
    51949: "cp949",
    54936: "gb18030",
    65001: "utf-8",
    **{number: f"cp{number}" for number in (437, 737, 775, 850, 852, 855, 857, 862, 866)},
}
"""Python's name of each page's encoding, a superset of it where people wrote in that."""

LATIN_PAGES = frozenset({"cp1250", "cp1252", "cp1254", "cp1257", "cp1258"})
"""Windows' pages for Latin scripts, which read alike: only the language tells them apart."""

_LANGUAGES = {
    "cp1250": "bs cs hr hu pl ro sh sk sl sq tk",
    "cp1251": "ab be bg kk ky mk mn ru sr tg tt uk",
    "cp1253": "el",
    "cp1254": "az tr uz",
    "cp1255": "he iw yi",
    "cp1256": "ar fa ku ps ug ur",
    "cp1257": "et lt lv",
    "cp1258": "vi",
    "cp874": "th",
    "cp932": "ja",
    "gb18030": "zh",
    "cp949": "ko",
}
_BY_LANGUAGE = {
    language: page for page, languages in _LANGUAGES.items() for language in languages.split()
}
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


def code_page_of(language: str) -> str:
    """The encoding that Windows used for a language (BCP 47); 1252 for most."""
    tag = language.replace("_", "-").lower()
    if tag.startswith(_TRADITIONAL):
        return "big5hkscs"
    if tag.startswith("sr-latn"):
        return "cp1250"
    return _BY_LANGUAGE.get(tag.partition("-")[0], "cp1252")


def code_page_label(encoding: str) -> str:
    """An encoding as people call it: ``Windows-1251``, ``UTF-8``."""
    name = encoding.removeprefix("cp")
    if name.isdigit() and len(name) == 4:
        return f"Windows-{name}"
    labels = {"gb18030": "GBK (936)", "big5hkscs": "Big5 (950)", "cp932": "Shift-JIS (932)"}
    return labels.get(encoding, encoding.upper().replace("_", "-"))
