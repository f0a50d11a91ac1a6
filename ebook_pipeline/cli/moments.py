"""Days and times on the command line."""

from datetime import UTC, datetime
from typing import Any

import click


class Moment(click.ParamType):  # type: ignore[type-arg]
    """A day, which is its midnight in UTC, or a time of ISO 8601."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time such as 2027-01-31 or 2027-01-31T12:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
