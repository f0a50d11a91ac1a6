"""A distribution of CloudFront before a bucket, as moto has them, and what is published there."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from mypy_boto3_s3 import S3Client

from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.cdn import CloudFrontCdn

PATH = "books/emma/1/emma.epub"
EPUB = "application/epub+zip"


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def distribution(aws: Aws) -> str:
    origin = {
        "Id": "releases",
        "DomainName": "releases.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behaviour = {"TargetOriginId": "releases", "ViewerProtocolPolicy": "https-only"}
    config: Any = {
        "CallerReference": str(uuid.uuid4()),
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }
    made = aws.cloudfront().create_distribution(DistributionConfig=config)
    return made["Distribution"]["Id"]


@pytest.fixture
def cloudfront(
    aws: Aws,
    s3: S3Client,
    bucket: str,
    moto_url: str,
    distribution: str,
    private_key: rsa.RSAPrivateKey,
) -> Iterator[CloudFrontCdn]:
    pem = private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    cdn = CloudFrontCdn(
        s3=s3,
        cloudfront=aws.cloudfront(),
        bucket=bucket,
        distribution_id=distribution,
        domain="books.example.org",
        key_pair_id="K123",
        private_key=Secret(pem),
        base_url=f"{moto_url}/{bucket}",
    )
    yield cdn
    cdn.close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "emma.epub"
    path.write_bytes(b"emma" * 100_000)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.epub"
    path.write_bytes(b"other")
    return path
