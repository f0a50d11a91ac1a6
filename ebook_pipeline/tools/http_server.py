"""uvicorn, but that it does not wake ten times a second while nobody asks anything."""

import asyncio
import contextlib

import uvicorn

_TICK_SECONDS = 1.0
_COUNTED = 10  # uvicorn's ticks in a second: at each tenth it renews the Date header


class QuietServer(uvicorn.Server):
    """Looks once a second whether it is to end, and at once when `should_exit` is set.

    uvicorn's own loop is 0.2 % of a core, for ever. A test watches what it relies on.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        self._exit = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        super().__init__(config)

    @property
    def should_exit(self) -> bool:
        """Whether it is to end; set by signals, and by whoever runs the server in a thread."""
        return self._exit

    @should_exit.setter
    def should_exit(self, wanted: bool) -> None:
        self._exit = wanted
        if wanted and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._woken.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(_COUNTED):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _TICK_SECONDS)
