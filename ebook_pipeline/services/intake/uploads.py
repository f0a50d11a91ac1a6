"""Files on their way: which there are, how far each is, and who receives it now.

A row is the truth of an upload: bytes that it does not count were never acknowledged. One process
at a time holds an upload; that it lives says its lock, so that a killed one holds nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, case, func, insert, select, text, update

from ebook_pipeline.books.owning.landing_keys import upload_key
from ebook_pipeline.books.owning.upload_names import require_media_type, upload_name
from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import BookError, Gone, NotFound, ServiceError
from ebook_pipeline.foundation.findings import Finding
from ebook_pipeline.foundation.identifiers import is_random_id, random_id
from ebook_pipeline.resources.database import Database, upload_tables
from ebook_pipeline.resources.upload_parts import UploadRef
from ebook_pipeline.resources.upload_store import UploadStore
from ebook_pipeline.services.audit_and_outbox import audit
from ebook_pipeline.services.intake import jobs
from ebook_pipeline.services.intake.jobs import Job, TooLate

_TABLE = upload_tables.upload
_UPLOAD = _TABLE.c
_TODAY = func.date_trunc("day", func.now(), "UTC")
_HELD = text("SELECT pg_advisory_xact_lock(hashtextextended('uploads of ' || :sender, 0))")
UploadState = Literal["open", "whole", "landed", "refused", "terminated", "expired"]


class Offset(ServiceError):
    """The upload is not as far as its sender thinks."""


class Held(ServiceError):
    """Somebody else is sending this upload just now."""

    retryable = True


class QuotaUsedUp(ServiceError):
    """Enough for today; `seconds` until the next day begins."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class UploadLimits(Record):
    """What one sender may send: of one file, and of a day (UTC); how long an upload is kept."""

    bytes_of_file: int
    bytes_per_day: int
    files_per_day: int
    kept: timedelta


class UploadRequest(Record):
    """A file that somebody wants to send. `promised`: its SHA-256 in hex, where they named it."""

    job: str
    name: str
    length: int
    media_type: str = ""
    promised: str | None = None
    way: Literal["tus", "direct"] = "tus"


class Upload(Record):
    """One file on its way, or what became of it."""

    id: str
    job: str
    sender: str
    way: Literal["tus", "direct"]
    name: str
    landing_key: str
    length: int
    received: int
    promised: str | None
    sha256: str | None
    place: str
    state: UploadState
    finding: Finding | None
    holder: str | None
    at: datetime
    moved_at: datetime
    expires_at: datetime

    @property
    def ref(self) -> UploadRef:
        """The upload as its store knows it."""
        return UploadRef(id=self.id, length=self.length, received=self.received, place=self.place)


def begin(
    database: Database,
    store: UploadStore,
    asked: UploadRequest,
    limits: UploadLimits,
    *,
    sender: str,
    actor: str,
) -> Upload:
    """Make room for a file of a job.

    An unfinished one of the same job ends: whoever begins anew has lost its address. Raises
    BookError for a name, kind or length that is not taken, `TooLate` where the job is cancelled or
    has its file, `QuotaUsedUp`, `StoreFull`.
    """
    name = upload_name(asked.name)
    require_media_type(asked.media_type)
    _require_length(asked.length, limits)
    room = _room(store, asked)
    try:
        with database.begin() as connection:
            job = _open_job(connection, asked.job)
            before = end_open(connection, job.id)
            _require_quota(connection, sender, asked.length, limits)
            row = _row(asked, room, job, name)
            row |= {"sender": sender, "expires_at": func.now() + limits.kept}
            connection.execute(insert(_TABLE).values(row))
            detail = {"job": job.id, "upload": room.id, "length": asked.length}
            audit(connection, actor, "upload.begin", "", detail)
            begun = upload_of(connection, room.id)
    except BaseException:
        store.discard(room)
        raise
    for replaced in before:
        store.discard(replaced)
    return begun


def take(database: Database, upload: str, offset: int, holder: str) -> Upload:
    """Let the process `holder` receive what follows `offset`, and nobody else meanwhile.

    Raises `NotFound`, `Gone` for one that has ended, `Offset`, and `Held` where another process
    that lives receives it.
    """
    with database.begin() as connection:
        found = upload_of(connection, upload)
    require_open(found)
    if found.received != offset:
        raise Offset(f"{found.received} bytes were taken, not {offset}")
    if found.holder not in (None, holder) and _lives(database, str(found.holder)):
        raise Held("another connection sends this upload")
    same = _UPLOAD.holder.is_not_distinct_from(found.holder)
    free = (_UPLOAD.id == upload) & (_UPLOAD.state == "open") & same
    mine = update(_TABLE).where(free, _UPLOAD.received == offset).values(holder=holder)
    with database.begin() as connection:
        if not connection.execute(mine).rowcount:
            raise Held("another connection has just begun to send this upload")
        return upload_of(connection, upload)


def advance(database: Database, upload: Upload, received: int, kept: timedelta) -> Upload:
    """Note that the first `received` bytes are durable; with the last one the upload is whole.

    Raises `Gone` where it ended meanwhile, or another process has taken it over.
    """
    is_whole = received == upload.length
    values = {
        "received": received,
        "moved_at": func.now(),
        "expires_at": func.now() + kept,
        "state": "whole" if is_whole else "open",
    }
    held = (_UPLOAD.holder == upload.holder) & (_UPLOAD.received == upload.received)
    here = (_UPLOAD.id == upload.id) & (_UPLOAD.state == "open") & held
    with database.begin() as connection:
        moved = connection.execute(update(_TABLE).where(here).values(values).returning(_TABLE))
        row = moved.mappings().first()
    if row is None:
        raise Gone("the upload has ended")
    return Upload.model_validate(dict(row))


