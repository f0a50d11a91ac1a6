"""Nothing is lost in silence: a source's words against those of the EPUB that was made of it.

`comparison` is the entry. Each format has a reader in `source_readers` that shares nothing with the
converters but the parsing of containers and XML: what blinds one must not blind the other. A
reader gives a `SourceText`; `words` makes it comparable, `alignment` finds what differs,
`differences` names it, `text_findings` says it.
"""

from ebook_pipeline.books.converting.text_comparison.comparison import compare_texts
from ebook_pipeline.books.converting.text_comparison.source_readers import can_read
from ebook_pipeline.books.converting.text_comparison.text_findings import unchecked_finding

__all__ = ["can_read", "compare_texts", "unchecked_finding"]
