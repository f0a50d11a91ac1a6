"""Every table there is: they add themselves to one metadata when their modules are imported."""

from ebook_pipeline.resources.database import (
    account_tables,
    columns,
    desk_tables,
    edge_tables,
    editing_tables,
    event_tables,
    lake_tables,
    license_tables,
    notice_tables,
    picture_book_tables,
    progress_tables,
    reader_tables,
    reprocessing_tables,
    selling_tables,
    tables,
    token_tables,
    upload_tables,
    writing_tables,
)

MODULES = (
    account_tables,
    tables,
    edge_tables,
    license_tables,
    event_tables,
    notice_tables,
    selling_tables,
    desk_tables,
    token_tables,
    upload_tables,
    lake_tables,
    reader_tables,
    progress_tables,
    writing_tables,
    reprocessing_tables,
    editing_tables,
    picture_book_tables,
)
metadata = columns.metadata
