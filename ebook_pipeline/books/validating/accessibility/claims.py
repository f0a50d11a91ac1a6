"""The metadata's promises held against the book: EPUB Accessibility 1.1 §2.2."""

from collections.abc import Callable, Iterator

from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.validating.accessibility.inventory import ContentInventory
from ebook_pipeline.books.validating.accessibility.violations import Violation

_FEW_LETTERS = 20
"""Characters below which a book has no text to speak of: a title or two on its pictures."""
_NEEDS: dict[str, tuple[str, Callable[[ContentInventory], int]]] = {
    "alternativeText": (
        "image or formula",
        lambda inventory: inventory.images + inventory.formulas,
    ),
    "ARIA": ("role", lambda inventory: inventory.roles),
    "describedMath": ("described formula", lambda inventory: inventory.described_formulas),
    "MathML": ("formula", lambda inventory: inventory.formulas),
    "pageBreakMarkers": ("page break", lambda inventory: len(inventory.page_breaks)),
    "printPageNumbers": (
        "page break or page list",
        lambda inventory: len(inventory.page_breaks) + inventory.pages,
    ),
    "rubyAnnotations": ("ruby", lambda inventory: inventory.ruby),
    "structuralNavigation": ("heading", lambda inventory: inventory.headings),
    "synchronizedAudioText": ("media overlay", lambda inventory: inventory.overlays),
    "tableOfContents": ("table of contents", lambda inventory: inventory.toc),
    "ttsMarkup": ("SSML or lexicon", lambda inventory: inventory.speech + inventory.lexicons),
}


def violations(package: PackageDocument, inventory: ContentInventory) -> Iterator[Violation]:
    """One for each promise that the book does not keep."""
    features = tuple(dict.fromkeys(package.accessibility.features))
    for feature in features:
        what, count = _NEEDS.get(feature, ("", _something))
        if not count(inventory):
            yield _broken(package, f"{feature} is claimed, but the book has no {what}")
    bare = inventory.images - inventory.described - inventory.decorative
    if "alternativeText" in features and bare:
        detail = f"alternativeText is claimed, but {bare} of {inventory.images} images have none"
        yield _broken(package, detail)
    elif "alternativeText" in features and inventory.images and not inventory.described:
        yield _broken(package, "alternativeText is claimed, but all images are called decoration")
    if "pageNavigation" in features and not inventory.pages:
        rule = "metadata-accessibilityfeature-printpagenumbers-nopagelist"
        yield Violation(rule, package.path)
    yield from _modes(package, inventory, bare)


def _modes(package: PackageDocument, inventory: ContentInventory, bare: int) -> Iterator[Violation]:
    facts = package.accessibility
    if "textual" in facts.access_modes and inventory.letters < _FEW_LETTERS:
        yield _broken(package, "textual is claimed, but the book has no text")
    if "auditory" in facts.access_modes and not inventory.players + inventory.overlays:
        yield _broken(package, "auditory is claimed, but the book has no sound")
    if bare and "textual" in (value.strip() for value in facts.access_modes_sufficient):
        detail = f"textual is called sufficient, but {bare} images have no description"
        yield _broken(package, detail)


def _something(inventory: ContentInventory) -> int:  # noqa: ARG001
    """What a program can't look for is taken to be there."""
    return 1


def _broken(package: PackageDocument, detail: str) -> Violation:
    return Violation("claim-contradicted", package.path, detail)
