"""What a backup's folder holds under age (https://age-encryption.org/v1), with X25519 recipients.

Files are sealed for the home's own key, which lies in its vault, or for others that were named.
Lists and tombstones are always sealed for the own one: the next backup reads them. A file's name
is a keyed digest of its bytes, which confirms to nobody that a known book is among them.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk
from ebook_pipeline.services.preserving.key_file import VaultFiles, key_of

IDENTITY = "backup.age"
"""In the vault: the identity that opens what this home's backups are sealed for."""
_CHUNK, _TAG, _LEAST_HEADER = 1 << 16, 16, 150
"""Of age: bytes of a chunk, of its tag, and fewer than any header with a recipient has."""
_SECRET_KEY = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")
_LARGEST = 1 << 16


class Reader(Protocol):
    """What bytes come from."""

    def read(self, size: int = -1, /) -> bytes: ...


class Writer(Protocol):
    """What bytes go to."""

    def write(self, body: bytes, /) -> int: ...


@dataclass(frozen=True)
class Seal:
    """Seals for `recipients`; opens with `identity`, the home's own, and with `others`."""

    key: Secret
    identity: Secret
    recipients: tuple[str, ...]
    others: tuple[Secret, ...] = ()

    def name(self, sha256: str) -> str:
        """What a file of that digest is called."""
        return self._keyed(f"name {sha256}")

    @property
    def mark(self) -> str:
        """Of the recipients, without telling them: all of a backup is sealed for the same."""
        return self._keyed(f"recipients {' '.join(sorted(self.recipients))}")

    def seal(self, source: Reader, target: Writer) -> None:
        """Everything of `source`, sealed, in constant memory."""
        from pyrage import EncryptError, encrypt_io, x25519

        try:
            encrypt_io(source, target, [x25519.Recipient.from_str(one) for one in self.recipients])
        except EncryptError as error:
            raise ServiceError(f"a file could not be sealed: {error}") from error

    def open(self, source: Reader, target: Writer) -> None:
        """What `seal` wrote. `Denied` without its identity, `Damaged` where it was changed."""
        from pyrage import DecryptError, decrypt_io

        try:
            decrypt_io(source, target, [_identity(one) for one in (self.identity, *self.others)])
        except DecryptError as error:
            if "matching keys" in str(error):
                raise Denied("it is sealed for another key: name its identity") from error
            raise Damaged(str(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise Damaged(str(error)) from error

    def seal_list(self, body: bytes) -> bytes:
        """A list or tombstone, for the home's own key."""
        from pyrage import encrypt

        sealed: bytes = encrypt(body, [_identity(self.identity).to_public()])
        return sealed

    def open_list(self, body: bytes, place: str) -> bytes:
        """What `seal_list` wrote. `Damaged` names the place."""
        from pyrage import DecryptError, decrypt

        try:
            opened: bytes = decrypt(body, [_identity(self.identity)])
        except DecryptError as error:
            raise Damaged(f"{place} was changed, or was made with other keys than these") from error
        return opened

    def _keyed(self, words: str) -> str:
        return hmac.digest(self.key.reveal(), words.encode(), hashlib.sha256).hex()


def make_identity(vault: Path) -> None:
    """The identity of this home's backups, made at the first."""
    from pyrage import x25519

    disk.create_file(vault / IDENTITY, f"{x25519.Identity.generate()}\n".encode(), mode=0o600)


def seal_of(
    files: VaultFiles, recipients: Sequence[str] = (), others: Sequence[Secret] = ()
) -> Seal:
    """With the keys among a vault's files; for the home's own where there are no `recipients`.

    `NotFound` where the vault has none, ValueError where a recipient is none.
    """
    own = _keys(files.get(IDENTITY, b""))
    if len(own) != 1:
        raise NotFound(f"the keys have no {IDENTITY}, which opens this backup")
    known = tuple(map(_known_recipient, recipients)) or (str(_identity(own[0]).to_public()),)
    return Seal(key_of(files), own[0], known, tuple(others))


def read_identities(path: Path) -> tuple[Secret, ...]:
    """The secret keys of a file as ``age-keygen`` writes it. `Damaged` where it has none."""
    with disk.disk_errors(f"identity {path}"), path.open("rb") as stream:
        found = _keys(stream.read(_LARGEST))
    if not found:
        raise Damaged(f"{path} has no line AGE-SECRET-KEY-1…")
    return found


def least_length(length: int) -> int:
    """Fewer bytes than this, `length` bytes never take when they are sealed."""
    chunks = max(1, -(-length // _CHUNK))
    return _LEAST_HEADER + length + chunks * _TAG


def _keys(body: bytes) -> tuple[Secret, ...]:
    lines = body.decode("ascii", "replace").splitlines()
    return tuple(Secret(line.strip().encode()) for line in lines if _is_key(line.strip()))


def _is_key(line: str) -> bool:
    from pyrage import IdentityError, x25519

    if not _SECRET_KEY.fullmatch(line):
        return False
    try:
        x25519.Identity.from_str(line)
    except IdentityError:
        return False
    return True


def _known_recipient(text: str) -> str:
    from pyrage import RecipientError, x25519

    try:
        return str(x25519.Recipient.from_str(text.strip()))
    except RecipientError as error:
        raise ValueError(f"that is no age recipient (age1…): {error}") from None


def _identity(secret: Secret) -> Any:
    from pyrage import x25519

    return x25519.Identity.from_str(secret.reveal().decode())
