"""What the chain's stages are made with now, and whether that offers to do one again."""

import dagster as dg

from ebook_pipeline.assets import BOOK_CHAIN
from ebook_pipeline.assets.book_context import BatchTools
from ebook_pipeline.assets.ui_metadata import rows_table
from ebook_pipeline.execution.reuse import digest_of, made_with
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.reprocessing import versions
from ebook_pipeline.services.reprocessing.versions import MadeWith

_NO_OFFER = {"stage": "", "books": 0, "hours": 0.0}


def note_stage_versions(resources: Resources) -> tuple[str, ...]:
    """Keep them; the stages that offer to be done again since now.

    Raises PipelineError where a policy's file says no policy.
    """
    tools = BatchTools.of(resources)
    made = {stage.name: made_with(stage, tools.version) for stage in BOOK_CHAIN}
    noted = versions.note(
        resources.database,
        {name: MadeWith(version=digest_of(facts), facts=facts) for name, facts in made.items()},
    )
    versions.count_again(resources.database)
    return noted


def stage_versions_asset(resources: Resources) -> dg.AssetsDefinition:
    """`stage_versions`; nothing is opened before it runs."""

    @dg.asset(group_name="measure", kinds={"postgres"}, owners=["team:analytics"])
    def stage_versions() -> dg.MaterializeResult[None]:
        """Code, models and policies that stages are made with; a rise offers to do books again."""
        note_stage_versions(resources)
        offered = versions.offers(resources.database)
        rows = [{"stage": one.stage, "books": one.books, "hours": one.hours} for one in offered]
        return dg.MaterializeResult(
            metadata={
                "offers": len(offered),
                "offered": rows_table(rows, _NO_OFFER),
            }
        )

    return stage_versions
