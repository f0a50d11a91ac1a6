"""The headers of tus 1.0, read from strangers and written: https://tus.io/protocols/resumable-upload

Extensions: creation, creation-with-upload, termination, checksum, expiration. Not concatenation:
parts of one file in many uploads would each need a row, a quota and an end of its own, to save
clients what one resumable upload gives them.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request

from ebook_pipeline.desk.problems import Problem
from ebook_pipeline.services.intake.uploads import Upload

if TYPE_CHECKING:
    from hashlib import _Hash

VERSION = "1.0.0"
RESUMABLE = {"Tus-Resumable": VERSION}
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
BODY_TYPE = "application/offset+octet-stream"
ALGORITHMS = {"sha1": 20, "sha256": 32}
"""Names of checksums, and the bytes that each has."""
CHECKSUM_MISMATCH = 460
_LONGEST_METADATA = 8192
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Checksum:
    """What a sender says of the bytes of one request."""

    algorithm: str
    digest: bytes

    def hasher(self) -> "_Hash":
        return hashlib.new(self.algorithm, usedforsecurity=False)


def options(most: int) -> dict[str, str]:
    """What this server can."""
    return RESUMABLE | {
        "Tus-Version": VERSION,
        "Tus-Max-Size": str(most),
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def state_of(upload: Upload) -> dict[str, str]:
    """How far the upload is, and until when it is kept if nothing more comes."""
    told = RESUMABLE | {"Upload-Offset": str(upload.received)}
    if upload.state == "open":
        expires = format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)
        told["Upload-Expires"] = expires
    return told


def require_version(request: Request) -> None:
    """Raise 412 for a client of another version of the protocol."""
    if request.headers.get("tus-resumable") != VERSION:
        detail = f"Send Tus-Resumable: {VERSION}."
        headers = {"Tus-Version": VERSION}
        raise bad(detail, HTTPStatus.PRECONDITION_FAILED, "tus-version", headers)


def require_body_type(request: Request) -> None:
    """Raise 415 where the body is of another type than tus has."""
    if request.headers.get("content-type", "").strip().lower() != BODY_TYPE:
        detail = f"Send Content-Type: {BODY_TYPE}."
        raise bad(detail, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "tus-body")


def number(request: Request, name: str) -> int:
    """A header that is a count of bytes. Raises 400 for anything else."""
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise bad(f"{name} must be a number of bytes.")
    return int(text)


def metadata(request: Request) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and its value in Base64. Raises 400 where it is none."""
    header = request.headers.get("upload-metadata", "")
    if len(header) > _LONGEST_METADATA:
        raise bad(f"Upload-Metadata has more than {_LONGEST_METADATA} characters.")
    pairs: dict[str, str] = {}
    for pair in filter(str.strip, header.split(",")):
        key, _, value = pair.strip().partition(" ")
        if key in pairs:
            raise bad(f"Upload-Metadata names {key[:80]!r} twice.")
        pairs[key] = _text(value.strip(), key)
    return pairs


def promised(pairs: Mapping[str, str]) -> str | None:
    """The whole file's SHA-256 in hex, where its sender names it. Raises 400 where it is none."""
    digest = pairs.get("sha256")
    if digest is not None and not _SHA256.fullmatch(digest.lower()):
        raise bad("sha256 in Upload-Metadata must be 64 hexadecimal digits.")
    return digest.lower() if digest else None


def checksum(request: Request) -> Checksum | None:
    """Upload-Checksum. Raises 400 for an algorithm that we have not, or no digest of it."""
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _, encoded = header.strip().partition(" ")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad("Upload-Checksum must end with Base64.") from error
    if ALGORITHMS.get(algorithm) != len(digest):
        raise bad(f"Upload-Checksum must be of {' or '.join(ALGORITHMS)}.")
    return Checksum(algorithm, digest)


def bad(
    detail: str,
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
    code: str = "tus",
    headers: Mapping[str, str] | None = None,
) -> Problem:
    """The problem of a request that is no tus."""
    return Problem(status, code, detail, RESUMABLE | dict(headers or {}))


def _text(value: str, key: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise bad(f"Upload-Metadata: {key[:80]!r} must be UTF-8 in Base64.") from error
