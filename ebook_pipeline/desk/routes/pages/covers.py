"""Covers as pages show them: pictures that a browser may draw, and nothing else of them."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from ebook_pipeline.books.records import BlobRef, Manifestations
from ebook_pipeline.desk import file_answers
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.routes.static import FOLDER
from ebook_pipeline.foundation.errors import NotFound

_KEPT = {"Cache-Control": "private, max-age=3600"}
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


def cover_of(request: Request, context: DeskContext, book: str, edition: int) -> Response:
    """The edition's cover, 200 px at most, or a plain one where it has none yet."""
    made = context.records.read("converted_book", book, edition, Manifestations)
    return picture(request, context, made.cover.thumbnail if made else None, f"{book}-cover")


def picture(request: Request, context: DeskContext, blob: BlobRef | None, name: str) -> Response:
    """A picture of a book; a plain cover in its place where there is none that can be shown."""
    if blob is None or blob.media_type not in _PICTURES:
        return Response(_plain(), media_type="image/svg+xml", headers=dict(_KEPT))
    try:
        answer = file_answers.answer(request, context.object_store, blob, name)
    except NotFound:
        return Response(_plain(), media_type="image/svg+xml", headers=dict(_KEPT))
    answer.headers.update(_KEPT)
    return answer


@cache
def _plain() -> bytes:
    return (FOLDER / "no-cover.svg").read_bytes()
