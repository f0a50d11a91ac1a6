"""The bytes of a request on their way into the store: what is durable is counted, block by block.

One request at a time receives an upload. Whatever ends it early, a broken connection, silence, a
cancelled task, what came before is kept. The running SHA-256 stays in memory between requests;
where it was lost with the process, the whole file is read once when it is complete.
"""

import asyncio
import contextlib
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import anyio
from anyio import CapacityLimiter, to_thread

from ebook_pipeline.desk.uploading.tus import Checksum
from ebook_pipeline.foundation.errors import BookError, PipelineError, ServiceError
from ebook_pipeline.foundation.identifiers import random_id
from ebook_pipeline.resources.database import Database
from ebook_pipeline.resources.upload_store import UploadStore, UploadWriter
from ebook_pipeline.services.intake import uploads
from ebook_pipeline.services.intake.landing_uploads import LandingUploads
from ebook_pipeline.services.intake.uploads import Held, Upload

if TYPE_CHECKING:
    from hashlib import _Hash

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
_GATHERED = 256 << 10
"""Bytes that are gathered in memory before a thread writes them."""
_THREADS = 8
_LANDING_THREADS = 4
_LANDING_SECONDS = 20.0
"""So long a client is kept waiting for what becomes of its file; it goes on without it."""
_STALLED_SECONDS = 5.0
_ENDING_SECONDS = 1.0
_SLOW_SECONDS, _SLOWEST = 60.0, 64 << 10
"""Who sends fewer bytes than that in so many seconds makes room for others."""
_MOST_DIGESTS = 1000


class WrongChecksum(ServiceError):
    """The bytes of a request are not those that its sender meant: none of them is kept."""


class TooMuch(ServiceError):
    """More bytes came than the upload was to have."""


class TooSlow(ServiceError):
    """Hardly anything came for a while."""


class Preempted(ServiceError):
    """The sender came anew, while this connection brought nothing."""


class UploadReceiver:
    """Receives uploads in this process; `close` gives back what it holds."""

    def __init__(
        self,
        database: Database,
        store: UploadStore,
        landing: LandingUploads,
        kept: timedelta,
    ) -> None:
        self._database, self._store, self._landing, self._kept = database, store, landing, kept
        self._holder = random_id()
        self._lock = contextlib.ExitStack()
        self._is_locked = False
        self._locking = threading.Lock()
        self._active: dict[str, _Reception] = {}
        self._digests: OrderedDict[str, tuple[int, _Hash]] = OrderedDict()
        self._landings: set[asyncio.Task[Upload]] = set()

    def close(self) -> None:
        """Give up the lock that says that this process lives."""
        self._lock.close()
        self._is_locked = False

    async def receive(
        self, upload: str, offset: int, body: AsyncIterator[bytes], checksum: Checksum | None
    ) -> Upload:
        """Add `body` to the upload after `offset`; the upload, and what became of a whole one.

        Raises what `uploads.take` and the store do, `WrongChecksum`, `TooMuch`, `TooSlow`, and
        BookError where the file is whole and refused.
        """
        if not await self._is_free(upload, _ENDING_SECONDS):
            raise Held("another connection sends this upload")
        reception = self._active[upload] = _Reception(self._database, self._kept, checksum)
        try:
            await _thread(lambda: self._take(reception, upload, offset))
            try:
                await reception.run(body)
            finally:
                with anyio.CancelScope(shield=True):
                    await _thread(lambda: self._let_go(reception))
        finally:
            del self._active[upload]
        if reception.upload.state == "whole":
            return await self.land(reception.upload)
        return reception.upload

    async def look(self, upload: str) -> Upload:
        """How far the upload is; a connection that has brought nothing for a while is ended."""
        if not await self._is_free(upload, _ENDING_SECONDS):
            reception = self._active.get(upload)
            if reception is not None and reception.is_stalled:
                reception.preempt()
                await self._is_free(upload, _STALLED_SECONDS)
        return await _thread(lambda: uploads.read(self._database, upload))

    async def _is_free(self, upload: str, seconds: float) -> bool:
        """Whether nobody sends the upload; a connection that broke takes a moment to end."""
        with anyio.move_on_after(seconds):
            while upload in self._active:
                await anyio.sleep(0.01)
        return upload not in self._active

    async def land(self, upload: Upload) -> Upload:
        """Take a whole upload on; after a while it goes on by itself, as it does after a fault."""
        offset, digest = self._digests.pop(upload.id, (0, hashlib.sha256()))
        sha256 = digest.hexdigest() if offset == upload.length else None
        limiter = _limiter(_LANDING_THREADS)
        work = asyncio.create_task(
            to_thread.run_sync(lambda: self._landing.land(upload.id, sha256), limiter=limiter)
        )
        self._landings.add(work)
        work.add_done_callback(self._landed)
        done, _ = await asyncio.wait([work], timeout=_LANDING_SECONDS)
        if not done or work.exception() is not None:
            return upload
        landed = work.result()
        if landed.finding is not None:
            raise BookError.of(landed.finding)
        return landed

    def _landed(self, work: "asyncio.Task[Upload]") -> None:
        """What failed is left to the next look after what is whole."""
        self._landings.discard(work)
        if not work.cancelled() and (error := work.exception()) is not None:
            _LOG.warning("a whole upload waits to be landed", exc_info=error)

    def _take(self, reception: "_Reception", upload: str, offset: int) -> None:
        self._say_that_it_lives()
        taken = uploads.take(self._database, upload, offset, self._holder)
        try:
            known, digest = self._digests.pop(upload, (0, hashlib.sha256()))
            reception.begin(taken, self._store, digest if known == taken.received else None)
        except BaseException:
            uploads.let_go(self._database, taken)
            raise

    def _say_that_it_lives(self) -> None:
        """Hold this process's lock from its first upload on.

        The database's lock is not re-entrant: of several first uploads at once one takes it.
        """
        with self._locking:
            if not self._is_locked:
                self._lock.enter_context(self._database.lock(uploads.holder_lock(self._holder)))
                self._is_locked = True

    def _let_go(self, reception: "_Reception") -> None:
        try:
            reception.close()
        finally:
            upload = reception.upload
            if reception.digest is not None:
                self._digests[upload.id] = (upload.received, reception.digest)
                while len(self._digests) > _MOST_DIGESTS:
                    self._digests.popitem(last=False)
            with contextlib.suppress(PipelineError):
                uploads.let_go(self._database, upload)


