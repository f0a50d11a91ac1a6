"""Files that pages are made with; all of them are in the package, and none is anybody's."""

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from ebook_pipeline.desk import etags
from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.problems import Problem

FOLDER = Path(__file__).parents[1] / "static"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_CACHED = {"Cache-Control": "public, max-age=60"}
"""So long an upgrade has new pages with old scripts; afterwards their ETag is asked."""

router = APIRouter(
    prefix="/static",
    include_in_schema=False,
    dependencies=[Depends(everybody("what pages look like, signing in as well"))],
)


@router.get("/{name}")
def read_static(name: str, request: Request) -> Response:
    """A file by its name."""
    if name not in _files():
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing.")
    data, tag = _files()[name]
    if etags.is_known(request, tag):
        return etags.not_modified(tag)
    media_type = _MEDIA_TYPES[Path(name).suffix]
    return Response(data, media_type=media_type, headers={"ETag": tag, **_CACHED})


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    """Every file with its ETag: few and small, so they are read once."""
    whole = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    return {
        name: (data, etags.etag(hashlib.sha256(data).hexdigest())) for name, data in whole.items()
    }
