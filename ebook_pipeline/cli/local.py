"""``ebooks up`` and ``ebooks down``: the services of one machine."""

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.terminal import console
from ebook_pipeline.settings import Settings


@click.command()
def up() -> None:
    """Start Postgres, the edge, and Dagster's web UI with its daemon."""
    settings = Settings()
    stack = Stack(settings)
    stack.up()
    out = console()
    out.print(f"web UI    {stack.web_url}")
    out.print(f"edge      http://{settings.host}:{settings.edge_port}")
    out.print(f"landing   {settings.root / 'landing'}: drop books there")
    out.print(f"logs      {settings.root / 'logs'}")


@click.command()
def down() -> None:
    """Stop all that `ebooks up` started."""
    stopped = Stack(Settings()).down()
    console().print(f"stopped: {', '.join(stopped) or 'nothing was running'}")
