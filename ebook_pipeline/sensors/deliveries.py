"""Events on their way: every few seconds, all that is new and all that is due again."""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

from ebook_pipeline.resources import Resources
from ebook_pipeline.services import delivery, delivery_queue
from ebook_pipeline.services.delivery import Tally

_SECONDS = 15.0


def event_deliveries(resources: Resources) -> dg.SensorDefinition:
    """The sensor that tells all subscribers; it launches nothing."""

    @dg.sensor(
        name="event_deliveries",
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings, database = resources.settings, resources.database
        terms = delivery.terms(settings, seconds=_SECONDS)
        listening = delivery.subscribers(resources)
        tallies = delivery.deliver(database, listening, terms)
        old = terms.clock() - timedelta(days=settings.events_kept_days)
        delivery_queue.prune(database, [one.name for one in listening], old)
        for one in tallies:
            if one.failed or one.dead:
                context.log.warning(delivery.said(one))
        return dg.SkipReason(
            "; ".join(map(delivery.said, _worth_saying(tallies))) or "nothing to tell"
        )

    return sensor


def _worth_saying(tallies: Sequence[Tally]) -> list[Tally]:
    return [one for one in tallies if one != Tally(subscriber=one.subscriber)]
