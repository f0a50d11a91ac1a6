"""A set put back into an empty folder: everything is checked before anything is believed."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ebook_pipeline.foundation.errors import Denied, NotFound, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk
from ebook_pipeline.resources.database import Database, schema, tables
from ebook_pipeline.resources.key_vault import KeyVault
from ebook_pipeline.services.preserving import key_file, manifest, sealing
from ebook_pipeline.services.preserving.key_file import VaultFiles
from ebook_pipeline.services.preserving.manifest import DUMPS, BackupManifest
from ebook_pipeline.services.preserving.pool import BackupPool
from ebook_pipeline.services.protecting.content_keys import content_key_context

_KEY = tables.content_key.c


@dataclass(frozen=True)
class BackupSet:
    """One set of a backup, authenticated by the keys that it was made with."""

    pool: BackupPool
    name: str
    manifest: BackupManifest
    vault: VaultFiles
    key: Secret


def open_set(
    root: Path, vault: VaultFiles, name: str | None = None, identities: Sequence[Secret] = ()
) -> BackupSet:
    """The set of that name in `root`, or the newest, once its list has proven to be ours.

    `identities` open what was sealed for others than the home's own key. `NotFound`,
    `Damaged` name the set; ServiceError where a newer release made it.
    """
    pool = BackupPool(root)
    names = pool.sets()
    if pool.is_sealed:
        pool = BackupPool(root, sealing.seal_of(vault, others=identities))
    if not names or (name is not None and name not in names):
        raise NotFound(f"{pool.root} has no set {name or 'that is whole'}")
    chosen, key = name or names[-1], key_file.key_of(vault)
    found = manifest.read_manifest(pool.read_set(chosen), key, f"set {chosen}")
    if found.revision not in schema.revisions():
        raise ServiceError(f"set {chosen} is of a newer release: its tables are {found.revision}")
    return BackupSet(pool, chosen, found, vault, key)


def require_empty(home: Path) -> None:
    """`Denied` where there is something in the folder that is to be made a home."""
    if home.is_symlink() or (home.exists() and not home.is_dir()):
        raise Denied(f"{home} is no folder")
    if home.exists() and any(home.iterdir()):
        raise Denied(f"{home} is not empty: a home is restored where there is none")


def unpack(backup: BackupSet, folder: Path) -> None:
    """Every file of the set below `folder`, which is new; dumps too. Digests are checked."""
    with disk.disk_errors(f"restoring into {folder}"):
        disk.make_folder(folder)
        free = shutil.disk_usage(folder).free
        if backup.manifest.length > free:
            raise ServiceError(f"{backup.manifest.length:,} bytes are needed, {free:,} are free")
        for file in backup.manifest.files:
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            backup.pool.take(file, target)
        _write_vault(backup.vault, folder / "vault")
        os.sync()


def dump_of(folder: Path, database: str) -> Path:
    """Where `unpack` has put the dump of a database."""
    return folder / DUMPS / f"{database}.dump"


def tombstones(backup: BackupSet) -> list[Any]:
    """What was purged and erased since ever, as far as this backup was told."""
    return [
        json.loads(manifest.authenticated(body, backup.key, f"tombstone {name}"))
        for name, body in backup.pool.tombstones()
    ]


def keys_that_do_not_open(database: Database, vault: KeyVault) -> list[str]:
    """The editions whose content key the restored vault does not open."""
    query = select(_KEY.book, _KEY.edition, _KEY.wrapped, _KEY.wrapped_for)
    with database.begin() as connection:
        rows = connection.execute(query).all()
    closed = []
    for row in rows:
        context = content_key_context(row.book, row.wrapped_for or row.edition)
        try:
            vault.unwrap(bytes(row.wrapped), context)
        except Denied:
            closed.append(f"{row.book}, edition {row.edition}")
    return closed


def _write_vault(files: VaultFiles, folder: Path) -> None:
    disk.make_folder(folder, mode=0o700)
    folder.chmod(0o700)
    for name, body in files.items():
        disk.write_file(folder / name, body, mode=0o600)
