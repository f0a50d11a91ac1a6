"""A home of the pipeline whose services are Amazon's: moto behind a proxy, an edge, a Postgres."""

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import make_url

from ebook_pipeline.cli.running import book_statuses
from ebook_pipeline.definitions import build_defs
from ebook_pipeline.jobs import reprocess
from ebook_pipeline.resources.database.postgres import EmbeddedPostgres
from ebook_pipeline.services.owning import people
from ebook_pipeline.services.reporting.status import BookStatus
from tests.support import access_logs
from tests.support.aws.cloudfront import Edge
from tests.support.aws.iam import ACCOUNT
from tests.support.aws.moto import REGION
from tests.support.aws.stacks import Stack
from tests.support.homes import Home, open_home
from tests.support.in_process import tools
from tests.support.paths import TEMPLATES
from tests.support.servers.faulty_proxy import Proxy
from tests.support.servers.postgres import prepared

SUBMITTER = "submitter"
SENDER, TEAM = "books@example.org", "team@example.org"


@dataclass
class AwsHome:
    """A home, and what Amazon has of it: `stack` asks moto, the home asks through the proxy."""

    home: Home
    stack: Stack
    proxy: Proxy
    edge: Edge
    postgres: EmbeddedPostgres
    secrets: Sequence[bytes]

    @property
    def outputs(self) -> dict[str, str]:
        return self.stack.outputs

    def hand_in(self, *files: Path) -> None:
        """Put files and their sidecars into the house's folder, as its submitter does."""
        session = boto3.Session(SUBMITTER, SUBMITTER, region_name=REGION)
        s3 = session.client("s3", endpoint_url=self.proxy.url)
        for file in files:
            for path in (file.with_name(f"{file.name}.json"), file):
                if path.exists():
                    s3.upload_file(str(path), self.outputs["LandingBucket"], f"house/{path.name}")

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Every object of a bucket, by the name of the stack's output."""
        s3, name = self.stack.client("s3"), self.outputs[bucket]
        listed = s3.list_objects_v2(Bucket=name).get("Contents", [])
        return {
            one["Key"]: s3.get_object(Bucket=name, Key=one["Key"])["Body"].read() for one in listed
        }

    def leave_access_log(self, path: str) -> None:
        """What CloudFront says some hours after two readers have fetched `path`."""
        self.stack.client("s3").put_object(
            Bucket=self.outputs["EdgeLogBucket"],
            Key=f"AWSLogs/{ACCOUNT}/CloudFront/E1.2026-11-29-23.aa.gz",
            Body=access_logs.packed([access_logs.line(path)] * 2),
        )

    def head(self, bucket: str, key: str) -> dict[str, Any]:
        s3 = self.stack.client("s3")
        return dict(s3.head_object(Bucket=self.outputs[bucket], Key=key, ChecksumMode="ENABLED"))

    def tick(self, instance: dg.DagsterInstance) -> Sequence[dg.RunRequest]:
        """What the sensor over the landing bucket asks for."""
        names = ("database", "landing_store")
        sensor = self._defs().resolve_sensor_def("new_submissions")
        context = dg.build_sensor_context(
            instance=instance,
            resources={name: getattr(self.home.resources, name) for name in names},
        )
        return sensor.evaluate_tick(context).run_requests or []

    def run(self, instance: dg.DagsterInstance, request: dg.RunRequest) -> bool:
        """Do what was asked for, here; whether the run ended well."""
        done = (
            self._defs()
            .resolve_job_def(str(request.job_name))
            .execute_in_process(
                instance=instance,
                tags={**request.tags, "dagster/run_key": str(request.run_key)},
                run_config=dict(request.run_config),
                raise_on_error=False,
            )
        )
        return done.success

    def take(self, *books: str) -> dict[str, BookStatus]:
        """Take named books through the chain, and say where they ended."""
        with dg.DagsterInstance.get() as instance:
            self.run(
                instance,
                dg.RunRequest("again", job_name=reprocess.NAME, run_config=reprocess.config(books)),
            )
        return {one.book: one for one in book_statuses(self.home.resources).statuses(books)}

    def ebooks(self, *words: object) -> str:
        """A command; what it said. AssertionError where it did not end well."""
        done = self.home.ebooks(*words)
        assert done.code == 0, done
        return done.out

    def tell(self, *sensors: str) -> None:
        """As the daemon does now and again: events to their subscribers, notices to people."""
        with dg.DagsterInstance.get() as instance:
            for name in sensors or ("event_deliveries", "due_notices"):
                sensor = self._defs().resolve_sensor_def(name)
                sensor.evaluate_tick(dg.build_sensor_context(instance=instance))

    def told(self) -> list[dict[str, Any]]:
        """The events in the queue of the template, which are taken from it."""
        sqs, found = self.stack.client("sqs"), []
        asked = {"QueueUrl": self.outputs["EventQueue"], "MaxNumberOfMessages": 10}
        while messages := sqs.receive_message(**asked).get("Messages", []):
            for message in messages:
                sqs.delete_message(
                    QueueUrl=asked["QueueUrl"], ReceiptHandle=message["ReceiptHandle"]
                )
                found.append(json.loads(message["Body"]))
        return found

    def mail(self) -> list[dict[str, Any]]:
        """What SES was given since the server began, as moto keeps it."""
        from moto.ses.models import ses_backends

        return [vars(one) for one in ses_backends[ACCOUNT][REGION].sent_messages]

    def _defs(self) -> dg.Definitions:
        """Tools and models are shared by all runs, for they take long to start."""
        database, settings = self.home.resources.database, self.home.settings
        return build_defs(settings, database=database, **tools(settings))


