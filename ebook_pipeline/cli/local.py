"""``ebooks up`` and ``ebooks down``: the services of one machine; ``ebooks desk``, ``ebooks
edge``: one of them."""

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.terminal import console, messages
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings
from ebook_pipeline.web import access_token


@click.command()
def up() -> None:
    """Start Postgres, the edge, the desk, and Dagster's web UI with its daemon."""
    settings = Settings()
    stack = Stack(settings)
    stack.up()
    out = console()
    out.print(f"web UI    {stack.web_link()}", soft_wrap=True, markup=False)
    out.print(f"desk      {stack.desk_url}")
    for operator in stack.operators[:1]:
        out.print(f"password  for the desk's pages: ebooks users link {operator}")
    out.print(f"edge      http://{settings.host}:{settings.edge_port}")
    out.print(f"landing   {settings.root / 'landing'}: drop books there")
    out.print(f"logs      {settings.root / 'logs'}")


@click.command()
def web() -> None:
    """Print the link that opens the running web UI in a browser: it holds the token."""
    try:
        console().print(access_token.link(Settings()), soft_wrap=True, markup=False)
    except FileNotFoundError as error:
        raise click.ClickException("no web UI was started here: run `ebooks up`") from error


@click.command()
def desk() -> None:
    """Serve the desk, API and pages, until this is stopped; `ebooks up` does it beside the rest."""
    from ebook_pipeline.desk import server

    stack = Stack(Settings())
    if stack.process("desk"):
        raise click.ClickException(f"the desk runs already: {stack.desk_url}")
    with stack.borrowed():
        messages().print(f"desk      {stack.desk_url}")
        server.run()


@click.command()
def edge() -> None:
    """Deliver releases to readers, until this is stopped: where no CDN does, one process does."""
    from ebook_pipeline.resources.edge import server

    settings = Settings()
    if settings.env == "aws":
        raise click.ClickException("CloudFront delivers releases on AWS")
    resources = Resources(settings)
    place = (settings.host, settings.edge_port)
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    server.serve(resources.edge_origin, resources.edge_secret, place, token)


@click.command()
def down() -> None:
    """Stop all that `ebooks up` started."""
    stopped = Stack(Settings()).down()
    console().print(f"stopped: {', '.join(stopped) or 'nothing was running'}")
