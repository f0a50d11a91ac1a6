"""Language tags of documents and passages: WCAG 3.1.1 and 3.1.2; BCP 47."""

import re
from collections.abc import Iterator

from ebook_pipeline.books.language_tags import primary_tag
from ebook_pipeline.books.validating.accessibility.document import XML_LANG, ContentDocument
from ebook_pipeline.books.validating.accessibility.violations import Violation

_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+|i-[a-z]{3,8}",
    re.IGNORECASE | re.ASCII,
)
_TWO_LETTERS = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw "
    "ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr nv "
    "ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr "
    "ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo "
    "za zh zu"
)
_KNOWN = frozenset(_TWO_LETTERS.split())
_LONGEST = 64
"""Characters of a language tag; longer ones are no tags that anybody registered."""


def is_language_tag(tag: str) -> bool:
    """Whether `tag` is well-formed, and a language where its first part has two letters."""
    if len(tag) > _LONGEST or not _TAG.fullmatch(tag):
        return False
    first = primary_tag(tag)
    return len(first) != 2 or first in _KNOWN


def violations(document: ContentDocument, of_book: tuple[str, ...]) -> Iterator[Violation]:
    """Those of one document in a book whose ``dc:language`` are `of_book`."""
    if document.is_svg:
        return
    root = document.root
    plain, xml = root.get("lang"), root.get(XML_LANG)
    tag = (plain or xml or "").strip()
    if not tag:
        yield document.violation("html-has-lang", root)
    elif not is_language_tag(tag):
        yield document.violation("html-lang-valid", root, repr(tag))
    elif _language(tag) not in {_language(language) for language in of_book} and of_book:
        yield document.violation("language-of-document", root, repr(tag))
    if plain and xml and _language(plain) != _language(xml):
        yield document.violation("html-xml-lang-mismatch", root, f"{plain!r} and {xml!r}")
    yield from _passages(document)


def _passages(document: ContentDocument) -> Iterator[Violation]:
    for element in document.root.iterdescendants("*"):
        for tag in (element.get("lang"), element.get(XML_LANG)):
            if tag and not is_language_tag(tag.strip()):
                yield document.violation("valid-lang", element, repr(tag))
                break


def _language(tag: str) -> str:
    return primary_tag(tag.strip())
