"""How books are worked on, by whom, and within which bounds."""

import os
from pathlib import Path

from pydantic import Field

from ebook_pipeline.settings.variables import Variables


class Processing(Variables):
    """Part of `Settings`."""

    operator: str | None = Field(
        None, description="In whose name commands act; the home's only operator if unset."
    )
    texts_per_day: int = Field(
        20, ge=0, description="Text messages to the contacts of one account in a day."
    )
    confirmations_per_day: int = Field(
        50, ge=0, description="New contacts of one account that are asked in a day."
    )
    price_fall: float = Field(
        0.5, ge=0, le=1, description="A price that falls by more than this share is reviewed."
    )
    books_in_flight: int = Field(
        default_factory=lambda: os.cpu_count() or 2, ge=1, description="Books worked on at a time."
    )
    pool_jvm: int = Field(
        0, ge=0, description="Books that are checked by EPUBCheck at a time, in all runs; 0: any."
    )
    pool_browser: int = Field(
        0, ge=0, description="Books that are converted at a time, by a browser; 0: any number."
    )
    pool_models: int = Field(
        0, ge=0, description="Books that are described or judged at a time, by models; 0: any."
    )
    pool_vault: int = Field(
        0, ge=0, description="Books that are protected at a time, by keys of the vault; 0: any."
    )
    books_per_run: int = Field(100, ge=1, description="The sensor asks for one run per so many.")
    quiet_seconds: float = Field(
        3.0, ge=0, description="A landing file must have rested this long before it is taken."
    )
    hold_releases: bool = Field(
        False, description="Hold books that pass quality until somebody approves them."
    )
    quality_policy: Path | None = Field(
        None, description="The editor's policy, a TOML file; the one of the package if unset."
    )
    review_routing: Path | None = Field(
        None, description="Who reviews what, a TOML file; the rules of the package if unset."
    )
    stuck_hours: float = Field(
        6.0, gt=0, description="A book that has not moved for so long is reported to the team."
    )
    max_book_bytes: int = Field(1 << 30, gt=0, description="The largest manuscript taken.")
    tool_seconds: float = Field(120.0, gt=0, description="A tool's time limit for one book.")
    tool_megabytes: int = Field(1500, gt=0, description="A parser's memory limit for one book.")
    keep_trying_seconds: float = Field(
        30.0, ge=0, description="How long a service fault is retried before the book has failed."
    )
