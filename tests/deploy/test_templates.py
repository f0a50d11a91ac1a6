"""What runs the pipeline on servers of one's own, judged by its own schemas: Compose, Kubernetes.

No container is started here. Every `dagster.yaml` is read by Dagster's own schema, and so is what
each launcher is told. What launchers import is imported where it is used: it is 4 s of a start.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from dagster import Shape
from dagster._config import validate_config
from dagster._core.instance.config import dagster_instance_config_schema
from dagster._serdes import ConfigurableClassData

from ebook_pipeline.settings import REQUIRED_ON_SERVERS, Settings
from tests.support.paths import PROJECT

DEPLOY = PROJECT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8"))
MANIFESTS = list(
    yaml.safe_load_all((DEPLOY / "kubernetes" / "ebooks.yaml").read_text(encoding="utf-8"))
)
OF_DAGSTER = {
    "one machine": PROJECT / "dagster.yaml",
    "ECS": DEPLOY / "aws" / "dagster.yaml",
    "Celery": DEPLOY / "celery" / "dagster.yaml",
    "Kubernetes": DEPLOY / "kubernetes" / "dagster.yaml",
}
SHAPE: Any = Shape  # without annotations of its own
OURS = {name: one for name, one in COMPOSE["services"].items() if "build" in one}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def instance(where: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(OF_DAGSTER[where].read_text(encoding="utf-8"))
    return read


def test_compose_is_valid_by_its_own_schema() -> None:
    schema = jsonschema.Draft202012Validator(get_builtin_schema("vendor.compose-spec"))
    assert [one.message for one in schema.iter_errors(COMPOSE)] == []


def test_compose_sets_what_servers_need_and_what_its_dagster_yaml_asks_for() -> None:
    asked = set(re.findall(r"env: (\w+)", OF_DAGSTER["Celery"].read_text(encoding="utf-8")))
    needed = asked | {f"EBOOK_{name.upper()}" for name in REQUIRED_ON_SERVERS}
    for name, service in OURS.items():
        assert needed <= set(service["environment"]), name


def test_whatever_else_is_set_reaches_each_of_our_containers() -> None:
    given = [{"path": "settings.env", "required": False}]
    assert all(service["env_file"] == given for service in OURS.values())
    assert "deploy/compose/settings.env" in (PROJECT / ".gitignore").read_text().splitlines()


def test_what_compose_sets_is_a_setting_of_the_pipeline() -> None:
    known = {f"EBOOK_{name.upper()}" for name in Settings.model_fields}
    given = {name for name in OURS["code"]["environment"] if name.startswith("EBOOK_")}
    assert given <= known | {"EBOOK_DAGSTER_DATABASE_URL"}


def test_no_secret_of_compose_has_a_default_and_all_are_asked_for() -> None:
    text = (DEPLOY / "compose" / "compose.yaml").read_text(encoding="utf-8")
    secret = {"POSTGRES_PASSWORD", "S3_SECRET_KEY", "EBOOK_WEB_TOKEN"}
    assert secret == set(re.findall(r"\$\{(\w+):\?\}", text))
    example = (DEPLOY / "compose" / "example.env").read_text(encoding="utf-8")
    assert secret == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))


def test_only_edge_and_desk_are_reached_from_outside_and_from_this_machine_alone() -> None:
    published = {name: one["ports"] for name, one in COMPOSE["services"].items() if "ports" in one}
    assert set(published) == {"edge", "desk"}
    assert all("127.0.0.1:" in port for ports in published.values() for port in ports)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    kept = {"postgres", "s3", "broker"}
    assert all(COMPOSE["services"][name]["networks"] == ["inside"] for name in kept)


def test_one_process_alone_may_write_the_vault() -> None:
    mounts = {name: one.get("volumes", []) for name, one in OURS.items()}
    assert [name for name, found in mounts.items() if "vault:/srv/vault" in found] == ["migrate"]


@pytest.mark.parametrize("where", OF_DAGSTER)
def test_dagster_understands_its_configuration(where: str) -> None:
    schema: Any = dagster_instance_config_schema()
    assert not validate_config(SHAPE(schema), instance(where)).errors


@pytest.mark.parametrize("where", OF_DAGSTER)
def test_runs_are_looked_after_and_none_lasts_for_ever(where: str) -> None:
    config = instance(where)
    watched = config["run_monitoring"]
    assert watched["enabled"]
    assert 0 < watched["max_runtime_seconds"] <= 172_800
    assert watched["start_timeout_seconds"] >= 180
    assert config["run_retries"] == {"enabled": False, "retry_on_asset_or_op_failure": False}
    assert config["storage"] == instance("one machine")["storage"]
    limits = config["concurrency"]["runs"]["tag_concurrency_limits"]
    assert limits == instance("one machine")["concurrency"]["runs"]["tag_concurrency_limits"]


def test_celery_gets_a_launcher_that_knows_its_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://broker:6379/0")
    monkeypatch.setenv("CELERY_RESULT_URL", "redis://broker:6379/1")
    from dagster_celery.launcher import CeleryRunLauncher

    told = instance("Celery")["run_launcher"]
    data = ConfigurableClassData(told["module"], told["class"], yaml.safe_dump(told["config"]))
    launcher = data.rehydrate(CeleryRunLauncher)
    assert launcher.celery.conf.broker_url == "redis://broker:6379/0"
    assert launcher.celery.conf.worker_prefetch_multiplier == 1
    assert launcher.supports_check_run_worker_health


def test_kubernetes_launcher_understands_its_configuration() -> None:
    from dagster_k8s import K8sRunLauncher

    told = instance("Kubernetes")["run_launcher"]["config"]
    schema: Any = K8sRunLauncher.config_type  # its own annotation names no result
    assert not validate_config(SHAPE(schema()), told).errors


def test_manifests_have_no_field_that_kubernetes_does_not_know() -> None:
    for manifest in MANIFESTS:
        assert list(unknown(manifest, f"V1{manifest['kind']}")) == [], manifest["metadata"]


def test_kubernetes_sets_what_servers_need_and_keeps_secrets_apart() -> None:
    (plain,) = (one["data"] for one in MANIFESTS if one["kind"] == "ConfigMap")
    secret = {"EBOOK_DATABASE_URL", "EBOOK_DAGSTER_DATABASE_URL"}
    assert {f"EBOOK_{name.upper()}" for name in REQUIRED_ON_SERVERS} - set(plain) == secret
    page = (PROJECT / "docs" / "servers.md").read_text(encoding="utf-8")
    assert all(name in page for name in (*secret, "EBOOK_WEB_TOKEN", "AWS_SECRET_ACCESS_KEY"))


def test_the_image_holds_what_the_templates_start() -> None:
    for home in {one["environment"]["DAGSTER_HOME"] for one in OURS.values()}:
        assert f"{home}/" in DOCKERFILE
    assert OURS["code"]["environment"]["EBOOK_VAULT_FOLDER"] in DOCKERFILE
    commands = {one["command"][0] for one in OURS.values()} | {
        container["command"][0]
        for one in MANIFESTS
        if one["kind"] == "Deployment"
        for container in one["spec"]["template"]["spec"]["containers"]
    }
    bin_folder = Path(jsonschema.__file__).parents[4] / "bin"
    assert [name for name in sorted(commands) if not (bin_folder / name).exists()] == []


def unknown(value: Any, kind: str, place: str = "") -> Iterator[str]:
    """Fields of a manifest that the type `kind` of Kubernetes' own client has not."""
    from kubernetes.client import models

    nested = re.fullmatch(r"(?:list\[|dict\(str, )(\w+)[\])]", kind)
    if nested:
        inside = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, one in inside:
            yield from unknown(one, nested[1], f"{place}/{name}")
        return
    model = getattr(models, kind, None)
    if model is None:
        return
    types = {model.attribute_map[name]: kind for name, kind in model.openapi_types.items()}
    for name, one in value.items():
        if name not in types:
            yield f"{place}/{name}"
        else:
            yield from unknown(one, types[name], f"{place}/{name}")
