"""The rules: what is said of a violation, what to do about it, and which criterion it touches.

Ids are those of Ace by DAISY (https://daisy.github.io/ace/) and axe where they have the rule.
"""

from dataclasses import dataclass

from ebook_pipeline.foundation.findings import Severity

PREFIX = "accessibility."
DISCOVERY = "EPUB Accessibility 1.1, discovery metadata"
PAGES = "EPUB Accessibility 1.1, page navigation"
NON_TEXT = "WCAG 1.1.1 Non-text content (A)"
MEDIA = "WCAG 1.2.2 Captions (A)"
STRUCTURE = "WCAG 1.3.1 Info and relationships (A)"
COLOUR = "WCAG 1.4.1 Use of color (A)"
SOUND = "WCAG 1.4.2 Audio control (A)"
CONTRAST = "WCAG 1.4.3 Contrast (AA)"
RESIZE = "WCAG 1.4.4 Resize text (AA)"
TIMING = "WCAG 2.2.1 Timing adjustable (A)"
TITLED = "WCAG 2.4.2 Page titled (A)"
LINKS = "WCAG 2.4.4 Link purpose (A)"
LANGUAGE = "WCAG 3.1.1 Language of page (A)"
PARTS = "WCAG 3.1.2 Language of parts (AA)"
ROLES = "WCAG 4.1.2 Name, role, value (A)"


@dataclass(frozen=True)
class AccessibilityRule:
    """`message` says what is wrong, in the plural; `criterion` is empty for good practice."""

    message: str
    remedy: str
    criterion: str = ""

    @property
    def severity(self) -> Severity:
        return Severity.WARNING if self.criterion else Severity.INFO


def _missing(name: str, meaning: str, criterion: str = DISCOVERY) -> AccessibilityRule:
    return AccessibilityRule(
        f"The package has no schema:{name}",
        f'Add <meta property="schema:{name}">: {meaning}.',
        criterion,
    )


def _value(name: str) -> AccessibilityRule:
    return AccessibilityRule(
        f"schema:{name} has a value that means nothing, or values that exclude each other",
        "Use the words of the Schema.org Accessibility Properties vocabulary.",
        DISCOVERY,
    )


