"""A setting is what its caller names, else what its ``EBOOK_…`` variable says, else its default.

Read here, not by pydantic-settings, which costs 7 ms for every `Settings` and .1 s to import.
"""

import os
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

_PREFIX = "ebook_"


class Variables(BaseModel):
    """A field `desk_port` is the variable ``EBOOK_DESK_PORT``, in any case of its letters."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: dict[str, Any]) -> dict[str, Any]:
        return _variables() | given


def _variables() -> dict[str, str]:
    variables = {name.lower(): value for name, value in os.environ.items()}
    return {
        name.removeprefix(_PREFIX): value
        for name, value in variables.items()
        if name.startswith(_PREFIX)
    }
