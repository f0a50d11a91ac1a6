"""The report as a page that an editor reads: figures, findings, and the passages they are about."""

from ebook_pipeline.books.judging.report_page.page import page, put_beside

__all__ = ["page", "put_beside"]
