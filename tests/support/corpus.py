"""The shared corpus of real books with known answers; tests that need it are skipped without it."""

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import PROJECT

CORPUS = Path(os.environ.get("EBOOK_CORPUS", PROJECT.parent / "shared" / "corpus"))

CASES = CORPUS.parent / "cases"
"""Small files of faults that people met, with the right answers."""

THOROUGH = bool(os.environ.get("THOROUGH"))
"""Whether proofs over hundreds of inputs take all of them, not a fixed part."""

needs_corpus = pytest.mark.skipif(
    not (CORPUS / "manifest.json").exists(),
    reason=f"no corpus at {CORPUS}: set EBOOK_CORPUS to its folder",
)


@functools.cache
def manifest() -> tuple[dict[str, Any], ...]:
    """Every entry of the manifest; none where the corpus is absent."""
    path = CORPUS / "manifest.json"
    return tuple(json.loads(path.read_text())["files"]) if path.exists() else ()


def entries(*classes: str) -> list[dict[str, Any]]:
    """The entries of these classes: novel, sample, epubcheck, w3c-test, pdf, mobi, hostile, …"""
    return [entry for entry in manifest() if entry["class"] in classes]


def entry_of(name: str) -> dict[str, Any]:
    """What the manifest says of the file with this name."""
    return next(entry for entry in manifest() if entry["name"] == name)


def named(name: str) -> Path:
    """The file that the manifest calls `name`."""
    return CORPUS / name


needs_cases = pytest.mark.skipif(
    not (CASES / "manifest.json").exists(), reason=f"no cases at {CASES}"
)


def case(name: str) -> Path:
    """The file of one case."""
    return CASES / name


@functools.cache
def cases(*suffixes: str) -> tuple[str, ...]:
    """The names of all cases, or of those that end so; none where they are absent."""
    path = CASES / "manifest.json"
    names = [entry["file"] for entry in json.loads(path.read_text())] if path.exists() else []
    return tuple(name for name in names if name.endswith(suffixes or ("",)))
