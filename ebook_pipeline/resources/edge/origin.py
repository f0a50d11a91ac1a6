"""What the embedded edge and its publisher share: the folder of releases and the signature of URLs.

Layout: ``objects/<path>/@entry.json`` says what stands at a path, ``objects/<path>/@<sha256>``
holds the bytes. No path contains an ``@``, so ``a`` and ``a/b`` may both exist. An entry appears,
is replaced and vanishes in one rename, and only after its bytes are on disk.
"""

import base64
import hashlib
import hmac
import os
import re
import time
from pathlib import Path

from ebook_pipeline.books.records import Record
from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk

PUBLIC = "public/"
_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
_LONGEST_PATH = 1000
_CHUNK = 1 << 20


class Conflict(ServiceError):
    """Other bytes stand under this path already, and what is published never changes."""


class OriginEntry(Record):
    """What stands at a path; a pointer is small and carries its own `body` (base64)."""

    media_type: str
    sha256: str
    length: int
    body: str | None = None

    @property
    def immutable(self) -> bool:
        return self.body is None


def cache_control(*, immutable: bool) -> str:
    """A year for what never changes (RFC 8246), a minute for pointers; alike at both edges.

    So the origin tells the edge. What readers and their caches are told is `readers_cache_control`.
    """
    return "public, max-age=31536000, immutable" if immutable else "public, max-age=60"


def readers_cache_control(path: str, *, immutable: bool) -> str:
    """What was opened by a signature is its reader's: no cache that others share may keep it.

    RFC 9111 §5.2.2.7, https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.7
    """
    told = cache_control(immutable=immutable)
    return told if path.startswith(PUBLIC) else told.replace("public", "private")


def safe_path(path: str) -> str:
    """`path` itself; ValueError where it might mean another file than it says."""
    segments = path.split("/")
    if len(path) > _LONGEST_PATH or not all(map(_SEGMENT.fullmatch, segments)):
        raise ValueError(f"{path!r} is no path of the edge")
    return path


class OriginFolder:
    """The folder that the edge delivers from; many processes may use one at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._objects = root / "objects"
        self._scratch = root / "tmp"

    def entry(self, path: str) -> OriginEntry:
        """NotFound where nothing stands at `path`."""
        with disk.disk_errors(path):
            document = self._entry_file(path).read_bytes()
        return OriginEntry.model_validate_json(document)

    def exists(self, path: str) -> bool:
        return self._entry_file(path).is_file()

    def recorded(self, path: str) -> str | None:
        """The SHA-256 that is noted of what stands at `path`; None where nothing does."""
        return self.entry(path).sha256 if self.exists(path) else None

    def file(self, path: str, sha256: str) -> Path:
        """Where the bytes of an immutable entry lie."""
        return self._folder(path) / f"@{sha256}"

    def put(self, path: str, source: Path, media_type: str) -> None:
        """Publish for good; the same bytes again do nothing, others are a Conflict."""
        with disk.disk_errors(path):
            sha256, length = _digest(source)
            self._refuse_other(path, sha256)
            disk.make_folder(self._folder(path))
            self._keep(source, self.file(path, sha256), sha256, length)
            entry = OriginEntry(media_type=media_type, sha256=sha256, length=length)
            if not disk.create_file(self._entry_file(path), entry.model_dump_json().encode()):
                self._refuse_other(path, sha256)

    def point(self, path: str, body: bytes, media_type: str) -> None:
        """Replace the pointer at `path`; a Conflict where an immutable object stands there."""
        if self.exists(path) and self.entry(path).immutable:
            raise Conflict(f"{path} is published for good")
        entry = OriginEntry(
            media_type=media_type,
            sha256=hashlib.sha256(body).hexdigest(),
            length=len(body),
            body=base64.b64encode(body).decode(),
        )
        with disk.disk_errors(path):
            disk.make_folder(self._folder(path))
            disk.make_folder(self._scratch)
            document = entry.model_dump_json().encode()
            disk.replace_file(self._entry_file(path), document, self._scratch)

    def remove(self, path: str) -> None:
        """Nothing stands at `path` any more; nothing happens where nothing stood."""
        with disk.disk_errors(path):
            self._entry_file(path).unlink(missing_ok=True)
            for blob in self._folder(path).glob("@*"):
                blob.unlink(missing_ok=True)

    def purge(self, path: str) -> bool:
        """As `remove`: nothing is kept of what stood there; whether something did."""
        there = self.exists(path)
        self.remove(path)
        return there

    def _folder(self, path: str) -> Path:
        return self._objects / safe_path(path)

    def _entry_file(self, path: str) -> Path:
        return self._folder(path) / "@entry.json"

    def _refuse_other(self, path: str, sha256: str) -> None:
        if not self.exists(path):
            return
        entry = self.entry(path)
        if entry.sha256 != sha256 or not entry.immutable:
            raise Conflict(f"other bytes are published as {path}")

    def _keep(self, source: Path, target: Path, sha256: str, length: int) -> None:
        if target.is_file() and _digest(target) == (sha256, length):
            return
        disk.make_folder(self._scratch)
        temporary = self._scratch / disk.temporary_name()
        try:
            if _copy(source, temporary) != sha256:
                raise Damaged(f"{source} changed while it was published")
            disk.move_into_place(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)


class UrlSigner:
    """URLs that are good until they expire: HMAC-SHA256 over path and expiry."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def query(self, path: str, valid_seconds: int, now: float | None = None) -> str:
        """The query string that opens `path` for so many seconds from `now`, ours if unset."""
        if valid_seconds <= 0:
            raise ValueError("a signed URL must be valid for a while")
        expires = str(int(now or time.time()) + valid_seconds)
        return f"Expires={expires}&Signature={self._signature(path, expires)}"

    def allows(self, path: str, expires: str, signature: str) -> bool:
        """Whether `query` made these for `path` and they have not expired."""
        if not re.fullmatch(r"[0-9]{1,12}", expires) or int(expires) < time.time():
            return False
        return hmac.compare_digest(self._signature(path, expires).encode(), signature.encode())

    def _signature(self, path: str, expires: str) -> str:
        message = f"{path}\n{expires}".encode()
        digest = hmac.digest(self._secret.reveal(), message, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def signer(secret_file: Path) -> UrlSigner:
    """The signer of this machine; its secret is made at first use, readable by its owner alone.

    Raises Denied where others may read the file: whoever reads it can open every release.
    """
    try:
        with disk.disk_errors(str(secret_file)):
            return UrlSigner(_read_secret(secret_file))
    except NotFound:
        with disk.disk_errors(str(secret_file)):
            disk.make_folder(secret_file.parent, 0o700)
            disk.create_file(secret_file, Secret.random().reveal(), 0o600)
            return UrlSigner(_read_secret(secret_file))


def _read_secret(secret_file: Path) -> Secret:
    if secret_file.stat().st_mode & 0o077:
        raise Denied(f"{secret_file} must be readable by its owner alone: chmod 600")
    secret = Secret(secret_file.read_bytes())
    if len(secret) < 32:
        raise Damaged(f"{secret_file} is too short for a secret: remove it to make another")
    return secret


def _digest(source: Path) -> tuple[str, int]:
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()


def _copy(source: Path, target: Path) -> str:
    """SHA-256 of what was written, synced."""
    digest = hashlib.sha256()
    with source.open("rb") as body, target.open("xb") as out:
        while chunk := body.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
