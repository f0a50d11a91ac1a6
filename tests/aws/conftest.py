"""Amazon's side of everything: one moto for the process."""

from tests.support.aws.moto import aws_credentials, moto_url  # noqa: F401 - fixtures
