"""Amazon's side of everything: one moto and one Postgres for the process."""

from tests.support.aws.moto import aws_credentials, moto_url
from tests.support.servers.postgres import database, postgres_server

__all__ = ["aws_credentials", "database", "moto_url", "postgres_server"]
