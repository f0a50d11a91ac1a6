"""Roles for screen readers: WAI-ARIA 1.2, DPUB-ARIA 1.1, and EPUB types that want one.

https://www.w3.org/TR/dpub-aria-1.1/; which type matches which role is the EPUB Type to ARIA Role
Authoring Guide's, https://www.w3.org/TR/epub-aria-authoring-11/
"""

from collections.abc import Iterator

from lxml import etree

from ebook_pipeline.books.validating.accessibility.document import (
    EPUB_TYPE,
    XHTML,
    ContentDocument,
    has_accessible_name,
    is_hidden,
    local_name,
    name_from_content,
    tokens_of,
)
from ebook_pipeline.books.validating.accessibility.violations import Violation

_SAME_NAME = (
    "abstract acknowledgments afterword appendix bibliography biblioref chapter colophon "
    "conclusion credit credits dedication endnotes epigraph epilogue errata footnote foreword "
    "glossary glossref index introduction noteref notice pagebreak part preface prologue "
    "pullquote qna subtitle tip toc"
)
_ROLE_OF_TYPE = {
    **{name: f"doc-{name}" for name in _SAME_NAME.split()},
    "figure": "figure",
    "glossdef": "definition",
    "glossterm": "term",
    "help": "doc-tip",
    "list": "list",
    "list-item": "listitem",
    "page-list": "doc-pagelist",
    "referrer": "doc-backlink",
    "table": "table",
    "table-cell": "cell",
    "table-row": "row",
}
_IMPLICIT = {
    "figure": "figure",
    "dfn": "term",
    "dt": "term",
    "dd": "definition",
    "ul": "list",
    "ol": "list",
    "li": "listitem",
    "table": "table",
    "tr": "row",
    "td": "cell",
}
_ARIA = (
    "alert alertdialog application article associationlist associationlistitemkey "
    "associationlistitemvalue banner blockquote button caption cell checkbox code columnheader "
    "combobox comment complementary contentinfo definition deletion dialog directory document "
    "emphasis feed figure form generic grid gridcell group heading image img input insertion label "
    "legend link list listbox listitem log main mark marquee math menu menubar menuitem "
    "menuitemcheckbox menuitemradio meter navigation none note option paragraph presentation "
    "progressbar radio radiogroup region row rowgroup rowheader scrollbar search searchbox "
    "sectionfooter sectionheader separator slider spinbutton status strong subscript suggestion "
    "superscript switch tab table tablist tabpanel term text textbox time timer toolbar tooltip "
    "tree treegrid treeitem graphics-document graphics-object graphics-symbol"
)
_DPUB = (
    "abstract acknowledgments afterword appendix backlink biblioentry bibliography biblioref "
    "chapter colophon conclusion cover credit credits dedication endnote endnotes epigraph "
    "epilogue errata example footnote foreword glossary glossref index introduction noteref "
    "notice pagebreak pagefooter pageheader pagelist part preface prologue pullquote qna subtitle "
    "tip toc"
)
_ROLES = frozenset(_ARIA.split()) | {f"doc-{name}" for name in _DPUB.split()}
_LANDMARKS = {"nav": "navigation", "aside": "complementary", "main": "main"}
_SECTIONS = tuple(f"{XHTML}{name}" for name in ("article", "aside", "nav", "section"))


def violations(document: ContentDocument) -> Iterator[Violation]:
    """Unknown roles, types without their role, nameless page breaks and landmarks."""
    landmarks: dict[tuple[str, str], list[etree._Element]] = {}
    for element in document.root.iter("*"):
        known = [role for role in tokens_of(element.get("role")) if role in _ROLES]
        if tokens_of(element.get("role")) and not known:
            yield document.violation("aria-roles", element, repr(element.get("role")))
        wanted = _wanted(element)
        role = known[0] if known else _IMPLICIT.get(local_name(element), "")
        if wanted and role != wanted and not _in_landmarks(element) and not is_hidden(element):
            yield document.violation("epub-type-has-matching-role", element, f"{wanted} is missing")
        if is_page_break(element) and not has_accessible_name(document, element):
            yield document.violation("pagebreak-label", element)
        _note_landmark(document, element, known, landmarks)
    for (kind, _), alike in landmarks.items():
        if len(alike) > 1:
            yield document.violation("landmark-unique", alike[0], f"{len(alike)} × {kind}")


def is_page_break(element: etree._Element) -> bool:
    """Whether a page of the printed edition begins at the element."""
    return "pagebreak" in tokens_of(element.get(EPUB_TYPE)) or "doc-pagebreak" in tokens_of(
        element.get("role")
    )


def _wanted(element: etree._Element) -> str | None:
    roles = (_ROLE_OF_TYPE.get(epub_type) for epub_type in tokens_of(element.get(EPUB_TYPE)))
    return next((role for role in roles if role), None)


def _in_landmarks(element: etree._Element) -> bool:
    around = element.iterancestors(f"{XHTML}nav")
    return any("landmarks" in tokens_of(nav.get(EPUB_TYPE)) for nav in around)


def _note_landmark(
    document: ContentDocument,
    element: etree._Element,
    roles: list[str],
    landmarks: dict[tuple[str, str], list[etree._Element]],
) -> None:
    kind = roles[0] if roles else _LANDMARKS.get(local_name(element), "")
    if kind == "complementary" and next(element.iterancestors(*_SECTIONS), None) is not None:
        return  # HTML-AAM: an aside within a section is a landmark only where it has a name
    if kind in _LANDMARKS.values() and not is_hidden(element):
        landmarks.setdefault((kind, _label(document, element)), []).append(element)


def _label(document: ContentDocument, element: etree._Element) -> str:
    labels = (document.ids.get(label_id) for label_id in tokens_of(element.get("aria-labelledby")))
    text = " ".join(name_from_content(label) for label in labels if label is not None)
    return (text or element.get("aria-label") or element.get("title") or "").strip().lower()
