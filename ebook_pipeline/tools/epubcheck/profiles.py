"""What kind of EPUB a submitter says it is: EPUBCheck's profiles, by its names and by plain ones.

https://github.com/w3c/epubcheck/wiki/Running; the EPUB specifications behind them are EPUB
Dictionaries and Glossaries, EPUB for Education, EPUB Indexes and EPUB Previews.
"""

PROFILES = ("default", "dict", "edupub", "idx", "preview")
PLAIN_NAMES = {
    "dictionary": "dict",
    "dictionaries": "dict",
    "education": "edupub",
    "index": "idx",
    "indexes": "idx",
    "previews": "preview",
}
NAMES = (*PROFILES, "dictionary", "education", "index")


def profile_named(name: str) -> str | None:
    """EPUBCheck's own name for the profile `name`, whatever its case; None for an unknown one."""
    plain = name.strip().lower()
    short = PLAIN_NAMES.get(plain, plain)
    return short if short in PROFILES else None
