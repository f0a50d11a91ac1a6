"""Every setting, read once from ``EBOOK_…`` environment variables; nothing else reads them."""

import os
from pathlib import Path
from typing import Literal, Self

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

REQUIRED_ON_AWS = (
    "database_url",
    "dagster_database_url",
    "landing_bucket",
    "objects_bucket",
    "release_bucket",
    "kms_key_id",
    "cloudfront_distribution_id",
    "cloudfront_domain",
    "cloudfront_key_pair_id",
    "cloudfront_private_key",
    "mail_from",
)

REQUIRED_ON_SERVERS = (
    "database_url",
    "dagster_database_url",
    "aws_endpoint_url",
    "landing_bucket",
    "objects_bucket",
    "release_bucket",
    "vault_folder",
    "edge_url",
)


class Settings(BaseSettings):
    """One machine (``EBOOK_ENV=local``, the default), several of one's own, or AWS.

    Same code, other resources. Raises `pydantic.ValidationError` where a setting is missing that
    machines which share their work need: no secret has a default there.
    """

    model_config = SettingsConfigDict(env_prefix="EBOOK_", frozen=True, extra="ignore")

    env: Literal["local", "server", "aws"] = Field(
        "local",
        description="One machine; servers of one's own with a Postgres and an S3 server: "
        "docs/servers.md; or Amazon's services: docs/aws.md.",
    )
    home: Path = Field(Path(".ebooks"), description="Where everything of one machine lies.")
    host: str = Field("127.0.0.1", description="The address that the local servers listen on.")
    web_port: int = Field(3000, description="Dagster's web UI.")
    web_origins: str = Field(
        "",
        pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?( +|$))*$",
        description="Further addresses of the web UI, as `https://ui.example.org` of a proxy "
        "before it, with spaces between.",
    )
    desk_port: int = Field(8080, description="The desk: API and pages.")
    desk_origins: str = Field(
        "",
        pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?( +|$))*$",
        description="Further addresses of the desk, as `https://desk.example.org` of a proxy "
        "before it, with spaces between; the first is the one that mails link to.",
    )
    desk_processes: int = Field(
        1, ge=1, le=64, description="Processes in which the desk answers: each takes one core."
    )
    desk_proxies: str = Field(
        "",
        description="Addresses or networks of proxies before the desk, with spaces between: what "
        "they say of whom they speak for is believed.",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/]).+$",
        description="An OpenID provider where people sign in besides, with the next two.",
    )
    oidc_client_id: str | None = Field(None, description="What the desk is called there.")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there.")
    oidc_name: str = Field("OpenID", description="What people call that provider.")
    web_url: str | None = Field(
        None,
        pattern=r"^https?://[a-z0-9.:\[\]-]+$",
        description="Where the desk finds Dagster's web UI; on this machine if unset.",
    )
    web_token: SecretStr | None = Field(
        None,
        min_length=32,
        description="What opens Dagster's web UI to a desk on another machine; made anew at each "
        "start if unset.",
    )
    consent_days: float = Field(
        30,
        gt=0,
        le=3650,
        description="So long a program acts for the person who let it, however often it refreshes "
        "its tokens; then it asks them again.",
    )
    upload_gigabytes_per_day: float = Field(
        20, gt=0, description="What one person, or one program, may upload in a day (UTC)."
    )
    upload_files_per_day: int = Field(
        500, ge=1, description="Files that one person, or one program, may upload in a day."
    )
    picture_books_per_day: int = Field(
        40, ge=0, description="Picture books and pages that one person may order in a day (UTC)."
    )
    upload_hours: float = Field(
        24, gt=0, description="An unfinished upload is kept for so long after its last byte."
    )
    watchers_per_person: int = Field(
        100, ge=1, description="Streams of progress that one person may have open at a desk."
    )
    edge_port: int = Field(8081, description="The local edge that delivers releases.")
    edge_url: str | None = Field(
        None,
        pattern=r"^https?://[a-z0-9.:\[\]-]+$",
        description="With EBOOK_ENV=server, where readers and workers reach the edge.",
    )
    vault_folder: Path | None = Field(
        None, description="Where master keys lie, alike on all machines; in the home if unset."
    )

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

    database_url: SecretStr | None = Field(None, description="Any Postgres; embedded if unset.")
    dagster_database_url: SecretStr | None = Field(
        None, description="Dagster's own database; beside the embedded one if unset."
    )

    aws_endpoint_url: str | None = Field(None, description="Another endpoint than Amazon's.")
    aws_region: str = Field("eu-central-1", description="The region of every bucket and key.")
    landing_bucket: str | None = Field(None, description="Where submitters put their files.")
    arrival_queue_url: str | None = Field(
        None, description="The SQS queue that the landing bucket notifies; it is listed if unset."
    )
    landing_sweep_minutes: float = Field(
        60, gt=0, description="With such a queue the bucket is listed anew after so long."
    )
    objects_bucket: str | None = Field(
        None, description="Manuscripts, conversions and records; never delivered from."
    )
    release_bucket: str | None = Field(None, description="Released files: the CDN's origin.")
    kms_key_id: str | None = Field(None, description="The key that wraps content keys.")
    cloudfront_distribution_id: str | None = Field(
        None, description="The distribution whose pointers are invalidated."
    )
    cloudfront_domain: str | None = Field(None, description="The host of its URLs.")
    cloudfront_base_url: str | None = Field(
        None, description="Another address than https:// and that host, such as a test server's."
    )
    cloudfront_key_pair_id: str | None = Field(
        None, description="The public key in its trusted key group."
    )
    cloudfront_private_key: SecretStr | None = Field(None, description="PEM, RSA 2048.")
    edge_log_bucket: str | None = Field(
        None, description="Where CloudFront leaves its access logs; no download is told if unset."
    )
    upload_part_bytes: int = Field(
        8 << 20, ge=5 << 20, le=64 << 20, description="Larger releases go up in parts of so many."
    )
    upload_content_md5: bool = Field(
        False, description="Send Content-MD5 too, for an endpoint that asks for it."
    )
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

    protection: Literal["lcp", "social", "password", "none"] = Field(
        "lcp", description="How books are protected: docs/protecting.md."
    )
    protection_file: Path | None = Field(
        None, description="TOML that names publishers with another protection."
    )
    keep_content_key: bool = Field(
        False, description="A corrected edition opens with the licences of the one before."
    )
    lcp_profile: str = Field(
        "http://readium.org/lcp/basic-profile",
        description="The LCP encryption profile; the basic one is for tests only.",
    )
    lcp_provider: str = Field(
        "https://bookshop.example", description="Who issues licences: a URI of yours."
    )
    lcp_certificate: Path | None = Field(
        None, description="The provider's certificate (PEM); one for tests only if unset."
    )
    lcp_private_key: SecretStr | None = Field(None, description="Its private key (PEM).")
    lcp_user_key: str = Field(
        "", description="Production's way to the user key, as `module:function`: EDRLab's secret."
    )
    lcp_hint_url: str | None = Field(
        None, description="A page about forgotten passphrases; `/hint` at the provider if unset."
    )
    license_server: str | None = Field(
        None,
        description="Where devices register, renew and return: <desk>/lcp. The desk's licences "
        "name it anyway; those of the shell lead to the edge's files if unset.",
    )
    license_devices: int = Field(
        6, ge=1, le=100, description="Devices that may register for one licence."
    )
    license_renewal_days: int = Field(
        14, ge=1, le=366, description="By how long a device renews a loan if it names no end."
    )
    model_dir: Path | None = Field(None, description="A local transformers model; MiniLM if unset.")
    model_cache: Path | None = Field(
        None,
        description="Where models are laid out at first use (100 MB); the user's caches if unset.",
    )
    spacy_model: str = Field(
        "",
        description="A spaCy model, by name or folder, for names in its language; "
        "those that are installed, each for its own, if unset.",
    )
    task_models: Path | None = Field(
        None,
        description="A TOML file of local models by task and language, exported to ONNX: names, "
        "genre, appropriateness, embeddings, summary.",
    )
    llm_url: str | None = Field(None, description="An OpenAI-compatible endpoint; none if unset.")
    llm_model: str = Field(
        "", description="The model there that describes books which nobody has described."
    )
    embedding_model: str = Field(
        "", description="The model there that makes vectors; a local one makes them if unset."
    )
    story_model: str = Field(
        "", description="The model there that writes picture books; a planner does if unset."
    )
    story_tokens: int = Field(
        60_000, ge=1000, description="The most tokens that one story may cost, all tries together."
    )
    picture_model: str = Field(
        "", description="The model there that paints picture books; we draw them if unset."
    )
    picture_size: str = Field(
        "",
        pattern=r"^(\d{2,5}x\d{2,5})?$",
        description="The size in pixels that it is asked for; what the page needs if unset.",
    )
    moderation_model: str = Field(
        "", description="The model there that judges what was painted; none if unset."
    )
    canva_client_id: str = Field("", description="Our integration at Canva; none if unset.")
    canva_client_secret: SecretStr | None = Field(None, description="Its secret.")
    canva_redirect_uri: str = Field(
        "http://127.0.0.1:3001/oauth/redirect",
        description="Where Canva sends the browser back to, as its portal has it.",
    )
    canva_api: str = Field(
        "https://api.canva.com/rest/v1", description="The address of its Connect API."
    )
    llm_api_key: SecretStr | None = Field(None, description="The endpoint's key.")
    languagetool_url: str | None = Field(
        None, description="A LanguageTool server; Harper checks English grammar if unset."
    )
    bisac_mapping: Path | None = Field(
        None, description="CSV lines THEMA,BISAC,HEADING of a licensee of BISG; none is shipped."
    )
    ocr_engine: Literal["auto", "rapidocr", "tesseract", "none"] = Field(
        "auto",
        description="What reads scans: docs/scans.md. By itself RapidOCR what is in its letters, "
        "and Tesseract the rest where it is installed with the book's language.",
    )
    ocr_dpi: int = Field(
        200, ge=100, le=600, description="The resolution that scans are read in, in dots an inch."
    )
    ocr_threads: int = Field(1, ge=1, le=64, description="Threads that read one page.")
    ocr_at_once: int = Field(
        1, ge=1, le=64, description="Pages of one book that are read at a time."
    )
    ocr_pages: int = Field(
        1500, ge=0, description="A book with more scanned pages stays a book of pictures."
    )
    tesseract: Path | None = Field(None, description="The program; looked for if unset.")
    chromium: Path | None = Field(None, description="The browser; looked for if unset.")
    java: Path | None = Field(None, description="A java; the bundled runtime if unset.")

    @model_validator(mode="after")
    def _production_has_all_it_needs(self) -> Self:
        required = {"aws": REQUIRED_ON_AWS, "server": REQUIRED_ON_SERVERS}.get(self.env, ())
        missing = [name for name in required if not getattr(self, name)]
        if self.env == "aws" and not (self.alarm_topic_arn or self.mail_team):
            missing.append("mail_team")
        if missing:
            names = ", ".join(f"EBOOK_{name.upper()}" for name in missing)
            raise ValueError(f"EBOOK_ENV={self.env} needs these settings: {names}")
        return self

    @property
    def root(self) -> Path:
        """`home` as an absolute path."""
        return self.home.expanduser().absolute()

    @property
    def models(self) -> Path:
        """Where models are laid out for this machine; it may be deleted at any time."""
        cache = self.model_cache or user_cache_path("ebook-pipeline")
        return cache.expanduser().absolute()

    @property
    def vault(self) -> Path:
        """Where the master keys of embedded vaults lie."""
        return (self.vault_folder or self.root / "vault").expanduser().absolute()

    @property
    def scratch(self) -> Path:
        """Where runs work on books; big ones need room here."""
        return self.root / "scratch"


def environment(name: str) -> str | None:
    """The variable `name`, which a file of settings says holds a secret; None where it is unset."""
    return os.environ.get(name)


def login() -> str:
    """The name of who is at the keyboard, or of who started the services."""
    return os.environ.get("USER") or os.environ.get("LOGNAME") or str(os.getuid())
