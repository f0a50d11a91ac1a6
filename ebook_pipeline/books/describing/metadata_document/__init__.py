"""A book's card: all that is known of one file, as one JSON document.

What is stated and counted goes by the names that the trade's readers of files use: `title`,
`creators` with `roles` and `file_as`, `toc_entries`, `exth_author`, `pdfa_claim`.
"""

from ebook_pipeline.books.describing.metadata_document.document import metadata_document
from ebook_pipeline.books.describing.metadata_document.stated import stated_facts

__all__ = ["metadata_document", "stated_facts"]
