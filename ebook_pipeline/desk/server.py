"""The desk as a process: ``python -m ebook_pipeline.desk.server`` listens at the settings' port."""

import contextlib
import logging
import resource
import signal
import socket
import sys

import uvicorn

from ebook_pipeline.desk import processes
from ebook_pipeline.desk.app import create_app
from ebook_pipeline.desk.connections import PromptConnection
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.request_ids import WithRequestId
from ebook_pipeline.resources import Resources, disk
from ebook_pipeline.resources.tracing import start_tracing
from ebook_pipeline.settings import Settings
from ebook_pipeline.tools import prctl
from ebook_pipeline.tools.http_server import QuietServer
from ebook_pipeline.tools.json_logs import JsonFormatter

_LAST_ANSWERS_SECONDS = 3
_LARGEST_MESSAGE = 1 << 20
_LINE = "%(asctime)s %(levelname)s %(request_id)s %(name)s: %(message)s"


def run() -> None:
    """Serve by the settings until the process is asked to end."""
    disk.keep_private()
    settings = Settings()
    _log(settings)
    start_tracing(settings.otlp_endpoint)
    _take_many_connections()
    with processes.listening(settings) as listener:
        if settings.desk_processes > 1:
            processes.keep(settings.desk_processes, __spec__.name, listener)
        _serve(settings, listener)


def run_one_of_several(number: int, parent: int) -> None:
    """Serve at the socket with this number, which is the parent's too, as long as that lives."""
    prctl.end_with_parent(parent)
    disk.keep_private()
    settings = Settings()
    _log(settings)
    with socket.socket(fileno=number) as listener:
        _serve(settings, listener)


def _serve(settings: Settings, listener: socket.socket) -> None:
    with contextlib.closing(Resources(settings)) as resources:
        context = DeskContext.of(resources)
        with contextlib.closing(context.background):
            server = QuietServer(config(settings, context))
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            with contextlib.suppress(KeyboardInterrupt):
                server.run([listener])
            if not server.started:
                sys.exit(1)


def config(settings: Settings, context: DeskContext) -> uvicorn.Config:
    """How uvicorn serves the desk."""
    return uvicorn.Config(
        create_app(context),
        host=settings.host,
        port=settings.desk_port,
        http=PromptConnection,
        ws_max_size=_LARGEST_MESSAGE,
        proxy_headers=bool(settings.desk_proxies),
        forwarded_allow_ips=settings.desk_proxies.split(),
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
    )


def _take_many_connections() -> None:
    """As many open files as this user may have: each watcher is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _log(settings: Settings) -> None:
    handler = logging.StreamHandler()
    is_json = settings.log_format == "json"
    handler.setFormatter(JsonFormatter() if is_json else logging.Formatter(_LINE))
    handler.addFilter(WithRequestId())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        run_one_of_several(*map(int, sys.argv[1:]))
    else:
        run()
