"""Dagster's internals that two files of `execution/` lean on are still what they were."""

import ast
import importlib
import tomllib
from importlib.metadata import version

import pytest

from tests.support.paths import PROJECT

ADAPTERS = [
    PROJECT / "ebook_pipeline" / "execution" / name
    for name in ("dagster_events.py", "dagster_storage.py")
]
ADVICE = (
    "Dagster has changed {what}. Mend ebook_pipeline/execution/dagster_events.py or "
    "dagster_storage.py, let tests/execution/test_dagster.py and test_dagster_storage.py prove it, "
    "and only then raise the version in pyproject.toml."
)


def internal_names() -> list[tuple[str, str]]:
    """Every (module, name) that the adapters import from Dagster's private modules."""
    nodes = [node for file in ADAPTERS for node in ast.walk(ast.parse(file.read_text()))]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return [
        (node.module, alias.name)
        for node in imports
        if node.module and node.module.startswith(("dagster.", "dagster_postgres"))
        for alias in node.names
    ]


def has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize(("module", "name"), internal_names())
def test_an_internal_name_is_where_it_was(module: str, name: str) -> None:
    assert has(module, name), ADVICE.format(what=f"{module}.{name}")


def test_dagster_is_pinned_to_the_version_that_was_tried() -> None:
    dependencies = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"][
        "dependencies"
    ]
    assert f"dagster=={version('dagster')}" in dependencies, ADVICE.format(what="its version")


def test_the_tags_that_make_a_partition_fresh_have_kept_their_names() -> None:
    import dagster as dg
    from dagster._core.definitions import data_version

    names = {
        data_version.DATA_VERSION_TAG,
        data_version.CODE_VERSION_TAG,
        data_version.DATA_VERSION_IS_USER_PROVIDED_TAG,
        data_version.get_input_data_version_tag(dg.AssetKey("a")),
        data_version.get_input_event_pointer_tag(dg.AssetKey("a")),
    }
    assert names == {
        "dagster/data_version",
        "dagster/code_version",
        "dagster/data_version_is_user_provided",
        "dagster/input_data_version/a",
        "dagster/input_event_pointer/a",
    }, ADVICE.format(what="the names of its data version tags")
