"""The outside world: a Protocol, its embedded and its AWS class per file; chosen here."""

import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ebook_pipeline.settings import Settings, environment

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ebook_pipeline.books.converting.recognizing.recognizer import PageRecognizer
    from ebook_pipeline.books.picture_books.painting import PagePainter
    from ebook_pipeline.books.picture_books.story_writing import StoryWriter
    from ebook_pipeline.resources.arrival_queue import ArrivalQueue
    from ebook_pipeline.resources.aws import Aws
    from ebook_pipeline.resources.cdn import Cdn
    from ebook_pipeline.resources.database import Database
    from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
    from ebook_pipeline.resources.edge.bucket import OriginBucket
    from ebook_pipeline.resources.edge.downloads import DownloadLog
    from ebook_pipeline.resources.edge.origin import OriginFolder
    from ebook_pipeline.resources.event_bus import EventFolder, SnsTopic, SqsQueue
    from ebook_pipeline.resources.key_vault import KeyVault
    from ebook_pipeline.resources.lake_engine import LakeEngine
    from ebook_pipeline.resources.landing import LandingStore
    from ebook_pipeline.resources.models.copywriter import Copywriter
    from ebook_pipeline.resources.models.grammar_checker import GrammarChecker
    from ebook_pipeline.resources.models.summary_writer import SummaryWriter
    from ebook_pipeline.resources.models.text_models import TextModels
    from ebook_pipeline.resources.notifier import Notifier
    from ebook_pipeline.resources.object_store import ObjectStore
    from ebook_pipeline.resources.upload_store import UploadStore
    from ebook_pipeline.resources.webhooks import Webhook
    from ebook_pipeline.tools.browser import Browser
    from ebook_pipeline.tools.epubcheck import EpubCheck
    from ebook_pipeline.tools.typesetter import Typesetter

RESOURCES = (
    "object_store",
    "landing_store",
    "key_vault",
    "cdn",
    "database",
    "notifier",
    "text_models",
    "grammar_checker",
    "copywriter",
    "summary_writer",
    "epubcheck",
    "browser",
    "typesetter",
    "lake_engine",
    "page_recognizers",
)


