"""Amazon's side of everything: one moto for the process."""

from tests.support.aws import aws_credentials, moto_url  # noqa: F401 - fixtures
