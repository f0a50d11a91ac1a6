"""What a backup's folder holds is sealed, for its home or for whom somebody named."""

from pathlib import Path

import pytest
from pyrage import x25519

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.services.preserving import sealing
from ebook_pipeline.services.preserving.key_file import BACKUP_KEY, VaultFiles
from ebook_pipeline.services.preserving.manifest import BackedUpFile
from ebook_pipeline.services.preserving.pool import BackupPool

WORDS = b"It was a bright cold day in April. " * 9_000
"""More than four chunks of age."""


def vault() -> VaultFiles:
    identity = str(x25519.Identity.generate()).encode()
    return {BACKUP_KEY: bytes(range(32)), sealing.IDENTITY: identity + b"\n"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_bytes(WORDS)
    return path


def added(pool: BackupPool, book: Path) -> BackedUpFile:
    pool.prepare()
    with pool.alone():
        sha256, length = pool.add(book)
    assert pool.has(sha256, length)
    return BackedUpFile(path="landing/book.txt", sha256=sha256, length=length)


def test_a_file_comes_back_by_the_keys_it_was_sealed_for_and_by_no_others(
    tmp_path: Path, book: Path
) -> None:
    ours = vault()
    file = added(BackupPool(tmp_path / "out", sealing.seal_of(ours)), book)
    (sealed,) = (tmp_path / "out" / "data").glob("*/*")
    assert WORDS[:35] not in sealed.read_bytes()
    assert file.sha256 not in str(sealed)
    BackupPool(tmp_path / "out", sealing.seal_of(ours)).take(file, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == WORDS
    theirs = vault() | {BACKUP_KEY: ours[BACKUP_KEY]}
    with pytest.raises(Denied, match="sealed for another key"):
        BackupPool(tmp_path / "out", sealing.seal_of(theirs)).take(file, tmp_path / "theirs")
    with pytest.raises(ServiceError, match="is sealed"):
        BackupPool(tmp_path / "out").take(file, tmp_path / "theirs")


def test_what_is_sealed_for_somebody_else_the_home_itself_opens_no_more(
    tmp_path: Path, book: Path
) -> None:
    ours, kept = vault(), x25519.Identity.generate()
    seal = sealing.seal_of(ours, [str(kept.to_public())])
    file = added(BackupPool(tmp_path / "out", seal), book)
    with pytest.raises(Denied):
        BackupPool(tmp_path / "out", sealing.seal_of(ours)).take(file, tmp_path / "back")
    identity = tmp_path / "identity"
    identity.write_text(f"# created: today\n# public key: {kept.to_public()}\n{kept}\n")
    opening = sealing.seal_of(ours, others=sealing.read_identities(identity))
    BackupPool(tmp_path / "out", opening).take(file, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == WORDS


def test_a_folder_is_sealed_for_the_same_from_its_first_set_on(tmp_path: Path, book: Path) -> None:
    ours, other = vault(), str(x25519.Identity.generate().to_public())
    added(BackupPool(tmp_path / "out", sealing.seal_of(ours)), book)
    changed = BackupPool(tmp_path / "out", sealing.seal_of(ours, [other]))
    with pytest.raises(ServiceError, match="sealed for others"):
        added(changed, book)
    changed.bury("books-1", b"{}")  # tombstones are the home's in any case
    assert list(changed.tombstones()) == [("books-1", b"{}")]


def test_a_folder_of_an_earlier_release_goes_on_as_it_is(tmp_path: Path, book: Path) -> None:
    file = added(BackupPool(tmp_path / "out"), book)
    later = BackupPool(tmp_path / "out", sealing.seal_of(vault()))
    assert added(later, book) == file
    assert not later.is_sealed
    assert [path.name for path in (tmp_path / "out" / "data").glob("*/*")] == [file.sha256]
    later.take(file, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == WORDS


@pytest.mark.parametrize("how", ["a bit", "the end", "the last chunk", "all", "text"])
def test_a_sealed_file_that_was_changed_is_damaged(tmp_path: Path, book: Path, how: str) -> None:
    seal = sealing.seal_of(vault())
    pool = BackupPool(tmp_path / "out", seal)
    file = added(pool, book)
    (sealed,) = (tmp_path / "out" / "data").glob("*/*")
    body = sealed.read_bytes()
    bit = body[:100_000] + bytes([body[100_000] ^ 1]) + body[100_001:]
    last = len(WORDS) % (1 << 16) + 16
    sealed.write_bytes(
        {"a bit": bit, "the end": body[:-1], "the last chunk": body[:-last], "all": b""}.get(
            how, WORDS
        )
    )
    with pytest.raises(Damaged, match=r"landing/book\.txt is damaged"):
        pool.take(file, tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_what_is_no_key_is_said_to_be_none(tmp_path: Path) -> None:
    ours = vault()
    for text in ("age1nothing", "", "ssh-ed25519 AAAA", ours[sealing.IDENTITY].decode()):
        with pytest.raises(ValueError, match="no age recipient") as caught:
            sealing.seal_of(ours, [text])
        assert "SECRET" not in str(caught.value)  # whoever names the wrong half shows it to no log
    with pytest.raises(NotFound, match=sealing.IDENTITY):
        sealing.seal_of({BACKUP_KEY: bytes(32)})
    (tmp_path / "identity").write_text("AGE-SECRET-KEY-1NOTHING")
    with pytest.raises(Damaged, match="has no line"):
        sealing.read_identities(tmp_path / "identity")


def test_an_identity_is_never_shown() -> None:
    seal = sealing.seal_of(vault(), others=[Secret(b"AGE-SECRET-KEY-1X")])
    assert "AGE-SECRET" not in repr(seal)
