"""Whether a run would find an item as it is: told from records alone, and nothing is done."""

import threading
from typing import TypeVar

from ebook_pipeline.execution.batch_context import BatchContext
from ebook_pipeline.execution.chain import Chain
from ebook_pipeline.execution.item_context import ItemContext
from ebook_pipeline.execution.item_run import ItemRun, StopItem
from ebook_pipeline.foundation.errors import PipelineError

C = TypeVar("C", bound=ItemContext)


def is_settled(chain: Chain[C], context: BatchContext[C], key: str) -> bool:
    """Whether every stage is current, to the end or to the check or gate that stops the item.

    Waits while another run has the item. False where that can't be told, since a run tells why.
    """
    try:
        with context.open(key, threading.Event()) as item:
            return finds_all(ItemRun(chain, context, item))
    except PipelineError:
        return False
    except StopItem:
        return True


def finds_all(run: ItemRun[C]) -> bool:
    """Whether a run that has not begun would find every stage current, to the end.

    Raises `StopItem` where a check or a gate stops the item.
    """
    for stage in run.chain:
        if not run.reuse(stage):
            return False
        run.judge(stage)
    return True
