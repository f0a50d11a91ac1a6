"""The templates are sound, tell all that the settings need, and their page says the same."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ebook_pipeline.books.measuring import access_log
from ebook_pipeline.settings import REQUIRED_ON_AWS, Settings
from tests.support.aws.stacks import template
from tests.support.existing import existing
from tests.support.paths import TEMPLATES

ROOT = TEMPLATES.parents[1]
BY_OTHERS = {"database_url", "dagster_database_url", "cloudfront_private_key"}


def script(name: str) -> ModuleType:
    spec = existing(importlib.util.spec_from_file_location(name, TEMPLATES / f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    existing(spec.loader).exec_module(module)
    return module


@pytest.mark.prove
@pytest.mark.parametrize("name", ["books.yaml", "service.yaml", "account.yaml", "edge-logs.yaml"])
def test_cfn_lint_finds_nothing(name: str) -> None:
    from cfnlint.api import lint_file

    assert lint_file(TEMPLATES / name) == []


def test_the_outputs_are_every_setting_that_amazon_decides() -> None:
    outputs = {name: "x" for name in template("books.yaml")["Outputs"]}
    told = dict(script("settings").settings(outputs))
    needed = {f"EBOOK_{name.upper()}" for name in set(REQUIRED_ON_AWS) - BY_OTHERS}
    assert needed | {"EBOOK_ENV", "EBOOK_ALARM_TOPIC_ARN"} <= told.keys()


def test_the_service_imports_what_the_first_stack_exports_and_sets_what_it_needs() -> None:
    exports = {
        one["Export"]["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
        for one in template("books.yaml")["Outputs"].values()
        if "Export" in one
    }
    service = json.dumps(template("service.yaml"))
    assert set(_between(service, '"${Books}-', '"')) == exports
    known = {f"EBOOK_{field.upper()}" for field in Settings.model_fields}
    needed = {f"EBOOK_{name.upper()}" for name in REQUIRED_ON_AWS} | {"EBOOK_ENV"}
    for name, container in containers().items():
        given = [one["Name"] for kind in ("Environment", "Secrets") for one in container[kind]]
        assert len(set(given)) == len(given)
        assert {one for one in given if one.startswith("EBOOK_")} <= known
        if name in ("run", "tables", "code", "desk"):
            assert needed <= set(given), name


def test_dagsters_tasks_are_told_what_their_dagster_yaml_asks_for() -> None:
    configured = (TEMPLATES / "dagster.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"env: (\w+)", configured))
    for name in ("run", "code", "daemon", "web"):
        container = containers()[name]
        given = {one["Name"] for kind in ("Environment", "Secrets") for one in container[kind]}
        assert asked | {"DAGSTER_HOME"} <= given, name


def test_no_parameter_and_no_resource_holds_a_secret() -> None:
    for name in ("books.yaml", "service.yaml", "edge-logs.yaml"):
        for parameter, facts in template(name)["Parameters"].items():
            words = ("password", "private", "secret", "token")
            assert not any(word in parameter.lower() for word in words), facts


def test_every_bucket_is_private_encrypted_versioned_and_asks_for_tls() -> None:
    resources = template("books.yaml")["Resources"]
    buckets = {k: one for k, one in resources.items() if one["Type"] == "AWS::S3::Bucket"}
    assert len(buckets) == 5
    for name, bucket in buckets.items():
        assert bucket["DeletionPolicy"] == "Retain"
        assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values())
        assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}
        assert "BucketEncryption" in bucket["Properties"]
        statements = resources[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        assert [one["Effect"] for one in statements if one["Sid"] == "OnlyOverTls"] == ["Deny"]


def test_the_edge_logs_what_is_counted_and_nobody() -> None:
    resources = template("edge-logs.yaml")["Resources"]
    delivery = resources["Delivery"]["Properties"]
    assert delivery["RecordFields"] == list(access_log.FIELDS)
    assert delivery["DeliverySourceName"] == resources["Source"]["Properties"]["Name"]
    assert resources["Destination"]["Properties"]["OutputFormat"] == "w3c"


def test_every_statement_says_why_and_the_page_says_it_too() -> None:
    page = (ROOT / "docs" / "aws.md").read_text(encoding="utf-8")
    assert page == script("permissions").page(page)
    for name in ("books.yaml", "service.yaml"):
        for policy in template(name)["Resources"].values():
            if policy["Type"] == "AWS::IAM::ManagedPolicy":
                statements = policy["Properties"]["PolicyDocument"]["Statement"]
                assert [one["Sid"] for one in statements] == list(policy["Metadata"]["Why"])


def test_the_image_holds_what_the_templates_start() -> None:
    for container in containers().values():
        if "Command" in container:  # a run's is told when it is launched
            assert (Path(ROOT) / ".venv" / "bin" / container["Command"][0]).exists()
    copied = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    sources = [
        word
        for line in copied.splitlines()
        if line.startswith("COPY")
        for word in line.split()[1:-1]
        if not word.startswith("--")
    ]
    assert [one for one in sources if not (ROOT / one).exists()] == []


def containers() -> dict[str, dict[str, Any]]:
    """Every container of the service, by name."""
    return {
        container["Name"]: container
        for resource in template("service.yaml")["Resources"].values()
        if resource["Type"] == "AWS::ECS::TaskDefinition"
        for container in resource["Properties"]["ContainerDefinitions"]
    }


def _between(text: str, begin: str, end: str) -> list[str]:
    return [part.partition(end)[0] for part in text.split(begin)[1:]]