class Resources:
    """Every resource of one process, made when first asked for; `overrides` replace them by name.

    ``EBOOK_ENV`` decides between the embedded classes and those of AWS, and nothing else does.
    One's own servers have buckets, as AWS has, and otherwise what is embedded.
    """

    def __init__(self, settings: Settings, **overrides: Any) -> None:
        unknown = set(overrides) - set(RESOURCES)
        if unknown:
            raise TypeError(f"no such resource: {', '.join(sorted(unknown))}")
        self.settings = settings
        self.__dict__.update(overrides)

    def close(self) -> None:
        """Close the connections of what was made; who asks for it again has them opened anew."""
        for name in ("cdn", "database", "aws"):
            if name in vars(self):
                vars(self)[name].close()

    @property
    def _local(self) -> bool:
        return self.settings.env == "local"

    @property
    def _amazon(self) -> bool:
        return self.settings.env == "aws"

    @cached_property
    def object_store(self) -> "ObjectStore":
        from ebook_pipeline.resources.object_store import LocalObjectStore, S3ObjectStore

        if self._local:
            return LocalObjectStore(self.settings.root / "objects")
        return S3ObjectStore(self.aws.s3(), _set(self.settings.objects_bucket))

    @cached_property
    def landing_store(self) -> "LandingStore":
        from ebook_pipeline.resources.landing import LandingBucket, LandingFolder

        if self._local:
            return LandingFolder(self.settings.root / "landing", self.settings.quiet_seconds)
        return LandingBucket(self.aws.s3(), _set(self.settings.landing_bucket))

    @cached_property
    def arrival_queue(self) -> "ArrivalQueue | None":
        """What tells of new files; None where nothing does, and the landing store is listed."""
        from ebook_pipeline.resources.arrival_queue import ArrivalSqs

        if self._local or not self.settings.arrival_queue_url:
            return None
        bucket = _set(self.settings.landing_bucket)
        return ArrivalSqs(self._hurried_aws.sqs(), self.settings.arrival_queue_url, bucket)

    @cached_property
    def upload_store(self) -> "UploadStore":
        from ebook_pipeline.resources.upload_store import UploadBucket, UploadFolder

        if self._local:
            return UploadFolder(self.settings.root / "landing")
        return UploadBucket(
            self.aws.s3(), _set(self.settings.landing_bucket), self.settings.upload_part_bytes
        )

    @cached_property
    def key_vault(self) -> "KeyVault":
        from ebook_pipeline.resources.key_vault import KmsKeyVault, LocalKeyVault

        if self._amazon:
            return KmsKeyVault(self.aws.kms(), _set(self.settings.kms_key_id))
        return LocalKeyVault(self.settings.vault, makes_first=self._local)

    @cached_property
    def cdn(self) -> "Cdn":
        from ebook_pipeline.resources.cdn import LocalEdge

        if self._amazon:
            return self._cloudfront()
        here = f"http://{self.settings.host}:{self.settings.edge_port}"
        origin = self._origin if self._local else self._origin_bucket()
        return LocalEdge(origin, self.edge_secret, self.settings.edge_url or here)

    @cached_property
    def database(self) -> "Database":
        from ebook_pipeline.resources.database import Database

        if self.settings.database_url:
            return Database(_secret(self.settings.database_url), vault=self.key_vault)
        application, owner = self.postgres.application_url("ebooks"), self.postgres.url("ebooks")
        return Database(application, owner, self.key_vault)

    @cached_property
    def postgres(self) -> "EmbeddedPostgres":
        """The embedded server, for those who start and stop it."""
        from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

        return EmbeddedPostgres(self.settings.root / "postgres")

    @cached_property
    def notifier(self) -> "Notifier":
        from ebook_pipeline.resources.notifier import ChannelNotifier, MailFolder, SlackNotifier

        rest = (
            self._amazons_notifier() if self._amazon else MailFolder(self.settings.root / "outbox")
        )
        if not self.settings.slack_webhook_url:
            return rest
        return ChannelNotifier(SlackNotifier(_secret(self.settings.slack_webhook_url)), rest)

    def _amazons_notifier(self) -> "Notifier":
        from ebook_pipeline.resources.notifier import AwsNotifier

        once = replace(self.aws, attempts=1)  # a mail whose answer was lost is not sent again
        return AwsNotifier(once.ses(), once.sns(), _set(self.settings.mail_from))

    @cached_property
    def event_bus(self) -> "tuple[EventFolder | SnsTopic | SqsQueue | Webhook, ...]":
        """Where events go: the folder of one machine, a topic, a queue, other people's servers."""
        from ebook_pipeline.resources.event_bus import EventFolder, SnsTopic, SqsQueue
        from ebook_pipeline.resources.webhooks import load_webhooks

        settings = self.settings
        bus: list[EventFolder | SnsTopic | SqsQueue | Webhook] = []
        if self._local:
            bus.append(EventFolder(settings.root / "events"))
        if settings.event_topic_arn:
            bus.append(SnsTopic(self._hurried_aws.sns(), settings.event_topic_arn))
        if settings.event_queue_url:
            bus.append(SqsQueue(self._hurried_aws.sqs(), settings.event_queue_url))
        if settings.webhooks_file:
            scheme: Literal["http", "https"] = "http" if self._local else "https"
            bus += load_webhooks(settings.webhooks_file, environment, scheme)
        return tuple(bus)

    @cached_property
    def text_models(self) -> "TextModels":
        from ebook_pipeline.resources.models.task_models import load_task_models
        from ebook_pipeline.resources.models.text_models import HostedModels, LocalModels

        settings = self.settings
        tasks = load_task_models(settings.task_models)
        if settings.llm_url and settings.embedding_model:
            model, key = settings.embedding_model, settings.llm_api_key
            return HostedModels(settings.llm_url, model, key, settings.spacy_model, tasks)
        return LocalModels(settings.models, settings.spacy_model, settings.model_dir, tasks=tasks)

    @cached_property
    def grammar_checker(self) -> "GrammarChecker":
        from ebook_pipeline.resources.models.grammar_checker import (
            HarperChecker,
            LanguageToolChecker,
        )

        url = self.settings.languagetool_url
        return LanguageToolChecker(url) if url else HarperChecker(self.text_models)

    @cached_property
    def page_painter(self) -> "PagePainter":
        from ebook_pipeline.books.picture_books.painting import OwnDrawings
        from ebook_pipeline.resources.models.page_painter import EndpointPainter

        settings = self.settings
        if not (settings.llm_url and settings.picture_model):
            return OwnDrawings()
        return EndpointPainter(
            settings.llm_url,
            settings.picture_model,
            settings.llm_api_key,
            size=settings.picture_size,
            moderation=settings.moderation_model,
        )

    @cached_property
    def story_writer(self) -> "StoryWriter":
        from ebook_pipeline.books.picture_books.story_writing import PlannedStories
        from ebook_pipeline.resources.models.story_writer import ChatStories

        settings = self.settings
        if settings.llm_url and settings.story_model:
            return ChatStories(
                settings.llm_url,
                settings.story_model,
                settings.llm_api_key,
                settings.story_tokens,
            )
        return PlannedStories()

    @cached_property
    def copywriter(self) -> "Copywriter":
        from ebook_pipeline.resources.models.copywriter import (
            ChatCopywriter,
            ComposedCopywriter,
            LocalCopywriter,
        )

        settings = self.settings
        usual: Copywriter = ComposedCopywriter()
        if settings.llm_url and settings.llm_model:
            usual = ChatCopywriter(settings.llm_url, settings.llm_model, settings.llm_api_key)
        tasks = self.text_models.tasks
        return LocalCopywriter(tasks, usual) if tasks.models.summary else usual

    @cached_property
    def summary_writer(self) -> "SummaryWriter":
        from ebook_pipeline.books.summarizing.cited import QuotationsAlone
        from ebook_pipeline.resources.models.summary_writer import ChatSummaries

        settings = self.settings
        if settings.llm_url and settings.llm_model:
            return ChatSummaries(settings.llm_url, settings.llm_model, settings.llm_api_key)
        return QuotationsAlone()

    @cached_property
    def epubcheck(self) -> "EpubCheck":
        from ebook_pipeline.tools.epubcheck import EpubCheck

        return EpubCheck(self.settings.java, self.settings.tool_seconds)

    @cached_property
    def browser(self) -> "Browser":
        from ebook_pipeline.tools.browser import Browser

        return Browser(self.settings.chromium, self.settings.tool_seconds)

    @cached_property
    def typesetter(self) -> "Typesetter":
        from ebook_pipeline.tools.typesetter import Typesetter

        return Typesetter(self.settings.tool_seconds)

    @cached_property
    def lake_engine(self) -> "LakeEngine":
        from ebook_pipeline.resources.lake_engine import DuckDbEngine, SparkEngine

        if self.settings.lake_engine == "spark":
            return SparkEngine(self.settings.spark_master)
        return DuckDbEngine()

    @cached_property
    def page_recognizers(self) -> "tuple[PageRecognizer, ...]":
        """What reads scans, in the order of preference."""
        from ebook_pipeline.resources.recognizing import engines

        return engines.chosen(self.settings)

    def edge_server(self) -> tuple[str, ...]:
        """The command line of the local edge."""
        return (
            sys.executable, "-m", "ebook_pipeline.resources.edge.server",
            "--origin", str(self._origin), "--secret", str(self.edge_secret),
            "--host", self.settings.host, "--port", str(self.settings.edge_port),
        )  # fmt: skip

    @property
    def edge_origin(self) -> "OriginFolder | OriginBucket":
        """What our own edge delivers from."""
        from ebook_pipeline.resources.edge.origin import OriginFolder

        return OriginFolder(self._origin) if self._local else self._origin_bucket()

    @property
    def download_log(self) -> "DownloadLog | None":
        """What the edge delivered; None where CloudFront does and leaves no logs."""
        from ebook_pipeline.resources.edge.cloudfront_logs import CloudFrontLogs
        from ebook_pipeline.resources.edge.downloads import download_log

        if not self._amazon:
            return download_log(self.edge_origin)
        bucket = self.settings.edge_log_bucket
        return CloudFrontLogs(self.aws.s3(), bucket) if bucket else None

    @property
    def edge_secret(self) -> Path:
        """The file of the key that our own edge's URLs are signed with."""
        return self.settings.vault / "edge.secret"

    @property
    def _origin(self) -> Path:
        return self.settings.root / "released"

    def _origin_bucket(self) -> "OriginBucket":
        from ebook_pipeline.resources.edge.bucket import OriginBucket

        settings = self.settings
        return OriginBucket(
            self.aws.s3(),
            _set(settings.release_bucket),
            settings.upload_part_bytes,
            settings.upload_content_md5,
        )

    @cached_property
    def aws(self) -> "Aws":
        """Clients of Amazon's services, or of what speaks as they do."""
        from ebook_pipeline.resources.aws import Aws

        return Aws(self.settings.aws_region, self.settings.aws_endpoint_url)

    @property
    def _hurried_aws(self) -> "Aws":
        """For what is offered again anyway: a turn of deliveries does not wait for long."""
        return replace(self.aws, attempts=2, read_seconds=10.0)

    def _cloudfront(self) -> "Cdn":
        from ebook_pipeline.foundation.secrets import Secret
        from ebook_pipeline.resources.cdn import CloudFrontCdn

        settings = self.settings
        private_key = Secret(_secret(settings.cloudfront_private_key).encode())
        return CloudFrontCdn(
            s3=self.aws.s3(),
            cloudfront=self.aws.cloudfront(),
            bucket=_set(settings.release_bucket),
            distribution_id=_set(settings.cloudfront_distribution_id),
            domain=_set(settings.cloudfront_domain),
            key_pair_id=_set(settings.cloudfront_key_pair_id),
            private_key=private_key,
            part_bytes=settings.upload_part_bytes,
            content_md5=settings.upload_content_md5,
            base_url=settings.cloudfront_base_url,
        )


def _set(value: str | None) -> str:
    """A setting that `Settings` has made sure of."""
    assert value is not None
    return value


def _secret(value: "SecretStr | None") -> str:
    assert value is not None
    return value.get_secret_value()
