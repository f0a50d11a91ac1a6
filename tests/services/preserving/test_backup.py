"""A home is backed up while it works and comes back whole; what is not whole comes back nowhere."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.services.preserving import key_file, manifest, sealing
from ebook_pipeline.services.preserving.manifest import BackedUpFile, BackupManifest
from ebook_pipeline.services.preserving.pool import BackupPool
from tests.support.homes import CONTACTS, Home, home_with_samples

PASSPHRASE = "five words that nobody says"


class Kept:
    """A home with the samples on sale, and one backup of it."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.out, self.keys = home, folder / "out", folder / "keys.json"
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(PASSPHRASE)
        self.first = self.backup()

    def backup(self, *words: object) -> dict[str, Any]:
        given = ("--keys", self.keys, "--passphrase-from", self.passphrase)
        done = self.home.ebooks("backup", self.out, *given, *words, "--json")
        assert done.code == 0, done.err
        return done.objects[0]

    def restore(self, target: Path, out: Path | None = None, *words: object) -> Any:
        given = ("--keys", self.keys, "--passphrase-from", self.passphrase)
        return self.home.ebooks(
            "restore", out or self.out, *given, *words, "--json", EBOOK_HOME=str(target)
        )

    @property
    def vault(self) -> key_file.VaultFiles:
        return key_file.read_key_file(self.keys, Secret(PASSPHRASE.encode()))

    def pool(self, root: Path | None = None) -> BackupPool:
        return BackupPool(root or self.out, sealing.seal_of(self.vault))

    @property
    def listed(self) -> Any:
        """The document of the first set."""
        body = self.pool().read_set(self.first["name"])
        return manifest.authenticated(body, key_file.key_of(self.vault), "set")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    folder = tmp_path_factory.mktemp("kept")
    with home_with_samples(folder / "home") as (home, _):
        yield Kept(home, folder)


@pytest.fixture
def forged(kept: Kept, tmp_path: Path) -> Path:
    """A copy of the backup, to be damaged."""
    shutil.copytree(kept.out, tmp_path / "forged")
    return tmp_path / "forged"


def free_edge(home: Home) -> None:
    """A restored home has the same port as the one that it is of."""
    home.stack.stop("edge")


@pytest.mark.prove
def test_a_backup_comes_back_into_an_empty_home_and_every_release_is_whole(
    kept: Kept, tmp_path: Path
) -> None:
    free_edge(kept.home)
    done = kept.restore(tmp_path / "back")
    assert done.code == 0, done.err
    (facts,) = done.objects
    assert (facts["broken"], facts["closed_keys"], facts["whole"]) == ([], [], True)
    assert facts["releases"] == 3
    before = kept.home.ebooks("status", "--json").objects
    after = kept.home.ebooks("status", "--json", EBOOK_HOME=str(tmp_path / "back"))
    assert [_without_links(book) for book in after.objects] == [
        _without_links(book) for book in before
    ]
    kept.home.ebooks("down", EBOOK_HOME=str(tmp_path / "back"))
    assert list(tmp_path.iterdir()) == [tmp_path / "back"]


def _without_links(book: dict[str, Any]) -> dict[str, Any]:
    """What is known of a book; its links name the port of the home that is asked."""
    return {name: value for name, value in book.items() if not str(value).count("http://")}


@pytest.mark.prove
def test_a_second_backup_copies_only_what_is_new(kept: Kept) -> None:
    again = kept.backup()
    assert again["files"] >= kept.first["files"]
    assert again["new_files"] < 12  # two dumps, and what was noted meanwhile
    names = BackupPool(kept.out).sets()
    assert kept.backup("--keep-days", 0)["removed_sets"] == names
    kept.first = {"name": BackupPool(kept.out).sets()[-1], "files": kept.first["files"]}


def test_sets_of_one_second_are_in_order_of_their_names() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    names = [
        manifest.set_name(noon + timedelta(microseconds=later), salt)
        for later, salt in ((0, "ffffff"), (1, "000000"), (999_999, "ffffff"))
    ]
    assert sorted(names) == names
    assert all(map(manifest.is_set_name, names))


@pytest.mark.prove
def test_no_key_and_no_passphrase_lies_in_what_was_backed_up(kept: Kept) -> None:
    vault = kept.home.settings.root / "vault"
    secrets = [path.read_bytes() for path in vault.iterdir()] + [PASSPHRASE.encode()]
    for path in (kept.keys, *(path for path in kept.out.rglob("*") if path.is_file())):
        body = path.read_bytes()
        assert not any(secret in body for secret in secrets), path
    assert kept.keys.stat().st_mode & 0o077 == 0
    assert kept.out.stat().st_mode & 0o077 == 0


