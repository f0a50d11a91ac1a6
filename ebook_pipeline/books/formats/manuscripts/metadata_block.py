"""The block before a Markdown text that describes it: YAML, TOML, JSON or plain fields.

Read by ourselves, so that a block that is wrong is named with its line, and nothing is dropped.
YAML 1.2, https://yaml.org/spec/1.2.2/; TOML 1.0, https://toml.io/en/v1.0.0
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ebook_pipeline.books.formats.manuscripts import manuscript_findings
from ebook_pipeline.foundation.findings import Finding

_LONGEST = 64 << 10
"""Characters of a block."""
_MOST_ALIASES = 20
"""Repetitions by reference in YAML, from which a block was built to be multiplied."""
_YAML = re.compile(
    r"\A\s*---[ \t]*\n(?![ \t]*\n)(?P<block>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S
)
_TOML = re.compile(r"\A\s*\+\+\+[ \t]*\n(?P<block>.*?)\n?\+\+\+[ \t]*(?:\n|\Z)", re.S)
_JSON = re.compile(r"\A\s*(?P<block>\{\s*\".*?\n\})[ \t]*(?:\n|\Z)", re.S)
_FIELDS = re.compile(
    r"\A(?=Title|Author)"
    r"(?P<block>(?:[A-Za-z][\w -]{0,30}:[ \t]+\S.*\n(?:[ \t]+\S.*\n)*){2,40})[ \t]*\n"
)
"""MultiMarkdown's, https://fletcher.github.io/MultiMarkdown-6/syntax/metadata.html"""
_FIELD = re.compile(r"(?P<key>[A-Za-z_][\w -]{0,40}?)[ \t]*:(?:[ \t]+(?P<value>.*))?")
_ALIAS = re.compile(r"(?:^|[\s\[,:-])\*[\w-]+")
_TOML_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class MetadataBlock:
    """What the block states, `text` behind it, and what is wrong with it.

    Values are strings, and lists and maps of them; nobody has looked at their meaning.
    """

    stated: Mapping[str, Any]
    text: str
    findings: tuple[Finding, ...] = ()


class _Wrong(Exception):
    """The block can't be read: what is wrong, in its line, 1 the first."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def metadata_block(text: str) -> MetadataBlock | None:
    """The block that `text`, its line ends ``\\n``, begins with; None where there is none."""
    for form, read in ((_YAML, _yaml), (_TOML, _toml), (_JSON, _json), (_FIELDS, _by_lines)):
        found = form.match(text[: _LONGEST + 1000])
        if found is None or len(found["block"]) > _LONGEST:
            continue
        first = text.count("\n", 0, found.start("block")) + 1
        behind = "\n" * text.count("\n", 0, found.end()) + text[found.end() :]
        try:
            stated = read(found["block"])
        except _Wrong as error:
            fields = _by_lines(found["block"])
            if not fields:
                return None
            wrong = _finding(first + error.line - 1, error.what)
            return MetadataBlock(fields, behind, (wrong,))
        return MetadataBlock(stated, behind) if stated is not None else None
    return None


def _yaml(block: str) -> Mapping[str, Any] | None:
    import yaml

    if len(_ALIAS.findall(block)) > _MOST_ALIASES:
        raise _Wrong(1, "it repeats its own parts")
    try:
        stated = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506  (strings alone, no objects)
    except yaml.MarkedYAMLError as error:
        unclosed = "stream end" in str(error.problem)
        mark = (unclosed and error.context_mark) or error.problem_mark
        raise _Wrong(mark.line + 1 if mark else 1, str(error.problem or error.context)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _Wrong(1, "it is no YAML") from error
    return stated if isinstance(stated, dict) else None


def _toml(block: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = _TOML_LINE.search(str(error))
        raise _Wrong(int(line[1]) if line else 1, str(error)) from error


def _json(block: str) -> Mapping[str, Any] | None:
    try:
        stated = json.loads(block)
    except (ValueError, RecursionError):
        return None
    return stated if isinstance(stated, dict) else None


def _by_lines(block: str) -> dict[str, Any]:
    """What the block's lines say one by one, where it can't be read as a whole."""
    fields: dict[str, Any] = {}
    key = ""
    for line in block.split("\n"):
        found = _FIELD.fullmatch(line.rstrip())
        if found:
            key = found["key"].strip().lower()
            fields.setdefault(key, (found["value"] or "").strip().strip("\"'"))
        elif key and line.lstrip().startswith("- "):
            earlier = fields[key] if isinstance(fields[key], list) else []
            fields[key] = [*earlier, line.strip()[2:].strip("\"' ")]
    return {name: value for name, value in fields.items() if value}


def _finding(line: int, what: str) -> Finding:
    return manuscript_findings.warning(
        "manuscript.metadata-block",
        f"Line {line} of the block that describes the text can not be read: "
        f"{manuscript_findings.one_line(what)}. It is read line by line.",
        'Put the value in quotation marks, as in title: "Fog: A Tale".',
        f"line {line}",
    )
