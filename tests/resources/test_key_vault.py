"""One contract for both key vaults."""

import json
import logging
import os
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_kms import KMSClient

from ebook_pipeline.foundation.errors import Damaged, Denied, NotFound, ServiceError, Unavailable
from ebook_pipeline.resources.aws import Aws
from ebook_pipeline.resources.key_vault import KeyVault, KmsKeyVault, LocalKeyVault
from tests.support.servers.fixed_answer import Answering

CONTEXT = {"book": "emma", "edition": "1"}


@pytest.fixture(scope="session")
def kms(aws: Aws) -> KMSClient:
    return aws.kms()


@pytest.fixture
def kms_key(kms: KMSClient) -> str:
    return kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.fixture(params=["local", "kms"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> KeyVault:
    if request.param == "local":
        return LocalKeyVault(tmp_path / "vault")
    return KmsKeyVault(request.getfixturevalue("kms"), request.getfixturevalue("kms_key"))


def test_a_data_key_opens_with_its_context(vault: KeyVault) -> None:
    made = vault.new_data_key(CONTEXT)
    assert len(made.plaintext.reveal()) == 32
    assert vault.unwrap(made.wrapped, dict(reversed(CONTEXT.items()))) == made.plaintext


def test_every_data_key_is_another_one(vault: KeyVault) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: vault.new_data_key(CONTEXT), range(16)))
    assert len({key.plaintext.reveal() for key in made}) == 16
    assert all(vault.unwrap(key.wrapped, CONTEXT) == key.plaintext for key in made)


@pytest.mark.parametrize(
    "other", [{}, {"book": "emma"}, {"book": "emma", "edition": "2"}, CONTEXT | {"reader": "x"}]
)
def test_another_context_is_denied(vault: KeyVault, other: dict[str, str]) -> None:
    wrapped = vault.new_data_key(CONTEXT).wrapped
    with pytest.raises(Denied) as caught:
        vault.unwrap(wrapped, other)
    assert not caught.value.retryable
    with pytest.raises(Denied):
        vault.rewrap(wrapped, other)


def test_a_tampered_key_is_denied(vault: KeyVault) -> None:
    wrapped = vault.new_data_key(CONTEXT).wrapped
    for tampered in (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), wrapped[:-1], wrapped[:10]):
        with pytest.raises(Denied):
            vault.unwrap(tampered, CONTEXT)


def test_a_rewrapped_key_is_the_same_key_in_another_wrapping(vault: KeyVault) -> None:
    made = vault.new_data_key(CONTEXT)
    again = vault.rewrap(made.wrapped, CONTEXT)
    assert again != made.wrapped
    assert vault.unwrap(again, CONTEXT) == made.plaintext
    assert vault.unwrap(made.wrapped, CONTEXT) == made.plaintext


def test_the_key_is_shown_nowhere(vault: KeyVault, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        made = vault.new_data_key(CONTEXT)
        vault.unwrap(made.wrapped, CONTEXT)
    secret = made.plaintext.reveal()
    shown = f"{made} {made!r} {made.plaintext}" + caplog.text
    assert secret.hex() not in shown
    assert repr(secret)[2:-1] not in shown
    for dump in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError):
            dump(made)