@pytest.mark.prove
def test_nothing_of_a_book_or_a_person_can_be_read_in_a_backup(kept: Kept) -> None:
    files = kept.listed["files"]
    blobs = [file["sha256"] for file in files if file["path"].startswith("objects/blobs/")]
    words = (
        *CONTACTS,
        "@example.org",
        "river-bank",
        "PGDMP",
        "%PDF",
        "mimetypeapplication",
        *blobs,
    )
    assert any("river-bank" in file["path"] for file in files)
    for path in (path for path in kept.out.rglob("*") if path.is_file()):
        body = path.read_bytes() + str(path).encode()
        assert not [word for word in words if word.encode() in body], path


@pytest.mark.prove
def test_the_vaults_identity_opens_every_file_with_age_itself(kept: Kept, tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.from_str(kept.vault[sealing.IDENTITY].decode().strip())
    names = {sealing.seal_of(kept.vault).name(file["sha256"]) for file in kept.listed["files"]}
    for path in (kept.out / "data").glob("*/*"):
        if path.name in names:
            pyrage.decrypt(path.read_bytes(), [identity])
            names.remove(path.name)
    assert not names


@pytest.mark.prove
def test_the_keys_belong_elsewhere_and_the_backup_not_into_the_home(kept: Kept) -> None:
    inside = ("--keys", kept.out / "keys", "--passphrase-from", kept.passphrase)
    assert kept.home.ebooks("backup", kept.out, *inside).code == 2
    assert kept.home.ebooks("backup", kept.out).code == 2
    within = kept.home.settings.root / "backup"
    refused = kept.home.ebooks("backup", within, "--without-keys")
    assert (refused.code, "lies in the home" in refused.err) == (1, True)


@pytest.mark.prove
def test_a_folder_of_something_else_is_no_place_for_a_backup(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_bytes(b"x")
    refused = kept.home.ebooks("backup", tmp_path, "--without-keys")
    assert (refused.code, "neither empty nor a backup" in refused.err) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


@pytest.mark.prove
def test_a_home_that_holds_anything_is_not_restored_over(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "a").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for target in ("home", "link"):
        refused = kept.restore(tmp_path / target)
        assert refused.code == 1, refused.out
    assert (tmp_path / "home" / "a").read_bytes() == b"mine"
    assert kept.restore(kept.home.settings.root).code == 1


def refusal(kept: Kept, target: Path, out: Path) -> str:
    done = kept.restore(target, out)
    assert done.code == 1, done.out
    assert not target.exists()
    assert list(target.parent.glob("*restoring*")) == []
    said: str = done.err
    return said


@pytest.mark.prove
def test_a_byte_that_changed_is_named_and_nothing_is_restored(
    kept: Kept, forged: Path, tmp_path: Path
) -> None:
    files = kept.listed["files"]
    wanted = next(file for file in files if file["path"].startswith("objects/blobs/"))
    name = sealing.seal_of(kept.vault).name(wanted["sha256"])
    blob = forged / "data" / name[:2] / name
    body = bytearray(blob.read_bytes())
    body[len(body) // 2] ^= 1
    blob.write_bytes(body)
    said = refusal(kept, tmp_path / "back", forged)
    assert f"{wanted['path']} is damaged" in said
    blob.unlink()
    assert f"lacks {wanted['path']}" in refusal(kept, tmp_path / "back", forged)


@pytest.mark.prove
@pytest.mark.parametrize(
    "how", ["changed", "cut", "nothing", "deep", "signed by another", "not sealed"]
)
def test_a_list_that_is_not_ours_is_refused_whole(
    kept: Kept, forged: Path, tmp_path: Path, how: str
) -> None:
    name, pool = kept.first["name"], kept.pool(forged)
    body = pool.read_set(name)
    lists = {
        "changed": body.replace(b'"length":', b'"length":1', 1),
        "cut": body[:-20],
        "nothing": b"",
        "deep": b"[" * 200_000,
        "signed by another": manifest.signed(kept.listed, Secret(bytes(32))),
    }
    if how in lists:
        pool.write_set(name, lists[how])
    else:
        (forged / "sets" / f"{name}.json").write_bytes(body)
    assert f"set {name}" in refusal(kept, tmp_path / "back", forged)


PATHS = [
    "../x",
    "objects/../../x",
    "/etc/passwd",
    "objects//x",
    "objects/./x",
    "vault/0001.key",
    "dagster/dagster.yaml",
    "objects",
    "objects/a\0b",
    "",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_place_leads_out_of_the_home_even_where_the_list_is_signed(path: str) -> None:
    key = Secret(bytes(32))
    files = [file("postgres/ebooks.dump"), file("postgres/dagster.dump"), file(path)]
    document = {"format": 1, "made_at": "2026-01-01T00:00:00Z", "revision": "1", "files": files}
    with pytest.raises(Damaged, match="no place of a home"):
        manifest.read_manifest(manifest.signed(document, key), key, "set x")


def file(path: str) -> dict[str, object]:
    return {"path": path, "sha256": "0" * 64, "length": 1}


@pytest.mark.parametrize(
    "places", [("objects/a", "objects/a"), ("objects/a", "objects/a/b"), ("released/a",)]
)
def test_a_list_with_one_place_for_two_files_or_without_a_database_is_none(
    places: tuple[str, ...],
) -> None:
    dumps = ("postgres/ebooks.dump", "postgres/dagster.dump") if len(places) > 1 else ()
    files = tuple(BackedUpFile.model_validate(file(path)) for path in (*places, *dumps))
    with pytest.raises(ValueError, match=r"one place|there is no postgres"):
        BackupManifest.model_validate(
            {"made_at": "2026-01-01T00:00:00Z", "revision": "1", "files": files}
        )


def test_keys_come_back_by_their_passphrase_alone(tmp_path: Path) -> None:
    files = {"0001.key": bytes(32), key_file.BACKUP_KEY: bytes(range(32))}
    target = tmp_path / "keys"
    key_file.write_key_file(target, files, Secret(b"right"))
    assert key_file.read_key_file(target, Secret(b"right")) == files
    with pytest.raises(Denied, match="another one, or the file is damaged"):
        key_file.read_key_file(target, Secret(b"wrong"))
    for body in (b"", b"{}", b"[1]", b'{"salt": 1, "nonce": 2, "sealed": 3}', b"[" * 10_000):
        target.write_bytes(body)
        with pytest.raises(Damaged, match="no file of keys"):
            key_file.read_key_file(target, Secret(b"right"))
    with pytest.raises(NotFound, match="without a backup"):
        key_file.key_of({"0001.key": bytes(32)})


@pytest.mark.prove
def test_a_backup_that_is_killed_leaves_no_set_and_the_next_one_is_whole(
    kept: Kept, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = kept.home.started("backup", out, "--without-keys")
    while not any((out / "data").rglob("*/*")) if (out / "data").exists() else True:
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert BackupPool(out).sets() == []
    vault = kept.home.settings.root / "vault"
    refused = kept.home.ebooks("restore", out, "--vault", vault, EBOOK_HOME=str(tmp_path / "back"))
    assert (refused.code, "no set that is whole" in refused.err) == (1, True)
    assert kept.home.ebooks("backup", out, "--without-keys").code == 0
    assert len(BackupPool(out).sets()) == 1
    assert list((out / "tmp").iterdir()) == []


@pytest.mark.prove
def test_a_restore_that_is_killed_leaves_no_home_and_the_next_one_is_whole(
    kept: Kept, tmp_path: Path
) -> None:
    free_edge(kept.home)
    target = tmp_path / "back"
    words = ("--keys", kept.keys, "--passphrase-from", kept.passphrase)
    process = kept.home.started("restore", kept.out, *words, EBOOK_HOME=str(target))
    fresh = tmp_path / "back.restoring"
    while not (fresh / "postgres" / "data").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert not target.exists()
    done = kept.restore(target)
    assert done.code == 0, done.err
    assert [path.name for path in tmp_path.iterdir()] == ["back"]


@pytest.mark.prove
def test_what_was_purged_and_erased_since_is_purged_and_erased_again(
    kept: Kept, tmp_path: Path
) -> None:
    home, older = kept.home, kept.backup()["name"]
    known = home.ebooks("status", "--json").objects
    book = next(one["book"] for one in known if one["state"] == "released")
    (contact, *_) = CONTACTS
    assert home.ebooks("withdraw", "--now", book).code == 0
    assert home.ebooks("purge", book, "--reason", "a court said so").code == 0
    assert home.ebooks("person", "erase", contact).code == 0
    assert home.ebooks("backup", kept.out, "--tombstones").code == 0
    free_edge(home)
    target = tmp_path / "back"
    done = kept.restore(target, None, "--set", older)
    assert done.code == 0, done.err
    (facts,) = done.objects
    assert (facts["purged_again"], facts["erased_again"]) == (1, 1)
    back = home.ebooks("status", "--json", EBOOK_HOME=str(target)).objects
    assert book not in [one["book"] for one in back]
    listed = home.ebooks("purge", "--list", "--json", EBOOK_HOME=str(target)).objects
    assert [stone["reason"] for stone in listed] == ["a court said so"]
    assert home.ebooks("person", "export", contact, EBOOK_HOME=str(target)).code == 1
    home.ebooks("down", EBOOK_HOME=str(target))


@pytest.mark.prove
def test_a_tombstone_that_is_not_ours_purges_nothing(
    kept: Kept, forged: Path, tmp_path: Path
) -> None:
    document = json.dumps({"digest": "0", "contents": [], "reason": "spite", "actor": "mallory"})
    body = manifest.signed(document, Secret(bytes(32)))
    kept.pool(forged).bury("books-0", body)
    assert "tombstone books-0 was changed" in refusal(kept, tmp_path / "back", forged)