RULES = {
    "metadata-accessmode": _missing("accessMode", "textual, visual, auditory"),
    "metadata-accessibilityfeature": _missing(
        "accessibilityFeature", "what the book offers, such as tableOfContents, or none"
    ),
    "metadata-accessibilityhazard": _missing(
        "accessibilityHazard", "none, or flashing, motionSimulation, sound"
    ),
    "metadata-accessmodesufficient": _missing(
        "accessModeSufficient", "textual, where the text alone is enough to read the book", ""
    ),
    "metadata-accessibilitysummary": _missing(
        "accessibilitySummary", "a sentence or two for readers", ""
    ),
    "metadata-accessmode-invalid": _value("accessMode"),
    "metadata-accessmodesufficient-invalid": _value("accessModeSufficient"),
    "metadata-accessibilityfeature-invalid": _value("accessibilityFeature"),
    "metadata-accessibilityhazard-invalid": _value("accessibilityHazard"),
    "metadata-conformsto-invalid": AccessibilityRule(
        "dcterms:conformsTo names no version and level of EPUB Accessibility that there is",
        "Write for example: EPUB Accessibility 1.1 - WCAG 2.2 Level AA.",
        DISCOVERY,
    ),
    "metadata-certifiedby": AccessibilityRule(
        "The package claims conformance and does not say who evaluated the book",
        'Add <meta property="a11y:certifiedBy"> that refines dcterms:conformsTo.',
        DISCOVERY,
    ),
    "metadata-accessibilityfeature-printpagenumbers-nopagelist": AccessibilityRule(
        "The metadata promise page navigation, and the book has no page list",
        'Add a <nav epub:type="page-list">, or take the promise out.',
        PAGES,
    ),
    "claim-contradicted": AccessibilityRule(
        "The metadata promise what is not in the book",
        "Add what is promised, or take the promise out of the metadata.",
        DISCOVERY,
    ),
    "epub-lang": AccessibilityRule(
        "The package element has no xml:lang",
        "Say in which language the metadata are: <package xml:lang=…>.",
        LANGUAGE,
    ),
    "epub-title": AccessibilityRule("The book has no title", "Fill in dc:title.", TITLED),
    "epub-pagesource": AccessibilityRule(
        "The book has a page list and does not say of which printed edition",
        'Name its ISBN in <meta property="pageBreakSource">, or write none there.',
        PAGES,
    ),
    "epub-pagelist-missing": AccessibilityRule(
        "The book names the printed edition of its pages and has no page list",
        'Add a <nav epub:type="page-list"> with a link to each page break.',
        PAGES,
    ),
    "epub-pagelist-broken": AccessibilityRule(
        "Entries of the page list lead nowhere, or to no page break",
        "Let each entry link to an element with role doc-pagebreak.",
        PAGES,
    ),
    "epub-pagelist-missing-pagebreak": AccessibilityRule(
        "Page breaks are not in the page list",
        "Add a link to each page break to the page list.",
        PAGES,
    ),
    "epub-pagelist-mediaoverlays": AccessibilityRule(
        "The read-aloud text has page numbers that a listener can't turn off",
        'Mark their <par> with epub:type="pagebreak".',
        PAGES,
    ),
    "epub-toc-order": AccessibilityRule(
        "The table of contents is in another order than the book",
        "Put its entries into reading order.",
        STRUCTURE,
    ),
    "epub-landmarks": AccessibilityRule(
        "The navigation document has no landmarks",
        'Add a <nav epub:type="landmarks"> with at least bodymatter.',
    ),
    "html-has-lang": AccessibilityRule(
        "Documents do not say in which language they are",
        "Put lang and xml:lang on each html element.",
        LANGUAGE,
    ),
    "html-lang-valid": AccessibilityRule(
        "The language of a document is no language tag",
        "Use a tag such as en, en-GB or de.",
        LANGUAGE,
    ),
    "html-xml-lang-mismatch": AccessibilityRule(
        "lang and xml:lang of a document disagree", "Write the same tag in both.", LANGUAGE
    ),
    "valid-lang": AccessibilityRule(
        "The language of a passage is no language tag",
        "Use a tag such as fr, la or zh-Hant.",
        PARTS,
    ),
    "language-of-document": AccessibilityRule(
        "Documents are in a language that the book's metadata do not name",
        "Add it as dc:language, or correct the document's lang.",
    ),
    "document-title": AccessibilityRule(
        "Documents have no title", "Fill in the title element of each document.", TITLED
    ),
    "heading-order": AccessibilityRule(
        "Headings skip a level",
        "Let a heading be at most one level below the one before it.",
    ),
    "empty-heading": AccessibilityRule("Headings are empty", "Fill the heading, or take it out."),
    "image-alt": AccessibilityRule(
        "Images have no alternative text",
        'Say in alt what the image shows; alt="" only where it is mere decoration.',
        NON_TEXT,
    ),
    "image-alt-name": AccessibilityRule(
        "The alternative text of images is a file name or says nothing",
        "Say what the image shows.",
    ),
    "svg-img-alt": AccessibilityRule(
        "Drawings have no alternative text",
        "Give the svg a title, and role img.",
        NON_TEXT,
    ),
    "role-img-alt": AccessibilityRule(
        "Elements with role img have no alternative text", "Add aria-label.", NON_TEXT
    ),
    "area-alt": AccessibilityRule("Areas of an image map have no text", "Fill in alt.", NON_TEXT),
    "object-alt": AccessibilityRule(
        "Embedded objects have no text", "Put text into the object.", NON_TEXT
    ),
    "input-image-alt": AccessibilityRule("Image buttons have no text", "Fill in alt.", NON_TEXT),
    "math-alt": AccessibilityRule(
        "Formulas have no text alternative",
        "Add alttext to the math element where its markup can't be read aloud well.",
    ),
    "link-name": AccessibilityRule(
        "Links have no text", "Put words into the link, or aria-label on it.", LINKS
    ),
    "button-name": AccessibilityRule("Buttons have no text", "Put words into the button.", ROLES),
    "label": AccessibilityRule("Form fields have no label", "Add a label element for each.", ROLES),
    "frame-title": AccessibilityRule("Frames have no title", "Add a title attribute.", ROLES),
    "td-has-header": AccessibilityRule(
        "Tables have no header cells",
        'Mark the headers as <th scope="col"> or <th scope="row">.',
        STRUCTURE,
    ),
    "td-headers-attr": AccessibilityRule(
        "Cells name headers that are not in their table",
        "Let headers name ids of th elements of the same table.",
        STRUCTURE,
    ),
    "scope-attr-valid": AccessibilityRule(
        "The scope of header cells has a value that means nothing",
        "Use row, col, rowgroup or colgroup.",
    ),
    "empty-table-header": AccessibilityRule("Header cells are empty", "Fill them in, or use td."),
    "color-contrast": AccessibilityRule(
        "Text stands out too little from its background",
        "Choose darker text: 4.5:1, or 3:1 for large letters.",
        CONTRAST,
    ),
    "link-in-text-block": AccessibilityRule(
        "Links differ from the text around them by their colour alone, and by little of it",
        "Underline links within text.",
        COLOUR,
    ),
    "meta-viewport": AccessibilityRule(
        "Readers can't enlarge the pages",
        "Take user-scalable=no and maximum-scale out of the viewport.",
        RESIZE,
    ),
    "meta-refresh": AccessibilityRule(
        "Pages change by themselves", "Take the refresh out.", TIMING
    ),
    "no-autoplay-audio": AccessibilityRule(
        "Sound begins by itself", "Take autoplay out, and give controls.", SOUND
    ),
    "video-caption": AccessibilityRule(
        "Videos have no captions in the book: a person has to look whether they need some",
        'Add <track kind="captions">.',
    ),
    "audio-caption": AccessibilityRule(
        "Recordings have no text beside them: a person has to look whether they need one",
        "Add a transcript, and link to it from the recording.",
    ),
    "aria-roles": AccessibilityRule(
        "Elements have a role that there is not",
        "Use a role of WAI-ARIA or DPUB-ARIA.",
        ROLES,
    ),
    "epub-type-has-matching-role": AccessibilityRule(
        "epub:type says what an element is, no role says it to a screen reader",
        "Add the matching role, such as doc-chapter or doc-noteref.",
    ),
    "pagebreak-label": AccessibilityRule(
        "Page breaks have no page number that can be read aloud",
        "Add the number as aria-label or title.",
        PAGES,
    ),
    "landmark-unique": AccessibilityRule(
        "Parts of a page are of one kind and have no names to tell them apart",
        "Give each nav an aria-label or aria-labelledby.",
    ),
    "tabindex": AccessibilityRule(
        "A tabindex above 0 changes the order of the page",
        "Use 0 or -1, and put the elements into their order.",
    ),
    "unchecked": AccessibilityRule(
        "Not everything could be checked for accessibility",
        "Nothing needs to be done; a person has to look at the rest.",
    ),
}