class _Reception:
    """One request's bytes. What touches disk or database runs in threads, one at a time."""

    upload: Upload
    digest: "_Hash | None"

    def __init__(self, database: Database, kept: timedelta, checksum: Checksum | None) -> None:
        self._database, self._kept, self._checksum = database, kept, checksum
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self._stack = contextlib.ExitStack()
        self._hasher = checksum.hasher() if checksum else None
        self._heard = time.monotonic()
        self._is_preempted = False
        self._is_lost = False

    @property
    def is_stalled(self) -> bool:
        """Whether nothing came for a while."""
        return time.monotonic() - self._heard > _STALLED_SECONDS

    def preempt(self) -> None:
        """End the request that is received."""
        self._is_preempted = True
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)

    def begin(self, upload: Upload, store: UploadStore, digest: "_Hash | None") -> None:
        """Open the store for what follows."""
        self.upload, self.digest = upload, digest
        self._before = digest.copy() if digest else None
        self._writer: UploadWriter = self._stack.enter_context(store.writer(upload.ref))
        self._written = upload.received

    async def run(self, body: AsyncIterator[bytes]) -> None:
        """Take all of `body`, or what comes of it."""
        try:
            await self._take_all(body)
        except asyncio.CancelledError:
            if not self._is_preempted:
                raise
            if self._task is not None:
                self._task.uncancel()
            raise Preempted("the sender came anew") from None
        finally:
            with anyio.CancelScope(shield=True):
                await _thread(self._settle)

    def close(self) -> None:
        self._stack.close()

    async def _take_all(self, body: AsyncIterator[bytes]) -> None:
        gathered = bytearray()
        pace = _Pace()
        try:
            async for chunk in body:
                self._heard = time.monotonic()
                pace.count(len(chunk))
                gathered += chunk
                self._require_room(len(gathered))
                if len(gathered) >= _GATHERED:
                    await self._hand_over(gathered)
        except BaseException:
            if self._checksum is None:
                with anyio.CancelScope(shield=True):
                    await self._hand_over(gathered)
            raise
        await self._hand_over(gathered)
        await _thread(self._verify)

    def _require_room(self, more: int) -> None:
        if self._written + more > self.upload.length:
            raise TooMuch("more bytes came than Upload-Length says")

    async def _hand_over(self, gathered: bytearray) -> None:
        """Write what was gathered, up to the upload's end, and forget it."""
        room = self.upload.length - self._written
        taken = bytes(gathered[:room])
        gathered.clear()
        if taken:
            await _thread(lambda: self._write(taken))

    def _write(self, taken: bytes) -> None:
        view = memoryview(taken)
        while view:
            step = self._writer.block - self._written % self._writer.block
            piece, view = view[:step], view[step:]
            self._writer.write(piece)
            for hasher in (self.digest, self._hasher):
                if hasher is not None:
                    hasher.update(piece)
            self._written += len(piece)
            if self._written % self._writer.block == 0:
                self._persist()

    def _persist(self) -> None:
        """Make what was written durable, and count it unless its checksum is still to come."""
        self._writer.persist()
        if self._checksum is None:
            self._advance()

    def _verify(self) -> None:
        if self._checksum is None or self._hasher is None:
            return
        if self._hasher.digest() != self._checksum.digest:
            raise WrongChecksum("these bytes have another checksum")
        self._checksum = None

    def _settle(self) -> None:
        """Count what is left to be counted; after a fault of ours nothing is."""
        if self._is_lost:
            return
        if self._checksum is not None:
            self.digest = self._before
        elif self._written > self.upload.received:
            self._writer.persist()
            self._advance()

    def _advance(self) -> None:
        try:
            self.upload = uploads.advance(self._database, self.upload, self._written, self._kept)
        except BaseException:
            self.digest, self._is_lost = None, True
            raise


class _Pace:
    """Raises `TooSlow` where a sender holds a connection with next to nothing."""

    def __init__(self) -> None:
        self._since, self._bytes = time.monotonic(), 0

    def count(self, length: int) -> None:
        self._bytes += length
        now = time.monotonic()
        if now - self._since < _SLOW_SECONDS:
            return
        if self._bytes < _SLOWEST:
            raise TooSlow("hardly anything comes")
        self._since, self._bytes = now, 0


_LIMITERS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, CapacityLimiter]]
_LIMITERS = WeakKeyDictionary()


def _limiter(most: int) -> CapacityLimiter:
    """Threads of our own for each loop, so that uploads never take those that pages need."""
    own = _LIMITERS.setdefault(asyncio.get_running_loop(), {})
    return own.setdefault(most, CapacityLimiter(most))


async def _thread(work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=_limiter(_THREADS))
