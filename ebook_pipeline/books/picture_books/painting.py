"""Who paints pages: nobody, so that our own drawings stay, or a model to the page's prompt."""

from typing import Protocol

from ebook_pipeline.foundation.errors import BookError


class UnsafePicture(BookError):
    """What was painted is nothing for children."""


class PagePainter(Protocol):
    """`version` tells painters apart in fingerprints, `model` is named in the book; empty: none."""

    @property
    def version(self) -> str: ...

    @property
    def model(self) -> str: ...

    def paint(self, prompt: str, size: tuple[int, int], seed: int) -> bytes | None:
        """A picture file of the page; None where our drawing stays.

        Raises ServiceError where the painter does not answer, `UnsafePicture`.
        """
        ...


class OwnDrawings:
    """Ours alone: no model, no network."""

    version = "own-drawings-1"
    model = ""

    def paint(self, prompt: str, size: tuple[int, int], seed: int) -> bytes | None:  # noqa: ARG002
        return None
