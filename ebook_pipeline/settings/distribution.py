"""How books are told of, verified and measured, and how long that is kept."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from ebook_pipeline.settings.variables import Variables


class Distribution(Variables):
    """Part of `Settings`."""

    edge_points: str = Field(
        "", description="Further places to verify releases from: docs/releasing.md."
    )
    edge_seconds: float = Field(
        10.0, gt=0, description="A longer silence of the edge is a fault, when verifying."
    )
    verify_books: int = Field(20, ge=1, description="Books that a scheduled verification takes.")
    verify_megabytes: int = Field(
        256, ge=1, description="It begins no further book when it has read so many."
    )
    verify_cron: str = Field("*/15 * * * *", description="When the live catalogue is verified.")
    shop_url: str | None = Field(
        None, description="Where readers buy: a book's page is <shop>/books/<book>."
    )
    trade_name: str = Field("ebook-pipeline", description="Who sends and sells, as ONIX tells it.")
    short_url: str | None = Field(
        None, description="What preview links begin with; the edge's own address if unset."
    )
    preview_days: int = Field(7, ge=1, le=365, description="How long a preview link works.")
    mail_from: str | None = Field(None, description="The verified sender of notices.")
    mail_team: str | None = Field(
        None, description="The team's address: who is told of failures, unless a topic is."
    )
    alarm_topic_arn: str | None = Field(None, description="An SNS topic for the team's alarms.")
    mail_reviewers: str | None = Field(
        None, description="Where reviews of nobody in particular are announced; the team if unset."
    )
    slack_webhook_url: SecretStr | None = Field(
        None, description="An incoming webhook: the team's alarms come to Slack too."
    )
    notice_language: str = Field(
        "en", description="The language of notices to those who have chosen none: docs/notices.md."
    )
    event_topic_arn: str | None = Field(
        None, description="An SNS topic for every event; `.fifo` keeps the order of each book."
    )
    event_queue_url: str | None = Field(
        None, description="An SQS queue for every event; `.fifo` keeps the order of each book."
    )
    webhooks_file: Path | None = Field(
        None, description="TOML that names servers which are told of events: docs/events.md."
    )
    event_offer_days: float = Field(
        3.0, gt=0, description="An event that a subscriber refuses is offered for so long."
    )
    events_kept_days: float = Field(
        365.0, ge=30, description="Events that everybody was told of are forgotten after so long."
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=32,
        description="What opens `/metrics` of desk and edge to Prometheus; nothing if unset.",
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines of desk and runs: for people, or a JSON object each."
    )
    otlp_endpoint: str | None = Field(
        None, description="An OpenTelemetry collector, as http://host:4318; no traces if unset."
    )
    lake_engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="What reckons figures over the lake: docs/analytics.md."
    )
    spark_master: str = Field("local[*]", description="Where Spark runs, if it is chosen.")
    figures_cron: str = Field(
        "7 * * * *", description="When new events are taken into the lake and reckoned."
    )
    feeds_cron: str = Field(
        "37 * * * *", description="When the feeds at the edge are brought up to date, if need be."
    )
    dagster_books: int = Field(
        50_000, ge=1, description="Books that Dagster lists; longest unchanged ones are taken off."
    )
    claims_kept_days: float | None = Field(
        None, ge=30, description="Contacts of older submissions are forgotten; never if unset."
    )
    notices_kept_days: float | None = Field(
        None, ge=90, description="Notices that ended so long ago are forgotten; never if unset."
    )
    audit_kept_days: float | None = Field(
        None, ge=90, description="Older lines of the audit are forgotten; never if unset."
    )
    refusals_kept_days: float | None = Field(
        None, ge=30, description="Older refusals of files are forgotten; never if unset."
    )
