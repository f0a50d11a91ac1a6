"""Which packages a command imported, as Python tells it: run with ``PYTHONPROFILEIMPORTTIME``."""

import re

TOLD = {"PYTHONPROFILEIMPORTTIME": "1"}
HEAVY = frozenset(
    [
        "PIL",
        "alembic",
        "boto3",
        "botocore",
        "cryptography",
        "dagster",
        "grpc",
        "httpx",
        "jinja2",
        "langcodes",
        "lxml",
        "mako",
        "matplotlib",
        "numpy",
        "onnxruntime",
        "pandas",
        "pikepdf",
        "psycopg2",
        "py4j",
        "pygments",
        "pypdf",
        "pypdfium2",
        "spacy",
        "sqlalchemy",
        "starlette",
        "tokenizers",
        "transformers",
        "typst",
        "uvicorn",
        "wordfreq",
    ]
)
"""Packages that take long to import, or that import such packages."""


def heavy_imports(told: str) -> frozenset[str]:
    """The heavy packages that a command imported, or a process that it started with its stderr."""
    names = re.findall(r"^import time: .*\| +([A-Za-z_0-9]+)", told, re.MULTILINE)
    return HEAVY & set(names)
