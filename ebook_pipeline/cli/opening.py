"""What a command opens, and what is closed again when it ends."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ebook_pipeline.resources import Resources
    from ebook_pipeline.settings import Settings


def opened(settings: "Settings") -> "Resources":
    """The resources of the command that runs now: at its end, their connections are closed.

    Outside of a command they stay open, and are their caller's to close.
    """
    from ebook_pipeline.resources import Resources

    resources = Resources(settings)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.call_on_close(resources.close)
    return resources
