"""Dagster as `service.yaml` runs it, by the production's `dagster.yaml`, over moto."""

import contextlib
import json
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest
from dagster._core.storage.dagster_run import DagsterRun

from tests.support.aws.iam import ACCOUNT
from tests.support.aws.moto import REGION
from tests.support.aws.stacks import template
from tests.support.paths import TEMPLATES
from tests.support.servers.faulty_proxy import Proxy
from tests.support.servers.fixed_answer import answering

ROLES = ("DaemonRole", "WebRole")
_MADE = ("Cluster", "Log", "StarterRole", "DaemonRole", "DaemonPolicy", "WebRole", "WebPolicy")


@dg.op
def _nothing() -> None:
    """Is never run: a task stands for it."""


@dg.job
def books() -> None:
    """A job that tasks are started for."""
    _nothing()


@dataclass
class EcsHome:
    """A cluster with a daemon's task; `url` is moto's, the instance asks through `proxy`."""

    url: str
    proxy: Proxy
    stack: str
    bucket: str
    own_task: dict[str, Any]
    instance: dg.DagsterInstance

    def client(self, service: Any) -> Any:
        return boto3.client(service, region_name=REGION, endpoint_url=self.url)

    def launch(self, **tags: str) -> DagsterRun:
        """A run that was launched, as Dagster has it now."""
        origin = dg.reconstructable(books).get_python_origin()
        made = self.instance.create_run_for_job(
            books, tags=tags, status=dg.DagsterRunStatus.STARTING, job_code_origin=origin
        )
        self.instance.launch_run(made.run_id, workspace=None)  # type: ignore[arg-type]
        return self.run(made.run_id)

    def run(self, id: str) -> DagsterRun:
        found = self.instance.get_run_by_id(id)
        assert found is not None
        return found

    def task(self, run: DagsterRun) -> dict[str, Any]:
        """What ECS has for a run."""
        named = {"cluster": run.tags["ecs/cluster"], "tasks": [run.tags["ecs/task_arn"]]}
        (task,) = self.client("ecs").describe_tasks(**named, include=["TAGS"])["tasks"]
        return dict(task)

    def lose(self, run: DagsterRun) -> None:
        """The task's machine goes away under it."""
        arn = run.tags["ecs/task_arn"]
        from moto.ecs.models import ecs_backends

        backend = ecs_backends[ACCOUNT][REGION]
        (kept,) = (
            task
            for tasks in backend.tasks.values()
            for task in tasks.values()
            if task.task_arn == arn
        )
        self.client("ecs").stop_task(cluster=run.tags["ecs/cluster"], task=arn, reason="gone")
        for container in kept.containers:
            container.exitCode = 137

    def policy(self, role: str) -> dict[str, Any]:
        """What a role of the stack may do, as Amazon has it."""
        iam = self.client("iam")
        described = self.client("cloudformation").describe_stack_resource(
            StackName=self.stack, LogicalResourceId=role.replace("Role", "Policy")
        )
        arn = described["StackResourceDetail"]["PhysicalResourceId"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
        return dict(found["PolicyVersion"]["Document"])


@contextlib.contextmanager
def open_ecs_home(folder: Path, url: str, dagster_url: str) -> Iterator[EcsHome]:
    """What launching needs of the template, and an instance as the daemon's task has it."""
    bucket = f"output-{uuid.uuid4().hex[:8]}"
    stack = _made(url, bucket)
    own_task = _daemon(url, stack)
    about = json.dumps({"Cluster": own_task["clusterArn"], "TaskARN": own_task["taskArn"]})
    with (
        Proxy(url).running() as proxy,
        answering(200, about.encode()) as (metadata, _),
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {
            "AWS_ENDPOINT_URL": proxy.url,
            "AWS_DEFAULT_REGION": REGION,
            "ECS_CONTAINER_METADATA_URI_V4": metadata,
            "RUN_TASK": f"{stack}-run",
            "OUTPUT_BUCKET": bucket,
            "EBOOK_DAGSTER_DATABASE_URL": dagster_url,
        }.items():
            patch.setenv(name, value)
        with instance_in(folder) as instance:
            yield EcsHome(url, proxy, stack, bucket, own_task, instance)


@contextlib.contextmanager
def instance_in(folder: Path) -> Iterator[dg.DagsterInstance]:
    """A task's own instance, in an empty DAGSTER_HOME but for the file of the image."""
    folder.mkdir()
    shutil.copy(TEMPLATES / "dagster.yaml", folder)
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def _made(url: str, bucket: str) -> str:
    """Both stacks, of the second one as much as moto needs; the name of the second."""
    cloudformation = boto3.client("cloudformation", region_name=REGION, endpoint_url=url)
    first, second = f"books-{bucket}", f"service-{bucket}"
    outputs = template("books.yaml")["Outputs"]
    role = "arn:aws:iam::123456789012:role/pipeline"
    exported = {
        "PipelineRole": {**outputs["PipelineRole"], "Value": role},
        "OutputBucket": outputs["OutputBucket"],
    }
    own = {"OutputBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}}
    resources = template("service.yaml")["Resources"]
    used = {name: resources[name] for name in _MADE}
    starter = used["StarterRole"]["Properties"]
    starter.pop("Policies")  # they name secrets that are not made here
    for name, body, given in (
        (first, {"Resources": own, "Outputs": exported}, {}),
        (
            second,
            {"Parameters": {"Books": {"Type": "String"}}, "Resources": used},
            {"Books": first},
        ),
    ):
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(body),
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
    return second


def _daemon(url: str, stack: str) -> dict[str, Any]:
    """The task in which the daemon runs, in a subnet of its own."""
    ecs, ec2 = (boto3.client(name, region_name=REGION, endpoint_url=url) for name in ("ecs", "ec2"))
    for family, container in ((f"{stack}-daemon", "daemon"), (f"{stack}-run", "run")):
        ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="4096",
            memory="16384",
            containerDefinitions=[
                {"name": container, "image": "ebooks", "cpu": 4096, "memory": 16384}
            ],
        )
    resources = boto3.client("cloudformation", region_name=REGION, endpoint_url=url)
    described = resources.describe_stack_resource(StackName=stack, LogicalResourceId="Cluster")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    place = {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}
    (task,) = ecs.run_task(
        cluster=described["StackResourceDetail"]["PhysicalResourceId"],
        taskDefinition=f"{stack}-daemon",
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": place},
    )["tasks"]
    return dict(task)
