"""The settings page for operators: ``python -m ebook_pipeline.settings_doc`` prints it."""

import sys
import types
import typing
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from ebook_pipeline.settings import REQUIRED_ON_AWS, Settings

HEAD = """# Settings

Every setting is an environment variable; all have a default, so that one machine needs none. \
A setting marked † must be set where `EBOOK_ENV=aws`: the program says which ones are missing and \
doesn't start. Secrets are read from the environment alone and are never printed or logged.

| variable | kind | default | meaning |
|---|---|---|---|
"""
KINDS = {str: "text", Path: "path", int: "whole number", float: "number", bool: "true or false"}


def settings_table() -> str:
    """The whole page ``docs/settings.md``, in Markdown."""
    return HEAD + "\n".join(map(_row, Settings.model_fields, Settings.model_fields.values())) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    mark = " †" if name in REQUIRED_ON_AWS else ""
    meaning = field.description or "See [aws.md](aws.md)."
    return f"| `EBOOK_{name.upper()}`{mark} | {_kind(field)} | {_default(field)} | {meaning} |"


def _kind(field: FieldInfo) -> str:
    annotation = field.annotation
    if typing.get_origin(annotation) is types.UnionType:
        annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(f"`{choice}`" for choice in typing.get_args(annotation))
    if annotation is SecretStr:
        return "secret"
    return KINDS[typing.cast(type, annotation)]


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "the number of cores"
    if field.default is None or field.default == "":
        return "–"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return f"`{field.default}`"


if __name__ == "__main__":
    sys.stdout.write(settings_table())
