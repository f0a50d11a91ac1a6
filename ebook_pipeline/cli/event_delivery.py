"""What a command caused is told at its end, where no daemon is there to do it."""

from collections.abc import Iterator
from contextlib import contextmanager

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.terminal import messages, safe
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

_SECONDS = 5.0
_WAIT_SECONDS = 2.0


@contextmanager
def changing(settings: Settings) -> Iterator[Resources]:
    """The services for a command that changes something."""
    stack = Stack(settings)
    with stack.borrowed():
        resources = opened(settings)
        yield resources
        tell(stack, resources)


def tell(stack: Stack, resources: Resources) -> None:
    """Deliver what waits, on one machine without a daemon; a subscriber's fault is only said.

    Notices that are due then go out too.
    """
    from ebook_pipeline.services.delivering import dispatch
    from ebook_pipeline.services.notifying.sending import notice_sender

    if resources.settings.env != "local" or stack.process("dagster"):
        return
    terms = dispatch.delivery_limits(
        resources.settings, seconds=_SECONDS, wait_seconds=_WAIT_SECONDS
    )
    try:
        told, wrong = dispatch.deliver_all(resources, terms)
        notice_sender(resources).send_due(seconds=_SECONDS)
        troubles = [
            dispatch.summary_text(one) for one in (*told, *wrong) if one.failed or one.trouble
        ]
    except PipelineError as error:
        troubles = [str(error)]
    for trouble in troubles:
        words = f"events wait: {trouble} (`ebooks events list --undelivered`)"
        messages().print(safe(words), soft_wrap=True)
