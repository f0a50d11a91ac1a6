"""What is kept for a while only: once an hour, in small batches, what is due goes."""

import dagster as dg

from ebook_pipeline.resources import Resources
from ebook_pipeline.services.retaining.retention import RetentionTerms, retaining, retention_terms
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
        terms = retention_terms(resources.settings)
        if terms == RetentionTerms():
            return dg.SkipReason("everything is kept")
        done = retaining(resources, terms).tidy(seconds=_SECONDS)
        if done.more:
            context.log.info("more is due than one look takes away")
        counts = done.model_dump(exclude={"more"})
        return dg.SkipReason(", ".join(f"{count} {kind}" for kind, count in counts.items()))

    return sensor