class TestOnDisk:
    """What only the local vault has: files, rights, rotation."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "new" / "vault"

    @pytest.fixture
    def vault(self, folder: Path) -> KeyVault:
        return LocalKeyVault(folder)

    def test_master_keys_are_for_their_owner_only(self, vault: LocalKeyVault, folder: Path) -> None:
        folder.mkdir(parents=True, mode=0o755)
        vault.new_data_key(CONTEXT)
        vault.rotate()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert sorted(path.name for path in folder.iterdir()) == ["0001.key", "0002.key"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}

    def test_a_master_key_that_others_can_read_is_refused(
        self, vault: LocalKeyVault, folder: Path
    ) -> None:
        wrapped = vault.new_data_key(CONTEXT).wrapped
        (folder / "0001.key").chmod(0o644)
        with pytest.raises(Denied, match="chmod 600"):
            vault.unwrap(wrapped, CONTEXT)
        with pytest.raises(Denied):
            vault.new_data_key(CONTEXT)

    def test_a_short_master_key_is_damaged(self, vault: LocalKeyVault, folder: Path) -> None:
        vault.new_data_key(CONTEXT)
        (folder / "0001.key").write_bytes(b"short")
        with pytest.raises(Damaged):
            vault.new_data_key(CONTEXT)

    def test_many_first_users_make_one_master_key(self, folder: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: LocalKeyVault(folder).new_data_key(CONTEXT), range(16)))
        assert [path.name for path in folder.iterdir()] == ["0001.key"]
        assert all(LocalKeyVault(folder).unwrap(key.wrapped, CONTEXT) for key in made)

    def test_old_keys_open_after_a_rotation_by_another_process(
        self, vault: LocalKeyVault, folder: Path
    ) -> None:
        old = vault.new_data_key(CONTEXT)
        name = LocalKeyVault(folder).rotate()
        new = vault.new_data_key(CONTEXT)
        assert old.wrapped[4:12] != new.wrapped[4:12]
        assert new.wrapped[4:12].hex() == name
        assert vault.rewrap(old.wrapped, CONTEXT)[4:12].hex() == name
        assert vault.unwrap(old.wrapped, CONTEXT) == old.plaintext

    def test_eight_rotations_at_a_time_make_eight_keys(
        self, vault: LocalKeyVault, folder: Path
    ) -> None:
        with ThreadPoolExecutor(8) as pool:
            names = set(pool.map(lambda _: vault.rotate(), range(8)))
        assert len(names) == len(list(folder.iterdir())) == 8

    def test_a_key_of_another_vault_is_denied(self, vault: LocalKeyVault, tmp_path: Path) -> None:
        wrapped = LocalKeyVault(tmp_path / "other").new_data_key(CONTEXT).wrapped
        with pytest.raises(Denied):
            vault.unwrap(wrapped, CONTEXT)

    def test_unwrapping_makes_no_master_key(self, vault: LocalKeyVault, folder: Path) -> None:
        with pytest.raises(Denied):
            vault.unwrap(b"EKV1" + bytes(68), CONTEXT)
        assert not folder.exists()

    def test_what_a_killed_writer_leaves_is_no_master_key(
        self, vault: LocalKeyVault, folder: Path
    ) -> None:
        folder.mkdir(parents=True)
        (folder / ".0123.tmp").write_bytes(os.urandom(12))
        key = vault.new_data_key(CONTEXT)
        assert vault.unwrap(key.wrapped, CONTEXT) == key.plaintext

    @given(bit=st.integers(0, 72 * 8 - 1))
    def test_every_bit_of_a_wrapped_key_is_protected(self, vault: LocalKeyVault, bit: int) -> None:
        wrapped = bytearray(vault.new_data_key(CONTEXT).wrapped)
        assert len(wrapped) == 72
        wrapped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Denied):
            vault.unwrap(bytes(wrapped), CONTEXT)

    @given(st.dictionaries(st.text(), st.text()), st.dictionaries(st.text(), st.text()))
    def test_only_an_equal_context_opens(
        self, vault: LocalKeyVault, one: dict[str, str], other: dict[str, str]
    ) -> None:
        made = vault.new_data_key(one)
        if one == other:
            assert vault.unwrap(made.wrapped, other) == made.plaintext
            return
        with pytest.raises(Denied):
            vault.unwrap(made.wrapped, other)


def test_moving_to_another_kms_key_is_a_rewrap(kms: KMSClient, kms_key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    made = KmsKeyVault(kms, kms_key).new_data_key(CONTEXT)
    moved = KmsKeyVault(kms, other).rewrap(made.wrapped, CONTEXT)
    assert KmsKeyVault(kms, other).unwrap(moved, CONTEXT) == made.plaintext


def test_a_kms_key_that_is_missing_is_not_found(kms: KMSClient) -> None:
    with pytest.raises(NotFound):
        KmsKeyVault(kms, "00000000-0000-0000-0000-000000000000").new_data_key(CONTEXT)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "ThrottlingException", Unavailable),
        (500, "KMSInternalException", Unavailable),
        (503, "DependencyTimeoutException", Unavailable),
        (400, "AccessDeniedException", Denied),
        (400, "InvalidCiphertextException", Denied),
        (400, "IncorrectKeyException", Denied),
        (400, "DisabledException", ServiceError),
    ],
)
def test_what_kms_answers_is_one_of_our_errors(
    faulty: Answering, status: int, code: str, expected: type[ServiceError]
) -> None:
    body = json.dumps({"__type": code, "message": "m"}).encode()
    with faulty(status, body) as (url, _):
        vault = KmsKeyVault(Aws("eu-central-1", url, attempts=1).kms(), "key")
        with pytest.raises(ServiceError) as caught:
            vault.unwrap(b"wrapped", CONTEXT)
    assert type(caught.value) is expected
