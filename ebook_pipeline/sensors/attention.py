"""Who needs attention: notices that are due, books that do not move, reviews nobody answers."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from ebook_pipeline.resources import Resources
from ebook_pipeline.services.measuring.alarms import Alarms
from ebook_pipeline.services.notifying import stuck_and_overdue
from ebook_pipeline.services.notifying.composing import notice_composer
from ebook_pipeline.services.notifying.sending import notice_sender

_ACTOR = "sensor:attention"


def needs_attention(resources: Resources) -> dg.SensorDefinition:
    """The sensor that looks for what no event tells.

    The cursor is how far the last look went, in seconds since 1970: each look takes up there, so
    that it costs as much as has happened since, however many books there are.
    """

    @dg.sensor(
        name="needs_attention",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Books that do not move, reviews that are overdue: who should know is told.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        until = datetime.now(UTC) - timedelta(hours=resources.settings.stuck_hours)
        after = _since(context.cursor, until)
        composer = notice_composer(resources)
        seen = stuck_and_overdue.tell_of_stuck_and_overdue(
            resources.database, composer, after, until, actor=_ACTOR
        )
        alarms, now = Alarms(resources.database, composer), datetime.now(UTC)
        lake = alarms.look_at_lake(now)
        stale = [*((lake,) if lake else ()), *alarms.look_at_feeds(now)]
        context.update_cursor(str(seen.until.timestamp()))
        stuck, overdue = ", ".join(seen.stuck), ", ".join(seen.overdue)
        refused = f"; refused: {', '.join(seen.refused)}" if seen.refused else ""
        still = "".join(f"; {one.message}" for one in stale)
        said = f"stuck: {stuck or 'none'}; overdue: {overdue or 'none'}{refused}{still}"
        return dg.SkipReason(said)

    return sensor


def due_notices(resources: Resources) -> dg.SensorDefinition:
    """The sensor that sends what is due."""

    @dg.sensor(
        name="due_notices",
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Notices that are due go out; what is refused is tried again later.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        tally = notice_sender(resources).send_due()
        if tally.failed:
            context.log.error("%d notices failed: ebooks notices list --state failed", tally.failed)
        return dg.SkipReason(f"{tally.sent} sent, {tally.later} later, {tally.failed} failed")

    return sensor


def _since(cursor: str | None, until: datetime) -> datetime:
    """Where the last look ended; a second earlier, for what was written meanwhile."""
    if cursor is None:
        return until - stuck_and_overdue.LOOK_BACK
    return datetime.fromtimestamp(float(cursor), UTC) - timedelta(minutes=1)
