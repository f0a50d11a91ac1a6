"""The audit's end noted in the object store, once an hour; where rows were cut off, it is told."""

from datetime import UTC, datetime

import dagster as dg

from ebook_pipeline.books.notifying.notice_kinds import NoticeKind
from ebook_pipeline.foundation.errors import Damaged
from ebook_pipeline.resources import Resources
from ebook_pipeline.services import audit_heads
from ebook_pipeline.services.notifying.composing import notice_composer


def noted_audit(resources: Resources) -> dg.SensorDefinition:
    """The sensor that keeps the audit's end; it launches nothing, and fails where one is gone."""

    @dg.sensor(
        name="noted_audit",
        minimum_interval_seconds=3600,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=__doc__,
    )
    def sensor() -> dg.SkipReason:
        try:
            noted = audit_heads.note(resources.database, resources.object_store)
        except Damaged as error:
            _tell(resources, str(error))
            raise
        return dg.SkipReason(f"link {noted.position} is noted" if noted else "no audit yet")

    return sensor


def _tell(resources: Resources, fault: str) -> None:
    """Once a day."""
    cause = f"audit {datetime.now(UTC).date()} {fault}"
    notice_composer(resources).tell_team(NoticeKind.AUDIT_BROKEN, cause, {"fault": fault})
