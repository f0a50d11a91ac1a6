"""A reading PDF's metadata: title, authors, language, direction, how it opens.

ISO 32000-2 §12.2 (viewer preferences), §14.3 (metadata).
"""

import re

import pikepdf

from ebook_pipeline.books.formats.epub.package import PackageDocument


def write_metadata(pdf: pikepdf.Pdf, package: PackageDocument) -> None:
    """Give `pdf` its book's metadata in place of the browser's."""
    authors = [creator.name for creator in package.creators]
    title = package.title or "Untitled"
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["dc:title"] = title
        if authors:
            xmp["dc:creator"] = authors
        if package.languages:
            xmp["dc:language"] = set(package.languages)
    for key in list(pdf.docinfo.keys()):
        if key != "/Producer":
            del pdf.docinfo[key]
    pdf.docinfo["/Title"] = title
    if authors:
        pdf.docinfo["/Author"] = ", ".join(authors)
    stamp = re.sub(r"\D", "", package.modified or "")
    if len(stamp) == 14:
        pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = f"D:{stamp}Z"
    _open(pdf, package)


def _open(pdf: pikepdf.Pdf, package: PackageDocument) -> None:
    preferences = pikepdf.Dictionary(DisplayDocTitle=True)
    spread = package.spread in ("both", "landscape") and package.layout == "pre-paginated"
    if package.turns_from_right:
        preferences.Direction = pikepdf.Name.R2L
    if spread:  # the cover stands alone, then pages face each other
        pdf.Root.PageLayout = pikepdf.Name.TwoPageRight
    pdf.Root.ViewerPreferences = preferences
    if package.languages:
        pdf.Root.Lang = package.languages[0]
    if "/Outlines" in pdf.Root:
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