def let_go(database: Database, upload: Upload) -> None:
    """The process that holds the upload receives nothing more of it."""
    mine = (_UPLOAD.id == upload.id) & (_UPLOAD.holder == upload.holder)
    with database.begin() as connection:
        connection.execute(update(_TABLE).where(mine).values(holder=None))


def arrived(database: Database, upload: Upload, kept: timedelta) -> Upload:
    """Note that a file which was sent past us is whole; again, it changes nothing."""
    mine = (_UPLOAD.id == upload.id) & (_UPLOAD.way == "direct") & (_UPLOAD.state == "open")
    values = {
        "received": _UPLOAD.length,
        "state": "whole",
        "moved_at": func.now(),
        "expires_at": func.now() + kept,
    }
    with database.begin() as connection:
        connection.execute(update(_TABLE).where(mine).values(values))
        return upload_of(connection, upload.id)


def terminate(database: Database, store: UploadStore, upload: str, *, actor: str) -> None:
    """Take the upload away. Raises `NotFound`, `Gone`, and `TooLate` where it is whole."""
    this = update(_TABLE).where(_UPLOAD.id == upload, _UPLOAD.state == "open")
    with database.begin() as connection:
        ended = connection.execute(this.values(state="terminated", holder=None)).rowcount
        found = upload_of(connection, upload)
        if ended:
            audit(connection, actor, "upload.terminate", "", {"upload": upload, "job": found.job})
    if not ended:
        if found.state in ("whole", "landed"):
            raise TooLate("it is whole: what is to be given up is its book")
        require_open(found)
    store.discard(found.ref)


def end_open(connection: Connection, job: str) -> list[UploadRef]:
    """End the job's unfinished upload, if there is one: whose bytes are to be discarded."""
    these = update(_TABLE).where(_UPLOAD.job == job, _UPLOAD.state == "open")
    rows = connection.execute(these.values(state="terminated").returning(_TABLE)).mappings()
    return [Upload.model_validate(dict(row)).ref for row in rows]


def read(database: Database, upload: str) -> Upload:
    """The upload. Raises `NotFound`."""
    with database.begin() as connection:
        return upload_of(connection, upload)


def upload_of(connection: Connection, upload: str) -> Upload:
    """The upload, within a transaction. Raises `NotFound`."""
    row = None
    if is_random_id(upload):
        row = connection.execute(select(_TABLE).where(_UPLOAD.id == upload)).mappings().first()
    if row is None:
        raise NotFound("there is no such upload")
    return Upload.model_validate(dict(row))


def require_open(upload: Upload) -> None:
    """Raise `Gone` for an upload that can't go on."""
    late = upload.state == "open" and upload.expires_at <= datetime.now(UTC)
    if late or upload.state in ("refused", "terminated", "expired"):
        raise Gone(f"the upload was {'expired' if late else upload.state}")


def holder_lock(holder: str) -> str:
    """The lock that a process has as long as it lives."""
    return f"desk {holder}"


def _lives(database: Database, holder: str) -> bool:
    return bool(database.locked([holder_lock(holder)]))


def _room(store: UploadStore, asked: UploadRequest) -> UploadRef:
    """Where the file's bytes will lie; those that go directly have no place before they come."""
    upload = random_id()
    place = store.begin(upload, asked.length) if asked.way == "tus" else ""
    return UploadRef(id=upload, length=asked.length, place=place)


def _row(asked: UploadRequest, room: UploadRef, job: Job, name: str) -> dict[str, object]:
    return asked.model_dump(include={"length", "promised", "way"}) | {
        "id": room.id,
        "job": job.id,
        "name": name,
        "landing_key": upload_key(job.account, job.id, name),
        "place": room.place,
    }


def _open_job(connection: Connection, job: str) -> Job:
    """The job, locked, which has no file yet."""
    found = jobs.lock(connection, job)
    if found.cancelled_at is not None:
        raise TooLate("the job was cancelled: begin another one")
    taken = (_UPLOAD.job == job) & _UPLOAD.state.in_(("whole", "landed"))
    if connection.execute(select(_UPLOAD.id).where(taken)).first() is not None:
        raise TooLate("the job has its file: begin another one, which names the book")
    return found


def _require_length(length: int, limits: UploadLimits) -> None:
    if length == 0:
        raise BookError(
            "media-type.empty", "The file is empty.", remedy="Send the file, it has 0 bytes."
        )
    if length > limits.bytes_of_file:
        message = f"It has {length:,} bytes, more than the {limits.bytes_of_file:,} of a book."
        raise BookError("upload.too-large", message, remedy="Make its pictures smaller.")


def _require_quota(connection: Connection, sender: str, length: int, limits: UploadLimits) -> None:
    """Count the sender's day, one upload at a time; what was given up counts as far as it came."""
    connection.execute(_HELD, {"sender": sender})
    ended = _UPLOAD.state.in_(("terminated", "expired"))
    counted = case((ended, _UPLOAD.received), else_=_UPLOAD.length)
    query = select(func.count(), func.coalesce(func.sum(counted), 0))
    today = query.where(_UPLOAD.sender == sender, _UPLOAD.at >= _TODAY)
    files, sent = connection.execute(today).one()
    if files >= limits.files_per_day or sent + length > limits.bytes_per_day:
        now = datetime.now(UTC)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        what = f"{limits.files_per_day} files or {limits.bytes_per_day:,} bytes"
        raise QuotaUsedUp(f"A day has {what} of one sender.", (midnight - now).total_seconds())
