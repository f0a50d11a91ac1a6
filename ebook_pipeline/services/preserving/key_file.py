"""The vault's files under a passphrase: what a backup is of no use without, and kept apart from it.

JSON with salt, nonce and the files under AES-256-GCM, its key made by scrypt (RFC 7914) with the
costs that are written here: a file can't ask for others.
"""

import base64
import json
import re
import secrets
from pathlib import Path
from typing import Any

from ebook_pipeline.books.records import canonical_json
from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk

BACKUP_KEY = "backup.key"
"""In the vault: what manifests of backups are authenticated with."""
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_COST, _BLOCK, _PARALLEL = 1 << 15, 8, 1
_LARGEST = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

VaultFiles = dict[str, bytes]


def backup_key(vault: Path) -> Secret:
    """The key of this home's backups, made at the first."""
    disk.make_folder(vault, mode=0o700)
    disk.create_file(vault / BACKUP_KEY, secrets.token_bytes(_KEY_BYTES), mode=0o600)
    return key_of(vault_files(vault))


def key_of(files: VaultFiles) -> Secret:
    """The key of backups among a vault's files. `NotFound` where there never was a backup."""
    if len(files.get(BACKUP_KEY, b"")) != _KEY_BYTES:
        raise NotFound(f"the keys have no {BACKUP_KEY}: they are of a home without a backup")
    return Secret(files[BACKUP_KEY])


def vault_files(vault: Path) -> VaultFiles:
    """Every file of the vault by name."""
    with disk.disk_errors("the key vault"):
        paths = [path for path in sorted(vault.iterdir()) if path.is_file() and _is_name(path.name)]
        return {path.name: path.read_bytes() for path in paths}


def write_key_file(target: Path, files: VaultFiles, passphrase: Secret) -> None:
    """`files` under the passphrase, as `target` (0600), which is replaced as a whole."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    plain = canonical_json({name: _coded(body) for name, body in files.items()})
    body = AESGCM(_key(passphrase, salt)).encrypt(nonce, plain, b"")
    document = {"format": 1, "salt": _coded(salt), "nonce": _coded(nonce), "sealed": _coded(body)}
    with disk.disk_errors(f"key file {target}"):
        fresh = target.with_name(disk.temporary_name())
        disk.write_file(fresh, canonical_json(document), mode=0o600)
        disk.move_into_place(fresh, target)


def read_key_file(source: Path, passphrase: Secret) -> VaultFiles:
    """What `write_key_file` wrote. `Denied` for a wrong passphrase, `Damaged` for another file."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with disk.disk_errors(f"key file {source}"), source.open("rb") as stream:
        body = stream.read(_LARGEST + 1)
    try:
        document: Any = json.loads(body) if len(body) <= _LARGEST else None
        salt, nonce, sealed = (
            base64.b64decode(document[name], validate=True) for name in ("salt", "nonce", "sealed")
        )
        plain = AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, b"")
    except InvalidTag as error:
        raise Denied(f"{source}: the passphrase is another one, or the file is damaged") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged(f"{source} is no file of keys") from error
    files = {name: base64.b64decode(coded) for name, coded in json.loads(plain).items()}
    if not all(map(_is_name, files)):
        raise Damaged(f"{source} names a file that is none of a vault")
    return files


def _key(passphrase: Secret, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_PARALLEL)
    return kdf.derive(passphrase.reveal())


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def _coded(body: bytes) -> str:
    return base64.b64encode(body).decode()
