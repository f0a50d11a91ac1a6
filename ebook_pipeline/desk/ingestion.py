"""What the desk's process does besides answering: whole uploads are landed, old ones discarded."""

import contextlib
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Self

from fastapi import Depends, FastAPI
from starlette.requests import HTTPConnection

from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.desk.progress.hub import ProgressHub
from ebook_pipeline.desk.uploading.receiving import UploadReceiver
from ebook_pipeline.foundation.errors import PipelineError
from ebook_pipeline.resources.upload_store import UploadStore
from ebook_pipeline.services.intake import landing_uploads
from ebook_pipeline.services.intake.landing_uploads import LandingUploads
from ebook_pipeline.services.intake.uploads import UploadLimits

_LOG = logging.getLogger(__name__)
_FIRST_SECONDS, _SECONDS = 1.0, 30.0
_LEFT = timedelta(seconds=20)
"""A whole upload that nobody has landed for so long is landed here."""
_UNKNOWN = timedelta(hours=1)
"""Bytes that no row knows, and that are so old, are nobody's."""
_FORGOTTEN = 20
"""Every so many turns old bytes are looked for."""


@dataclass
class Ingestion:
    """Made with the app; it works while the app's lifespan lasts, or several of them at a time."""

    context: DeskContext
    store: UploadStore
    landing: LandingUploads
    receiver: UploadReceiver
    hub: ProgressHub
    limits: UploadLimits
    _lifespans: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @classmethod
    def of(cls, context: DeskContext) -> Self:
        """As the settings say."""
        settings, resources = context.settings, context.resources
        kept = timedelta(hours=settings.upload_hours)
        store = resources.upload_store
        landing = LandingUploads(resources.database, store, resources.landing_store)
        return cls(
            context=context,
            store=store,
            landing=landing,
            receiver=UploadReceiver(resources.database, store, landing, kept),
            hub=ProgressHub(resources.database, settings.watchers_per_person),
            limits=UploadLimits(
                bytes_of_file=settings.max_book_bytes,
                bytes_per_day=round(settings.upload_gigabytes_per_day * (1 << 30)),
                files_per_day=settings.upload_files_per_day,
                kept=kept,
            ),
        )

    def begin(self) -> None:
        """Start to work, unless it works already."""
        self._lifespans += 1
        if self._thread is None:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Stop with the last lifespan."""
        self._lifespans -= 1
        if self._lifespans == 0 and self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None
            self.hub.close()
            self.receiver.close()

    def turn(self, *, leftovers: bool = True) -> None:
        """Land what was left whole, and discard what has expired or is nobody's."""
        self.landing.land_all(_LEFT)
        landing_uploads.clean(self.context.database, self.store, _UNKNOWN, leftovers=leftovers)

    def _run(self) -> None:
        seconds, turns = _FIRST_SECONDS, 0
        while not self._stop.wait(seconds):
            try:
                self.turn(leftovers=turns % _FORGOTTEN == 0)
            except PipelineError as error:
                _LOG.warning("uploads: %s", error)
            except Exception:  # noqa: BLE001 - the thread goes on, the log says why
                _LOG.exception("uploads: a defect")
            seconds, turns = _SECONDS, turns + 1


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Work as long as the app does."""
    ingestion: Ingestion = app.state.ingestion
    ingestion.begin()
    try:
        yield
    finally:
        ingestion.end()


def _ingestion_of(connection: HTTPConnection) -> Ingestion:
    ingestion: Ingestion = connection.app.state.ingestion
    return ingestion


Working = Annotated[Ingestion, Depends(_ingestion_of)]
