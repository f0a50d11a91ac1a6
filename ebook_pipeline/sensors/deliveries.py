"""Events on their way: three times a minute, all that is new and all that is due again.

What is new in the audit is chained then, too.
"""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

from ebook_pipeline.resources import Resources
from ebook_pipeline.services import audit_chain
from ebook_pipeline.services.delivering import dispatch, queue
from ebook_pipeline.services.delivering.dispatch import DeliverySummary
from ebook_pipeline.services.measuring import lake

_SECONDS = 15.0


def event_deliveries(resources: Resources) -> dg.SensorDefinition:
    """The sensor that tells all subscribers; it launches nothing."""

    @dg.sensor(
        name="event_deliveries",
        minimum_interval_seconds=20,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        terms = dispatch.delivery_limits(resources.settings, seconds=_SECONDS)
        told, wrong = dispatch.deliver_all(resources, terms)
        audit_chain.link_new(resources.database)
        if not wrong:
            old = terms.clock() - timedelta(days=resources.settings.events_kept_days)
            queue.prune(resources.database, [lake.NAME, *(tally.subscriber for tally in told)], old)
        for tally in (*told, *wrong):
            if tally.failed or tally.dead or tally in wrong:
                context.log.warning(dispatch.summary_text(tally))
        words = "; ".join(map(dispatch.summary_text, _worth_saying([*told, *wrong])))
        return dg.SkipReason(words or "nothing to tell")

    return sensor


def _worth_saying(tallies: Sequence[DeliverySummary]) -> list[DeliverySummary]:
    return [tally for tally in tallies if tally != DeliverySummary(subscriber=tally.subscriber)]
