"""A real moto server over HTTP for the AWS halves of the contracts."""

import uuid

import pytest
from mypy_boto3_s3 import S3Client

from ebook_pipeline.resources.aws import Aws
from tests.support.aws.moto import aws_credentials, moto_url
from tests.support.servers.fixed_answer import Answering, answering

__all__ = ["aws_credentials", "moto_url"]


@pytest.fixture(scope="session")
def aws(moto_url: str, aws_credentials: None) -> Aws:
    return Aws("eu-central-1", moto_url)


@pytest.fixture(scope="session")
def s3(aws: Aws) -> S3Client:
    return aws.s3()


@pytest.fixture
def bucket(s3: S3Client) -> str:
    name = f"test-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


@pytest.fixture
def faulty() -> Answering:
    """`with faulty(503, body) as (url, received)`: a service that always answers so."""
    return answering
