"""PDF → EPUB 3: what a page shows, read back as headings, paragraphs, verse, notes and pictures.

`book` puts it together. A page becomes lines (`characters`, `columns`), without what only pages
need (`running_heads`); lines become blocks by the document's own tags (`structure`) where it has
them, else by their places (`paragraphs`, `headings`, `notes`); blocks become documents.
"""
