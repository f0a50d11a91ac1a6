"""``ebooks``: the pipeline from a shell. Commands call services/ and books/, nothing else."""

import ast
import contextlib
import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click

COMMANDS = {
    "check": "check",
    "convert": "convert",
    "preflight": "preflight",
    "metadata": "metadata",
    "quality": "quality",
    "ingest": "ingest",
    "status": "books",
    "show": "books",
    "retry": "books",
    "reprocess": "reprocess",
    "refused": "books",
    "review": "review",
    "files": "files",
    "notices": "notices",
    "accounts": "accounts",
    "imprints": "imprints",
    "users": "users",
    "keys": "keys",
    "clients": "clients",
    "contacts": "contacts",
    "lock": "locks",
    "unlock": "locks",
    "subject": "subjects",
    "release": "releases",
    "withdraw": "releases",
    "rollback": "releases",
    "purge": "purge",
    "verify": "releases",
    "license": "license",
    "copy": "copies",
    "trace": "copies",
    "protect": "protect",
    "rewrap": "protect",
    "backup": "backup",
    "restore": "backup",
    "person": "person",
    "runs": "runs",
    "cancel": "runs",
    "rotate": "protect",
    "events": "events",
    "audit": "audit",
    "search": "search",
    "similar": "similar",
    "preview": "preview",
    "price": "price",
    "availability": "price",
    "export": "export",
    "analytics": "analytics",
    "picture-book": "picture_book",
    "writing": "writing",
    "up": "local",
    "down": "local",
    "web": "local",
    "desk": "local",
    "edge": "local",
    "migrate": "migrate",
    "doctor": "doctor",
    "demo": "demo",
}
"""Every command, and the module here that holds it."""


class _Group(click.Group):
    """Imports a command when it is asked for: checking a file needs nothing of the pipeline's."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_paragraph(name)) for name in COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(_imported(COMMANDS[cmd_name]), _function(cmd_name))
        return command


def _imported(module: str) -> ModuleType:
    """A module here."""
    with _importing():
        return importlib.import_module(f"{__name__}.{module}")


@contextlib.contextmanager
def _importing() -> Iterator[None]:
    """As imports free nothing, looking for garbage was a seventh of their time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _function(command: str) -> str:
    return command.replace("-", "_")


def _first_paragraph(command: str) -> str:
    """What a command's function says of it, read without importing it."""
    source = Path(__file__).with_name(f"{COMMANDS[command]}.py").read_text(encoding="utf-8")
    named = (
        one for one in ast.parse(source).body if getattr(one, "name", "") == _function(command)
    )
    said = next((ast.get_docstring(one) for one in named if isinstance(one, ast.FunctionDef)), "")
    return " ".join((said or "").partition("\n\n")[0].split())


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="ebook-pipeline")
@click.pass_context
def ebooks(context: click.Context) -> None:
    """From a manuscript to a book on sale."""
    from ebook_pipeline.foundation.events import caused_by, new_id

    context.with_resource(caused_by(f"command:{new_id()}"))


def main() -> None:
    """The command line; a fault that we know is one clear line, and ends with 1."""
    with _importing():
        from pydantic import ValidationError

        from ebook_pipeline.foundation.errors import PipelineError
    try:
        ebooks()
    except PipelineError as error:
        click.echo(f"ebooks: {error}", err=True)
        sys.exit(1)
    except ValidationError as error:
        for one in error.errors():
            name = ".".join(f"EBOOK_{part}".upper() for part in one["loc"])
            click.echo(f"ebooks: {name + ': ' if name else ''}{one['msg']}", err=True)
        sys.exit(2)
