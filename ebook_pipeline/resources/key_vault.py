"""Data keys, wrapped under a master key that stays in the vault: files of this machine, or KMS.

The context (which book the key belongs to) is bound to the wrapped key: with another one it does
not open. A wrapped key says which master key wrapped it, so old ones open after a rotation.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ebook_pipeline.books.records import canonical_json
from ebook_pipeline.foundation.errors import Damaged, Denied
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.aws import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_KEY_BYTES = 32
_MAGIC = b"EKV1"
_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER_BYTES = len(_MAGIC) + _ID_BYTES


@dataclass(frozen=True)
class DataKey:
    """A fresh 256-bit key to use now, and its wrapped form to keep."""

    plaintext: Secret
    wrapped: bytes


class KeyVault(Protocol):
    """Safe for many threads and processes; every method may raise ServiceErrors.

    Denied: another context than the key was wrapped with, a wrapped key that was tampered with,
    a master key that we do not have or may not use.
    """

    def new_data_key(self, context: Mapping[str, str]) -> DataKey:
        """A random key that opens with this context only."""
        ...

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> Secret:
        """The key in `wrapped`; Denied."""
        ...

    def rewrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The same key under the master key that is current now; Denied."""
        ...

    def rotate(self) -> str:
        """Make a new master key that wraps from now on; its id. Denied where others make them."""
        ...


class LocalKeyVault:
    """AES-256-GCM under ``<number>.key`` in `folder` (0700), each 32 random bytes (0600).

    The first master key is made at first use, unless `makes_first` is false: machines that each
    made one could not open each other's. The one with the highest number wraps. Files are read at
    each call, so other processes' rotations are seen. A wrapped key is ``EKV1``, the
    master key's id (8 bytes), a nonce (12), the encrypted key (32) and its tag (16).
    """

    def __init__(self, folder: Path, *, makes_first: bool = True) -> None:
        self.folder = folder
        self._makes_first = makes_first

    def new_data_key(self, context: Mapping[str, str]) -> DataKey:
        plaintext = Secret.random(_KEY_BYTES)
        return DataKey(plaintext, self._wrap(plaintext, context))

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> Secret:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        header, nonce, sealed = _parts(wrapped)
        master = self._master(header[len(_MAGIC) :])
        try:
            key = AESGCM(master.reveal()).decrypt(nonce, sealed, header + _bound(context))
        except InvalidTag as error:
            raise Denied("the wrapped key belongs to another context, or is damaged") from error
        return Secret(key)

    def rewrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        return self._wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> str:
        """Make a new master key that wraps from now on; returns its id in hex."""
        with disk.disk_errors("key vault"):
            made = self._make_master(max(self._files(), default=0) + 1)
        return _id(made).hex()

    def _wrap(self, key: Secret, context: Mapping[str, str]) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        master = self._current()
        header = _MAGIC + _id(master)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(master.reveal()).encrypt(nonce, key.reveal(), header + _bound(context))
        return header + nonce + sealed

    def _current(self) -> Secret:
        with disk.disk_errors("key vault"):
            files = self._files()
            if not files and not self._makes_first:
                raise Denied(
                    f"{self.folder} holds no master key: `ebooks migrate` makes it on one machine, "
                    "and all others get the same folder"
                )
            return _read(files[max(files)]) if files else self.make_first()

    def _master(self, key_id: bytes) -> Secret:
        with disk.disk_errors("key vault"):
            for _, path in sorted(self._files().items(), reverse=True):
                master = _read(path)
                if hmac.compare_digest(_id(master), key_id):
                    return master
        raise Denied(f"the master key {key_id.hex()} is not in the vault")

    def _files(self) -> dict[int, Path]:
        return {int(path.stem): path for path in self.folder.glob("[0-9]*.key")}

    def make_first(self) -> Secret:
        """The first master key, made unless it is there."""
        self._make_private_folder()
        path = self._path(1)
        disk.create_file(path, secrets.token_bytes(_KEY_BYTES), mode=0o600)
        return _read(path)

    def _make_master(self, number: int) -> Secret:
        """A master key of this number, or of the next one that no other process takes first."""
        self._make_private_folder()
        master = Secret.random(_KEY_BYTES)
        while not disk.create_file(self._path(number), master.reveal(), mode=0o600):
            number += 1
        return master

    def _make_private_folder(self) -> None:
        disk.make_folder(self.folder, mode=0o700)
        self.folder.chmod(0o700)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:04}.key"


class KmsKeyVault:
    """KMS data keys under `key_id` (an id, ARN or alias), the context as encryption context.

    `unwrap` asks for exactly `key_id`, so nobody can slip in a key of another account; `rewrap`
    opens what another master key of ours wrapped, which is how one moves to a new `key_id`.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """

    def __init__(self, client: "KMSClient", key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def new_data_key(self, context: Mapping[str, str]) -> DataKey:
        with aws_errors("making a data key"):
            answer = self._client.generate_data_key(
                KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        return DataKey(Secret(answer["Plaintext"]), answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> Secret:
        with aws_errors("unwrapping a data key"):
            answer = self._client.decrypt(
                CiphertextBlob=wrapped, KeyId=self._key_id, EncryptionContext=dict(context)
            )
        return Secret(answer["Plaintext"])

    def rewrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        with aws_errors("rewrapping a data key"):
            answer = self._client.re_encrypt(
                CiphertextBlob=wrapped,
                SourceEncryptionContext=dict(context),
                DestinationKeyId=self._key_id,
                DestinationEncryptionContext=dict(context),
            )
        return answer["CiphertextBlob"]

    def rotate(self) -> str:
        """KMS makes its keys: which one wraps is a setting."""
        raise Denied(
            "KMS makes the master keys: switch its rotation on, or name another key in "
            "EBOOK_KMS_KEY_ID and run `ebooks rewrap`"
        )


def _parts(wrapped: bytes) -> tuple[bytes, bytes, bytes]:
    """Header, nonce, and encrypted key with tag."""
    if not wrapped.startswith(_MAGIC) or len(wrapped) <= _HEADER_BYTES + _NONCE_BYTES:
        raise Denied("this is no key that the vault has wrapped")
    start = _HEADER_BYTES + _NONCE_BYTES
    return wrapped[:_HEADER_BYTES], wrapped[_HEADER_BYTES:start], wrapped[start:]


def _bound(context: Mapping[str, str]) -> bytes:
    return canonical_json(dict(context))


def _id(master: Secret) -> bytes:
    """A name for a master key that tells nothing of it."""
    return hmac.digest(master.reveal(), b"ebook-pipeline master key id", hashlib.sha256)[:_ID_BYTES]


def _read(path: Path) -> Secret:
    if path.stat().st_mode & 0o077:
        raise Denied(f"master key {path} is open to other users: chmod 600 it, and rotate")
    master = Secret(path.read_bytes())
    if len(master) != _KEY_BYTES:
        raise Damaged(f"master key {path} is not {_KEY_BYTES} bytes long")
    return master
