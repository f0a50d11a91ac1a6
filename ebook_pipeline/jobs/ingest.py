"""Jobs over the assets of books: the whole chain, or its selling half."""

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN

RELEASE_STAGES = BOOK_CHAIN.names[BOOK_CHAIN.names.index("drm_package") :]

ingest = dg.define_asset_job(
    "ingest",
    selection=list(BOOK_CHAIN.names),
    description="New books through the whole chain. What is current already is not done again.",
    executor_def=dg.in_process_executor,
)

release = dg.define_asset_job(
    "release",
    selection=list(RELEASE_STAGES),
    description="Books through the release gate into the shop.",
    executor_def=dg.in_process_executor,
)
