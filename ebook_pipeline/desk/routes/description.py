"""The API's description by OpenAPI, which programs read and tests go by."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from ebook_pipeline.desk.access import everybody
from ebook_pipeline.desk.api_document import api_document

router = APIRouter(dependencies=[Depends(everybody("what there is, is no secret"))])


@router.get("/openapi.json", include_in_schema=False)
def describe(request: Request) -> dict[str, Any]:
    """The OpenAPI document of this release."""
    return api_document(request.app)
