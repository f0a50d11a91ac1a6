"""Several first uploads of a process at once: each goes on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from ebook_pipeline.desk.uploading.receiving import UploadReceiver


class OneLock:
    """A database whose lock is not re-entrant, as Postgres' across connections is not."""

    def __init__(self) -> None:
        self.taken = 0

    @contextmanager
    def lock(self, _: str) -> Iterator[None]:
        self.taken += 1
        time.sleep(0.02)  # a connection takes a while
        yield


def test_the_lock_of_a_process_is_taken_once_by_whoever_comes_first() -> None:
    database: Any = OneLock()
    unused: Any = None
    receiver = UploadReceiver(database, unused, unused, timedelta(hours=1))
    threads = [threading.Thread(target=receiver._say_that_it_lives) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.taken == 1
    receiver.close()
