"""An account's role, made from its template, judged by the calls that it makes on the wire."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.landing import LandingBucket
from ebook_pipeline.services.intake import arrivals, refusals
from ebook_pipeline.services.owning import accounts
from tests.services.owning.test_takeover import ATTACKS, World
from tests.support.aws import iam
from tests.support.aws.moto import REGION
from tests.support.aws.stacks import template
from tests.support.servers.faulty_proxy import Proxy
from tests.support.servers.postgres import rows

pytestmark = [pytest.mark.prove, pytest.mark.usefixtures("aws_credentials")]
SENSOR = "sensor:new_submissions"


class Landing:
    """A landing bucket, and what a stack of account.yaml made beside it."""

    def __init__(self, url: str, proxy: Proxy) -> None:
        self._session = boto3.Session(region_name=REGION)
        self._url, self.proxy = url, proxy
        self.bucket = f"landing-{uuid.uuid4().hex[:8]}"
        self._books = f"books-{self.bucket}"
        self._stack(self._books, _exporting(self.bucket))

    def client(self, service: Any, url: str | None = None) -> Any:
        return self._session.client(service, endpoint_url=url or self._url)

    def policy(self, account: str) -> dict[str, Any]:
        """The policy of the account's role, as Amazon has it."""
        parameters = {"Books": self._books, "Account": account, "Submitters": "arn:aws:iam::1:root"}
        self._stack(f"{account}-{self.bucket}", template("account.yaml"), parameters)
        arns = {
            one["PolicyName"]: one
            for one in self.client("iam").list_policies(Scope="Local")["Policies"]
        }
        name = next(name for name in arns if f"{account}-{self.bucket}" in name)
        version = self.client("iam").get_policy_version(
            PolicyArn=arns[name]["Arn"], VersionId=arns[name]["DefaultVersionId"]
        )
        return dict(version["PolicyVersion"]["Document"])

    def calls(self, file: Path, key: str) -> list[iam.Need]:
        """What putting the file there, and looking what is there, would need."""
        before, s3 = len(self.proxy.calls), self.client("s3", self.proxy.url)
        s3.upload_file(str(file), self.bucket, key)
        s3.get_object(Bucket=self.bucket, Key=key)
        s3.list_objects_v2(Bucket=self.bucket)
        s3.delete_object(Bucket=self.bucket, Key=key)
        return [need for call in self.proxy.calls[before:] for need in iam.needs(call, REGION)]

    def _stack(
        self, name: str, body: dict[str, Any], parameters: dict[str, str] | None = None
    ) -> None:
        self.client("cloudformation").create_stack(
            StackName=name,
            TemplateBody=json.dumps(body),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in (parameters or {}).items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )


def _exporting(bucket: str) -> dict[str, Any]:
    export = template("books.yaml")["Outputs"]["LandingBucket"]
    properties = {"BucketName": bucket}
    resources = {"LandingBucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}
    return {"Resources": resources, "Outputs": {"LandingBucket": export}}


@pytest.fixture
def landing(moto_url: str) -> Iterator[Landing]:
    with Proxy(moto_url).running() as proxy:
        yield Landing(moto_url, proxy)


def test_a_role_hands_in_to_its_own_folder_and_does_nothing_else(
    landing: Landing, tmp_path: Path
) -> None:
    file = tmp_path / "emma.epub"
    file.write_bytes(b"a book" * 2_000_000)
    policy = landing.policy("bob")
    allowed = {
        need.action for need in landing.calls(file, "bob/emma.epub") if iam.allows(policy, need)
    }
    assert allowed == {"s3:PutObject"}
    for place in ("emma.epub", "ann/emma.epub", "house/emma.epub", "bobby/emma.epub", "bob"):
        assert [need for need in landing.calls(file, place) if iam.allows(policy, need)] == []


def test_what_lies_in_a_bucket_is_its_folders_and_a_folder_without_account_is_nobodys(
    landing: Landing, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "emma.epub"
    file.write_bytes(b"a book")
    s3 = landing.client("s3")
    for place in ("house/emma.epub", "bob/emma.epub", "ann/emma.epub"):
        s3.upload_file(str(file), landing.bucket, place)
    bucket = LandingBucket(s3, landing.bucket)
    assert arrivals.submit_arrivals(database, bucket, actor=SENSOR, most=9) == 1
    assert {one.landing_key for one in refusals.refused_since(database)} == {
        "ann/emma.epub",
        "bob/emma.epub",
    }
    accounts.add(database, "bob", actor="eve")
    s3.upload_file(str(file), landing.bucket, "bob/again.epub")
    arrivals.submit_arrivals(database, bucket, actor=SENSOR, most=9)
    assert rows(database, "SELECT id, account FROM book ORDER BY id") == [
        ("bob-again", "bob"),
        ("emma", "house"),
    ]


def test_what_a_role_puts_into_its_folder_takes_nothing_of_anothers(
    landing: Landing, database: Database, tmp_path: Path
) -> None:
    world, s3 = World(database, tmp_path), landing.client("s3")
    before, refused = world.hers, {}
    for number, (claims, rule) in enumerate(ATTACKS.values()):
        key = f"bob/{number}.epub"
        s3.put_object(Bucket=landing.bucket, Key=f"{key}.json", Body=json.dumps(claims).encode())
        s3.put_object(Bucket=landing.bucket, Key=key, Body=b"a stranger's book")
        refused[key] = rule
    bucket = LandingBucket(s3, landing.bucket)
    assert arrivals.submit_arrivals(database, bucket, actor=SENSOR, most=99) == 0
    found = refusals.refused_since(database)
    assert {one.landing_key: one.finding.rule for one in found} == refused
    assert world.hers == before
