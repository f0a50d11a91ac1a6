"""What the desk says of stages is what the chain has."""

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.services.reporting.job_states import STAGES


def test_the_desk_counts_the_chains_stages() -> None:
    assert list(STAGES) == [stage.name for stage in BOOK_CHAIN]
