"""``ebooks backup`` and ``ebooks restore``: a home as one set, its keys apart, and back again."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebook_pipeline.cli.local_services import Stack
from ebook_pipeline.cli.opening import opened
from ebook_pipeline.cli.secrets_from import passphrase_from
from ebook_pipeline.cli.terminal import as_json, console, messages, print_json, safe
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import Resources
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.services.preserving.backup import Backup, BackupSummary
    from ebook_pipeline.services.preserving.key_file import VaultFiles
    from ebook_pipeline.services.preserving.restore import BackupSet

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_ELSEWHERE = "the database is another server's: docs/backup.md says how it is kept and restored"


@click.command()
@click.argument("out", type=_FOLDER)
@click.option("--keys", type=_FILE, help="Write the vault's keys there, under a passphrase.")
@click.option("--passphrase-from", "source", help="A file with the passphrase, or - for a pipe.")
@click.option("--without-keys", is_flag=True, help="Leave the keys out: you keep the vault.")
@click.option("--to", "recipients", multiple=True, help="Seal files for this age1… alone.")
@click.option("--keep-days", type=click.FloatRange(min=0), help="Remove older sets afterwards.")
@click.option("--tombstones", is_flag=True, help="Only what was purged and erased, at once.")
@as_json
def backup(  # noqa: PLR0913 - one parameter an option
    out: Path,
    keys: Path | None,
    source: str | None,
    without_keys: bool,
    recipients: tuple[str, ...],
    keep_days: float | None,
    tombstones: bool,
    as_json: bool,
) -> None:
    """Take a consistent set of this home into the folder OUT, while runs go on.

    Database, manuscripts, records, releases and the landing folder; what OUT has already is not
    copied again. Everything is sealed with age: for a key that lies in the vault, or for those of
    --to, whose identity `ebooks restore` then asks for. The vault's keys go into a file of their
    own, which belongs somewhere else. Ends with 1 where something could not be read whole.
    """
    given = keys is not None and source is not None
    if not tombstones and given is without_keys:
        raise click.UsageError("--keys FILE with --passphrase-from FILE, or --without-keys")
    if keys is not None and _is_below(keys, out):
        raise click.UsageError("the keys belong apart from what they open: not into OUT")
    settings = Settings()
    passphrase = passphrase_from(source) if source is not None else ""
    with _local_stack(settings).borrowed():
        taking = _backup(opened(settings), out, recipients)
        if tombstones:
            taking.pool.prepare()
            console().print(f"{taking.bury()} tombstones")
            return
        done = taking.take(keep_days=keep_days)
        if keys is not None:
            _write_keys(settings, keys, passphrase)
    _tell(done, keys, as_json=as_json)
    if not taking.pool.is_sealed:
        messages().print(f"[bold]{safe(str(out))} is not sealed[/]: an earlier release made it.")
    click.get_current_context().exit(1 if done.left_out else 0)


@click.command()
@click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Theirs."
)
@click.option("--passphrase-from", "source", help="A file with the passphrase, or - for a pipe.")
@click.option(
    "--vault", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A copy of the vault, where the keys were left out.",
)  # fmt: skip
@click.option(
    "--identity", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The age identity that the files were sealed for, if another than the vault's.",
)  # fmt: skip
@click.option("--set", "name", help="Another set than the newest.")
@as_json
def restore(  # noqa: PLR0913 - one parameter an option
    backup: Path,
    keys: Path | None,
    source: str | None,
    vault: Path | None,
    identity: Path | None,
    name: str | None,
    as_json: bool,
) -> None:
    """Make EBOOK_HOME, which must be empty, what BACKUP holds.

    The list of files is authenticated by the keys and every digest is checked. What was purged or
    erased since is taken away again. Then every release is verified through the edge; ends with 1
    where one is not whole.
    """
    if ((keys is not None) and (source is not None)) is (vault is not None):
        raise click.UsageError("--keys FILE with --passphrase-from FILE, or --vault FOLDER")
    from ebook_pipeline.services.preserving import restore as service
    from ebook_pipeline.services.preserving import sealing

    home = Settings().root
    _local_stack(Settings())
    service.require_empty(home)
    files = _vault_files(vault, keys, source)
    others = sealing.read_identities(identity) if identity is not None else ()
    found = service.open_set(backup, files, name, others)
    service.tombstones(found)  # one that is not ours is told before anything is done
    with _beside(home) as fresh:
        facts = _restored(found, fresh)
        service.require_empty(home)
        if home.exists():
            home.rmdir()
        fresh.rename(home)
    print_json([facts]) if as_json else _tell_restored(home, facts)
    click.get_current_context().exit(0 if facts["whole"] else 1)


def _local_stack(settings: Settings) -> Stack:
    """ServiceError where the database is not the embedded one."""
    stack = Stack(settings)
    if settings.env != "local" or stack.postgres is None:
        raise ServiceError(_ELSEWHERE)
    return stack


def _backup(resources: Resources, out: Path, recipients: tuple[str, ...]) -> "Backup":
    from ebook_pipeline.resources.database import dumps
    from ebook_pipeline.services.preserving import key_file, sealing
    from ebook_pipeline.services.preserving.backup import Backup
    from ebook_pipeline.services.preserving.pool import BackupPool

    root = resources.settings.root
    if _is_below(out, root):
        raise ServiceError(f"{out} lies in the home that is backed up: choose another place")
    vault = resources.settings.vault
    key = key_file.backup_key(vault)
    sealing.make_identity(vault)
    try:
        seal = sealing.seal_of(key_file.vault_files(vault), recipients)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from error
    return Backup(
        root=root,
        scratch=resources.settings.scratch / "backup",
        pool=BackupPool(out.absolute(), seal),
        key=key,
        database=resources.database,
        dump=lambda name, target: dumps.dump(resources.postgres, name, target),
    )


def _write_keys(settings: Settings, target: Path, passphrase: str) -> None:
    from ebook_pipeline.services.preserving import key_file

    files = key_file.vault_files(settings.vault)
    key_file.write_key_file(target.absolute(), files, Secret(passphrase.encode()))


def _vault_files(vault: Path | None, keys: Path | None, source: str | None) -> "VaultFiles":
    """The vault's files, out of a copy of it or out of a file of keys under a passphrase."""
    from ebook_pipeline.services.preserving import key_file

    if vault is not None:
        return key_file.vault_files(vault)
    assert keys is not None
    assert source is not None
    return key_file.read_key_file(keys, Secret(passphrase_from(source).encode()))


