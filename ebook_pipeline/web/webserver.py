"""Dagster's web server with the guard around it, in one process.

    python -m ebook_pipeline.web.webserver --path-prefix /dagster -w workspace.yaml

`EBOOK_HOST` and `EBOOK_WEB_PORT` say where it listens. The only file of this room that knows how
Dagster's own command builds its server.
"""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import click
import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from ebook_pipeline.settings import Settings
from ebook_pipeline.tools.http_server import QuietServer
from ebook_pipeline.web import access_token, peers
from ebook_pipeline.web.addresses import PREFIX, Addresses
from ebook_pipeline.web.guard import Guard
from ebook_pipeline.web.launchers import name_launchers
from ebook_pipeline.web.quality_pages import KeptPages, QualityPages

# As Dagster's own command sets them: milliseconds, seconds, connections.
_STATEMENT_TIMEOUT, _POOL_RECYCLE, _POOL_OVERFLOW = 15_000, 3_600, 20
_LIVE_DATA_POLL_MS = 2_000
_LAST_ANSWERS_SECONDS = 3


class OwnersConnection(H11Protocol):
    """Connections of this user: one that another user of the machine opened is closed at once."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        own = transport.get_extra_info("sockname")[:2]
        if self.client and not peers.may_connect(self.client, own):
            transport.abort()


@click.command()
@click.option("-w", "--workspace", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("-l", "--path-prefix", default="", help="Where all of its paths lie.")
def main(workspace: Path, path_prefix: str) -> None:
    """Serve Dagster's web UI to those who have the token that `ebooks web` prints."""
    end_in_order()
    serve(Settings(), workspace, path_prefix)


def serve(settings: Settings, workspace: Path, prefix: str = PREFIX) -> None:
    """Serve until the process is asked to end. The token is renewed by it."""
    with DagsterInstance.get() as instance:
        name_launchers(instance)
        instance.optimize_for_webserver(_STATEMENT_TIMEOUT, _POOL_RECYCLE, _POOL_OVERFLOW)
        target = WorkspaceFileTarget(paths=[str(workspace)])
        with WorkspaceProcessContext(
            instance, workspace_load_target=target, version=__version__
        ) as context:
            app = create_app_from_workspace_process_context(context, prefix, _LIVE_DATA_POLL_MS)
            listen(settings, QualityPages(app, KeptPages(settings)), prefix)


def listen(settings: Settings, app: ASGIApp, prefix: str) -> None:
    """Answer at the settings' address by `app`, behind the guard."""
    token = access_token.begin(settings)
    config = uvicorn.Config(
        Guard(app, token, Addresses.of(settings), prefix),
        host=settings.host,
        port=settings.web_port,
        http=OwnersConnection if not settings.web_origins else H11Protocol,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
    )
    server = QuietServer(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def end_in_order() -> None:
    """SIGTERM raises SystemExit, so that what `with` opened is closed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


if __name__ == "__main__":
    main()
