"""What a command took: seconds by stage, and how busy the machine's cores were meanwhile."""

import time

import psutil

from ebook_pipeline.cli.book_ends import BookEnds


class Watch:
    """Started when made; looks at the whole machine, for tools are processes of their own."""

    def __init__(self) -> None:
        self._started, self._idle = time.monotonic(), _idle()

    def summary(self, ends: BookEnds) -> str:
        """One line for the whole, and one for the stages, the longest first."""
        elapsed = max(time.monotonic() - self._started, 0.001)
        cores = psutil.cpu_count() or 1
        busy = max(0.0, cores - (_idle() - self._idle) / elapsed)
        longest = ends.seconds.most_common()
        shares = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in longest)
        whole = f"{ends.books} books in {elapsed:.1f} s, {busy:.1f} of {cores} cores busy"
        return f"{whole}\n{shares}" if shares else whole


def _idle() -> float:
    times = psutil.cpu_times()
    return times.idle + getattr(times, "iowait", 0.0)
