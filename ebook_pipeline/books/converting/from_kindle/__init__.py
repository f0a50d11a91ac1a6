"""Kindle books → EPUB 3: Mobipocket's one long page (`mobipocket`), KF8's documents (`kf8`).

`epub` is the entry; `documents`, `pictures`, `metadata`, `anchors` and `headings` serve both.
"""

from ebook_pipeline.books.converting.from_kindle.epub import epub_from_mobi

__all__ = ["epub_from_mobi"]