@contextlib.contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A new folder beside the home, where it is made whole before it gets its name.

    What an earlier restore left there that was killed, its server included, goes.
    """
    from ebook_pipeline.resources.database.postgres import EmbeddedPostgres

    fresh = home.with_name(f"{home.name}.restoring")
    home.parent.mkdir(parents=True, exist_ok=True)
    before = dict(os.environ)
    with home.with_name(f"{home.name}.restoring.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServiceError(f"another restore of {home} is under way") from error
        EmbeddedPostgres(fresh / "postgres").stop()
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            yield fresh
        finally:
            EmbeddedPostgres(fresh / "postgres").stop()
            shutil.rmtree(fresh, ignore_errors=True)
            os.environ.clear()
            os.environ.update(before)
            Path(lock.name).unlink(missing_ok=True)


def _restored(found: "BackupSet", fresh: Path) -> dict[str, object]:
    """Make `fresh` a whole home that nothing runs in; what became of it."""
    from ebook_pipeline.resources.database import dumps
    from ebook_pipeline.services.preserving import restore as service
    from ebook_pipeline.services.preserving.manifest import DATABASES

    service.unpack(found, fresh)
    stack = Stack(Settings(home=fresh))
    assert stack.postgres is not None
    stack.postgres.start()
    for name in DATABASES:
        dumps.read_in(stack.postgres, name, service.dump_of(fresh, name))
        service.dump_of(fresh, name).unlink()
    with stack.borrowed():
        resources = Resources(stack.settings)
        try:
            return {"set": found.name, **_settled(resources, found)}
        finally:
            resources.close()
            stack.postgres.stop()


def _settled(resources: Resources, found: "BackupSet") -> dict[str, object]:
    """Take away again what was taken away, end dead runs, and look at every release."""
    from ebook_pipeline.cli.purge import replayed
    from ebook_pipeline.jobs import dead_runs
    from ebook_pipeline.services import audit_heads
    from ebook_pipeline.services.preserving import restore as service
    from ebook_pipeline.services.preserving.tombstone_log import logged
    from ebook_pipeline.services.verifying.verification import verifier

    documents = [*logged(resources.object_store), *service.tombstones(found)]
    again = replayed(resources, documents)
    audit_heads.accept_end(
        *(resources.database, resources.object_store),
        f"restored from set {found.name}",
        actor="restore",
    )
    dead = dead_runs.fail_restored_runs()
    closed = service.keys_that_do_not_open(resources.database, resources.key_vault)
    rounds = list(verifier(resources.settings, resources, repair=True).all())
    books = [book for one in rounds for book in one.books]
    broken = [book.book for book in books if not book.whole]
    return {
        "files": len(found.manifest.files),
        "releases": len(books),
        "broken": broken,
        "closed_keys": closed,
        "purged_again": again.books,
        "erased_again": again.persons,
        "failed_runs": len(dead),
        "left_out": list(found.manifest.left_out),
        "whole": not broken and not closed and all(one.whole for one in rounds),
    }


def _tell(done: "BackupSummary", keys: Path | None, *, as_json: bool) -> None:
    if as_json:
        print_json([done])
        return
    new = f"{done.new_files} new, {done.new_bytes:,} bytes"
    console().print(f"{done.name}: {done.files} files, {done.bytes:,} bytes; {new}")
    for name in done.removed_sets:
        console().print(f"removed: {name}")
    for words in done.left_out:
        messages().print(f"[bold red]left out[/]: {safe(words)}")
    if keys is None:
        messages().print("Without keys: this backup is of no use without a copy of the vault.")


def _tell_restored(home: Path, facts: dict[str, object]) -> None:
    out = console()
    out.print(f"{safe(str(home))}: set {facts['set']}, {facts['files']} files", soft_wrap=True)
    out.print(f"{facts['releases']} releases verified, broken: {facts['broken'] or 'none'}")
    out.print(
        f"{facts['purged_again']} books purged again, {facts['erased_again']} persons erased again"
    )
    if facts["closed_keys"]:
        messages().print(f"[bold red]keys that do not open[/]: {facts['closed_keys']}")


def _is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
