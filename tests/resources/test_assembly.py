"""The one place that chooses: embedded by default, AWS by a setting, each resource by its name."""

import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ebook_pipeline.foundation.errors import Denied, ServiceError
from ebook_pipeline.resources import RESOURCES, Resources
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import CloudFrontCdn, LocalEdge
from ebook_pipeline.resources.edge.bucket import OriginBucket
from ebook_pipeline.resources.key_vault import KmsKeyVault, LocalKeyVault
from ebook_pipeline.resources.landing import LandingBucket, LandingFolder
from ebook_pipeline.resources.notifier import AwsNotifier, MailFolder, Notice
from ebook_pipeline.resources.object_store import LocalObjectStore, S3ObjectStore
from ebook_pipeline.settings import Settings
from tests.support.aws.moto import REGION
from tests.support.existing import existing
from tests.support.servers.webhook_receiver import WRITTEN


@pytest.fixture
def local(tmp_path: Path) -> Resources:
    return Resources(Settings(env="local", home=tmp_path))


@pytest.fixture
def on_aws(aws: Aws, moto_url: str, tmp_path: Path) -> Resources:
    """Resources of production, on an AWS that has what docs/aws.md says must be made."""
    buckets = {name: f"{name}-{uuid.uuid4().hex[:8]}" for name in ("landing", "objects", "release")}
    for bucket in buckets.values():
        aws.s3().create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    aws.ses().verify_email_identity(EmailAddress="books@example.com")
    settings = Settings(
        env="aws",
        home=tmp_path,
        aws_endpoint_url=moto_url,
        aws_region=aws.region,
        database_url="postgresql+psycopg2://nobody@nowhere/ebooks",
        dagster_database_url="postgresql+psycopg2://nobody@nowhere/dagster",
        kms_key_id=aws.kms().create_key()["KeyMetadata"]["KeyId"],
        cloudfront_distribution_id="E1",
        cloudfront_domain="books.example.com",
        cloudfront_key_pair_id="K1",
        cloudfront_private_key=_pem(),
        mail_from="books@example.com",
        mail_team="team@example.com",
        landing_bucket=buckets["landing"],
        objects_bucket=buckets["objects"],
        release_bucket=buckets["release"],
    )
    return Resources(settings)


def _pem() -> str:
    key = rsa.generate_private_key(65537, 2048)
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, plain).decode()


def test_one_machine_has_the_embedded_ones(local: Resources) -> None:
    assert isinstance(local.object_store, LocalObjectStore)
    assert isinstance(local.landing_store, LandingFolder)
    assert isinstance(local.key_vault, LocalKeyVault)
    assert isinstance(local.cdn, LocalEdge)
    assert isinstance(local.notifier, MailFolder)
    local.cdn.close()


def test_production_has_those_of_aws(on_aws: Resources) -> None:
    assert isinstance(on_aws.object_store, S3ObjectStore)
    assert isinstance(on_aws.landing_store, LandingBucket)
    assert isinstance(on_aws.key_vault, KmsKeyVault)
    assert isinstance(on_aws.cdn, CloudFrontCdn)
    assert isinstance(on_aws.notifier, AwsNotifier)
    on_aws.cdn.close()


def test_servers_of_ones_own_have_buckets_and_embedded_keys(
    aws: Aws, moto_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        env="server",
        home=tmp_path / "home",
        aws_endpoint_url=moto_url,
        aws_region=aws.region,
        database_url="postgresql+psycopg2://nobody@nowhere/ebooks",
        dagster_database_url="postgresql+psycopg2://nobody@nowhere/dagster",
        edge_url="https://books.example.org",
        vault_folder=tmp_path / "vault",
        landing_bucket="landing",
        objects_bucket="objects",
        release_bucket="release",
    )
    resources = Resources(settings)
    assert isinstance(resources.object_store, S3ObjectStore)
    assert isinstance(resources.landing_store, LandingBucket)
    assert isinstance(resources.key_vault, LocalKeyVault)
    assert isinstance(resources.cdn, LocalEdge)
    assert isinstance(resources.edge_origin, OriginBucket)
    assert isinstance(resources.notifier, MailFolder)
    assert resources.event_bus == ()
    assert resources.cdn.url("public/a.jpg") == "https://books.example.org/public/a.jpg"
    with pytest.raises(Denied, match="ebooks migrate"):
        resources.key_vault.new_data_key({"book": "emma"})
    resources.close()


def test_what_settings_name_on_aws_is_what_is_used(
    on_aws: Resources, aws: Aws, tmp_path: Path
) -> None:
    ref = on_aws.object_store.put(b"a book", "text/plain")
    context = {"book": "emma", "edition": "1"}
    wrapped = on_aws.key_vault.new_data_key(context).wrapped
    on_aws.notifier.send(Notice(id="1", to="team@example.com", subject="hello", text="team"))
    aws.s3().put_object(Bucket=existing(on_aws.settings.landing_bucket), Key="emma.epub", Body=b"x")
    assert on_aws.object_store.exists(ref)
    assert len(on_aws.key_vault.unwrap(wrapped, context)) == 32
    assert [one.key for one in on_aws.landing_store.arrivals()] == ["emma.epub"]
    assert on_aws.cdn.url("books/emma/x.epub").startswith("https://books.example.com/books/emma/")
    on_aws.cdn.close()


def test_every_name_is_a_resource_and_no_other_can_be_overridden(local: Resources) -> None:
    made = Resources(local.settings, **dict.fromkeys(RESOURCES, "mine"))
    assert {getattr(made, name) for name in RESOURCES} == {"mine"}
    with pytest.raises(TypeError, match="no such resource: objectstore"):
        Resources(local.settings, objectstore="x")


def test_events_go_to_a_folder_here_and_to_amazon_and_other_servers_there(
    local: Resources, on_aws: Resources, tmp_path: Path
) -> None:
    file = tmp_path / "webhooks.toml"
    file.write_text(
        '[[webhook]]\nname = "shop"\nurl = "https://shop.example"\ntypes = "*"\nsecret_file = "s"'
    )
    (tmp_path / "s").write_text(WRITTEN)
    wanted = {
        "event_topic_arn": "arn:aws:sns:eu-central-1:123456789012:events.fifo",
        "event_queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/events.fifo",
        "webhooks_file": file,
    }
    there = Resources(on_aws.settings.model_copy(update=wanted))
    assert [one.name for one in local.event_bus] == ["folder"]
    assert [one.name for one in there.event_bus] == ["topic", "queue", "webhook:shop"]
    assert on_aws.event_bus == ()
    file.write_text(file.read_text().replace("https", "http"))
    with pytest.raises(ServiceError, match="must begin with https"):
        Resources(there.settings).event_bus  # noqa: B018 - made when it is asked for
