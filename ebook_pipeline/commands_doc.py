"""Every command with its options: ``python -m ebook_pipeline.commands_doc`` prints the page."""

import sys
from collections.abc import Iterator

import click

from ebook_pipeline.cli import COMMANDS, ebooks

HEAD = """# Commands

Every command and option, as `ebooks COMMAND --help` describes them; `make docs` makes this page. \
What they are for stands in [running.md](running.md#every-day) and the pages that it links.

"""


def commands_page() -> str:
    """The whole page ``docs/commands.md``, in Markdown."""
    context = click.Context(ebooks, info_name="ebooks")
    found = (ebooks.get_command(context, name) for name in COMMANDS)
    parts = (part for command in found if command for part in _described(command, context))
    return HEAD + "\n".join(parts)


def _described(command: click.Command, above: click.Context) -> Iterator[str]:
    """A part per command, those of a group before it."""
    context = click.Context(command, info_name=command.name, parent=above)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            yield from _described(inner, context) if inner else ()
        if not command.invoke_without_command:
            return
    words = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    first = (command.help or "").partition("\n\n")[0]
    options = "".join(_row(option, context) for option in command.params)
    table = f"\n| option | what it says |\n|---|---|\n{options}" if options else ""
    yield f"## `{words}`\n\n{' '.join(first.split())}\n{table}"


def _row(parameter: click.Parameter, context: click.Context) -> str:
    record = parameter.get_help_record(context)
    if record is None or not record[1]:
        return ""
    names, said = (" ".join(text.split()).replace("|", "\\|") for text in record)
    return f"| `{names}` | {said} |\n"


if __name__ == "__main__":
    sys.stdout.write(commands_page())
