"""Work that no answer waits for: what it takes, and whether there was any, shows in no answer."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_LOG = logging.getLogger(__name__)
_MOST_WAITING = 1000


class Background:
    """One thread, and a queue with an end. What is lost by a kill is asked for again by people."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="desk-background")
        self._room = threading.BoundedSemaphore(_MOST_WAITING)

    def run(self, work: Callable[[], object]) -> None:
        """Do `work` soon; where too much waits already, never, and the log says so."""
        if not self._room.acquire(blocking=False):
            _LOG.error("too much waits in the background: something was left out")
            return
        self._pool.submit(work).add_done_callback(self._done)

    def wait(self) -> None:
        """Until all is done that was asked for by now."""
        self._pool.submit(lambda: None).result()

    def close(self) -> None:
        """Finish what waits, and take no more."""
        self._pool.shutdown()

    def _done(self, future: "Future[object]") -> None:
        self._room.release()
        if error := future.exception():
            _LOG.error("work in the background failed", exc_info=error)
