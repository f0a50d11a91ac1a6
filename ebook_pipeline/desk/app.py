"""The desk's application: routers, what every route has, and what stands before them."""

import contextlib
import functools
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ebook_pipeline.desk import (
    authentication,
    csrf,
    error_pages,
    ingestion,
    problems,
    request_rates,
)
from ebook_pipeline.desk.access import require_rules
from ebook_pipeline.desk.body_limits import BodyLimits
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.hardening import Hardening
from ebook_pipeline.desk.http_metrics import HttpMetrics, PostgresCollector
from ebook_pipeline.desk.problems import ProblemDocument
from ebook_pipeline.desk.request_ids import RequestIds
from ebook_pipeline.desk.request_log import RequestLog
from ebook_pipeline.desk.routes import ROUTES, Routes

_GUARDS = [Depends(request_rates.check), Depends(csrf.check)]
_ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem document (RFC 9457).",
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
        },
        "model": ProblemDocument,
    }
}


def create_app(context: DeskContext, routes: Sequence[Routes] = ROUTES) -> FastAPI:
    """The application that answers by `routes`. Raises `NoRule` where a route has no rule."""
    metrics = HttpMetrics()
    app = FastAPI(
        title="ebook_pipeline desk",
        version=version("ebook-pipeline"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        routes=list(_included(tuple(routes))),
        lifespan=ingestion.lifespan,
        middleware=[
            Middleware(RequestIds),
            Middleware(RequestLog, metrics=metrics),
            Middleware(Hardening, addresses=context.addresses),
            Middleware(
                BodyLimits,
                limits=_body_limits(routes),
                require_somebody=functools.partial(
                    authentication.require_somebody, context=context
                ),
            ),
        ],
    )
    app.state.context = context
    app.state.metrics = metrics
    app.state.gauges = PostgresCollector(context.database)
    app.state.ingestion = ingestion.Ingestion.of(context)
    problems.install(app)
    app.add_exception_handler(HTTPException, _refused)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    """Where no route was entered (404, 405), a browser is shown the menu of who asks."""
    if not isinstance(error, problems.Problem) and error_pages.wanted(request):
        with contextlib.suppress(problems.Problem):  # a session that ended is nobody's
            await authentication.current_actor(request, request.app.state.context)
    return problems.of_http(request, error)


@functools.lru_cache(maxsize=4)
def _included(routes: tuple[Routes, ...]) -> Sequence[BaseRoute]:
    """The routes as an app has them. Raises `NoRule`.

    Each of the 200 is taken apart into what it depends on, which costs 0.2 CPU s: once a process.
    """
    whole = APIRouter(responses=_ERRORS)
    for each in routes:
        guards = _GUARDS if each.guarded else []
        whole.include_router(each.router, prefix=each.prefix, dependencies=guards)
    require_rules(whole.routes)
    return whole.routes


def _body_limits(routes: Sequence[Routes]) -> dict[str, int]:
    return {each.prefix + each.router.prefix: each.body_bytes for each in routes}
