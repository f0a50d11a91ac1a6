"""``ebooks``: the pipeline from a shell. Commands call services/ and books/, nothing else."""

import sys

import click
from pydantic import ValidationError

from ebook_pipeline.books.errors import PipelineError
from ebook_pipeline.cli.books import release, retry, show, status, withdraw
from ebook_pipeline.cli.demo import demo
from ebook_pipeline.cli.doctor import doctor
from ebook_pipeline.cli.ingest import ingest
from ebook_pipeline.cli.local import down, up
from ebook_pipeline.cli.review import review


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="ebook-pipeline")
def ebooks() -> None:
    """From a manuscript to a book on sale."""


for _command in (ingest, status, show, retry, review, release, withdraw, up, down, doctor, demo):
    ebooks.add_command(_command)


def main() -> None:
    """The command line; a fault that we know is one clear line, and ends with 1."""
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
