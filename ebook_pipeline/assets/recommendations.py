"""What readers did, as signals, and the model of them that recommends books: one a day each."""

import dagster as dg

from ebook_pipeline.resources.database import Database

DAYS = dg.DailyPartitionsDefinition(start_date="2026-11-01", end_offset=1)
"""In UTC; a day's model is made of all that is known when it is made."""


@dg.asset(
    group_name="read",
    kinds={"postgres"},
    owners=["team:analytics"],
    partitions_def=DAYS,
)
def reader_signals(database: dg.ResourceParam[Database]) -> dg.MaterializeResult[None]:
    """Opinions, shelves and licences as signals of taste; they are read where they stand."""
    from ebook_pipeline.services.recommending.signals import count_signals

    counts = count_signals(database)
    shown = {kind: dg.MetadataValue.int(number) for kind, number in counts.items()}
    return dg.MaterializeResult(
        metadata={"signals": dg.MetadataValue.int(sum(counts.values())), **shown}
    )


@dg.asset(
    deps=[reader_signals],
    group_name="read",
    kinds={"numpy", "postgres"},
    owners=["team:analytics"],
    partitions_def=DAYS,
)
def recommendation_model(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]
) -> dg.MaterializeResult[None]:
    """Links between works that readers take up together (EASE), served from Postgres."""
    from ebook_pipeline.services.recommending.recommend import prepare
    from ebook_pipeline.services.recommending.training import train_model

    figures = train_model(database, context.partition_key)
    shown = figures.model_dump(mode="json", exclude={"at"}, exclude_none=True)
    return dg.MaterializeResult(metadata=shown | {"readers_prepared": prepare(database)})


@dg.asset_check(asset=recommendation_model)
def better_than_popular(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    """nDCG@10 of what was held back is no less than that of the most popular works.

    It passes, and says so, where too little is known to hold anything back.
    """
    from ebook_pipeline.services.recommending.models import latest_figures

    figures = latest_figures(database)
    ndcg = figures.ndcg if figures else None
    popular = figures.popular_ndcg if figures else None
    measured = ndcg is not None and popular is not None
    return dg.AssetCheckResult(
        passed=ndcg is None or popular is None or ndcg >= popular,
        metadata={"measured": measured, "ndcg": ndcg or 0.0, "popular_ndcg": popular or 0.0},
    )
