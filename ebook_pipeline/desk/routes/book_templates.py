"""Templates of picture books: plots, animals, layouts, typefaces, and all else a brief may name."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ebook_pipeline.books.picture_books.templates import (
    PictureBookTemplates,
    PlotTemplate,
    templates,
)
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.foundation.errors import NotFound

router = APIRouter(prefix="/templates", tags=["picture books"])
Asking = Annotated[Access, Depends(allow("picture_book", "create"))]


@router.get("", summary="List what picture books are made of")
def list_templates(_: Asking) -> PictureBookTemplates:
    """Every list in the order in which the form shows it."""
    return templates()


@router.get("/plots/{plot}", summary="Read a plot")
def read_plot(plot: str, _: Asking) -> PlotTemplate:
    """What it is about, where it may begin, which tries it has."""
    found = next((one for one in templates().plots if one.name == plot), None)
    if found is None:
        raise NotFound("there is no such plot")
    return found
