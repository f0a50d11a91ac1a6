"""What is kept for a while only: once an hour, in small batches, what is due goes."""

import dagster as dg

from ebook_pipeline.assets import PARTITION
from ebook_pipeline.execution.dagster_archiving import archive_partitions
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.retaining.retention import RetentionTerms, retaining, retention_terms
from ebook_pipeline.services.retaining.settled_books import longest_settled
from ebook_pipeline.services.writing.thinning import thin

_SECONDS = 15.0


def retention(resources: Resources) -> dg.SensorDefinition:
    """The sensor that keeps the settings' word; it launches nothing."""

    @dg.sensor(
        name="retention",
        minimum_interval_seconds=3600,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        if thinned := thin(resources.database, seconds=_SECONDS):
            context.log.info(f"{thinned} saves of chapters said nothing that later ones do not")
        archived = archive_books(context.instance, resources)
        terms = retention_terms(resources.settings)
        if terms == RetentionTerms():
            return dg.SkipReason(f"everything is kept; {archived} books taken off Dagster's list")
        done = retaining(resources, terms).tidy(seconds=_SECONDS)
        if done.more:
            context.log.info("more is due than one look takes away")
        counts = done.model_dump(exclude={"more"}) | {"books taken off Dagster's list": archived}
        return dg.SkipReason(", ".join(f"{count} {kind}" for kind, count in counts.items()))

    return sensor


def archive_books(instance: dg.DagsterInstance, resources: Resources) -> int:
    """Take so many books off Dagster's list that it is no longer than the setting says."""
    keys = instance.get_dynamic_partitions(PARTITION)
    excess = len(keys) - resources.settings.dagster_books
    if excess <= 0:
        return 0
    settled = longest_settled(resources.database, keys, excess)
    return len(archive_partitions(instance, PARTITION, settled, seconds=_SECONDS))