@contextlib.contextmanager
def open_aws_home(folder: Path, moto_url: str, **environment: str) -> Iterator[AwsHome]:
    """Everything made from the templates; settings come by the documented command."""
    private, public = key_pair()
    stack = Stack("books.yaml", REGION, moto_url, {"EdgePublicKey": public, "MailFrom": SENDER})
    stack.create()
    stack.client("ses").verify_email_identity(EmailAddress=SENDER)
    edge = edge_of(stack)
    with contextlib.ExitStack() as open_:
        postgres = open_.enter_context(_postgres())
        open_.enter_context(edge.running())
        proxy = open_.enter_context(Proxy(moto_url).running())
        own = told_settings(stack.name, moto_url) | {
            "EBOOK_AWS_ENDPOINT_URL": proxy.url,
            "EBOOK_CLOUDFRONT_BASE_URL": edge.url,
            "EBOOK_CLOUDFRONT_PRIVATE_KEY": private,
            "EBOOK_DATABASE_URL": postgres.url("ebooks"),
            "EBOOK_DAGSTER_DATABASE_URL": postgres.url("dagster"),
            "EBOOK_MAIL_TEAM": TEAM,
        }
        home = open_.enter_context(open_home(folder, **(own | environment)))
        people.first_operator(home.resources.database, "eve")
        open_.enter_context(_written_down(folder / "logs" / "everything.log"))
        yield AwsHome(home, stack, proxy, edge, postgres, [*_secrets(private, postgres)])


@contextlib.contextmanager
def _written_down(log: Path) -> Iterator[None]:
    """All that is logged, Dagster's own words included, also goes into a file of the home."""
    with contextlib.closing(logging.FileHandler(log)) as file:
        loggers = [logging.getLogger(name) for name in (None, "dagster")]
        for one in loggers:
            one.addHandler(file)
        yield
        for one in loggers:
            one.removeHandler(file)


def edge_of(stack: Stack) -> Edge:
    """The distribution of the template, not running yet."""
    distribution = stack.outputs["CloudfrontDistributionId"]
    edge = Edge(stack.client("cloudfront"), stack.client("s3"), distribution)
    edge.response_headers = stack.response_headers
    return edge


def told_settings(stack: str, url: str) -> dict[str, str]:
    """What ``python deploy/aws/settings.py STACK`` prints."""
    said = subprocess.run(
        [sys.executable, str(TEMPLATES / "settings.py"), stack],
        env=_environment(url),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(line.split("=", 1) for line in said.splitlines())


def _environment(url: str) -> dict[str, str]:
    return os.environ | {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": REGION}


def key_pair() -> tuple[str, str]:
    """Private and public half in PEM, as the edge wants them."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@contextlib.contextmanager
def _postgres() -> Iterator[EmbeddedPostgres]:
    """A server as a company has one: by URL, started and stopped by others."""
    with tempfile.TemporaryDirectory(prefix="ebooks-pg-") as folder:
        server = prepared(Path(folder) / "postgres")
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _secrets(private_key: str, postgres: EmbeddedPostgres) -> Iterator[bytes]:
    """The password, and each line of the key: a part of it would be enough to look for more."""
    yield str(make_url(postgres.url("ebooks")).password).encode()
    yield from (line.encode() for line in private_key.splitlines() if "KEY" not in line)
