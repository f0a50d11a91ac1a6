"""What Prometheus asks for, by `EBOOK_METRICS_TOKEN`; without that nothing is here."""

import hmac
from http import HTTPStatus

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.context import Context
from ebook_pipeline.desk.http_metrics import MEDIA_TYPE, exposition
from ebook_pipeline.desk.problems import Problem

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(everybody("asks for a token of its own"))]
)


@router.get("/metrics")
def show_metrics(request: Request, context: Context) -> Response:
    """Counts and ages; no book, no person, no address is named."""
    token = context.settings.metrics_token
    if token is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "EBOOK_METRICS_TOKEN is not set.")
    given = request.headers.get("authorization", "").encode()
    expected = f"Bearer {token.get_secret_value()}".encode()
    if not hmac.compare_digest(given, expected):
        challenge = {"WWW-Authenticate": "Bearer"}
        raise Problem(HTTPStatus.UNAUTHORIZED, "invalid-token", "The token is wrong.", challenge)
    metrics, collector = request.app.state.metrics, request.app.state.gauges
    return Response(exposition(metrics, collector), media_type=MEDIA_TYPE)
