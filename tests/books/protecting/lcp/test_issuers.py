"""The operator's certificate and key, and what is refused with a reason that names the setting."""

import hashlib

import pytest

from ebook_pipeline.books.protecting.lcp import profiles
from ebook_pipeline.books.protecting.lcp.issuers import issuer_of, pem_for_tests
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret

PRODUCTION = "http://readium.org/lcp/profile-2.1"
PROVIDER = "https://example.org"
PEM = pem_for_tests(PROVIDER)


def doubled(hashed: bytes) -> bytes:
    return hashlib.sha256(hashed).digest()


def short(hashed: bytes) -> bytes:
    return hashed[:4]


@pytest.fixture(autouse=True)
def edrlab(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module as a licensed provider has one."""
    import sys
    import types

    module = types.ModuleType("edrlab_secret")
    vars(module).update(doubled=doubled, short=short)
    monkeypatch.setitem(sys.modules, "edrlab_secret", module)


def test_the_basic_profile_is_for_tests_only() -> None:
    assert issuer_of(PROVIDER, profiles.BASIC, PEM).test_only


def test_a_production_profile_uses_the_operators_function() -> None:
    issuer = issuer_of(PROVIDER, PRODUCTION, PEM, "edrlab_secret:doubled")
    assert not issuer.test_only
    assert issuer.transform(Secret(bytes(32))) == Secret(doubled(bytes(32)))


@pytest.mark.parametrize("name", ["", "nowhere", "nowhere:nothing", "edrlab_secret:nothing"])
def test_a_production_profile_needs_a_function_that_is_there(name: str) -> None:
    with pytest.raises(Denied, match="EBOOK_LCP_USER_KEY"):
        issuer_of(PROVIDER, PRODUCTION, PEM, name)


def test_a_user_key_has_32_bytes() -> None:
    issuer = issuer_of(PROVIDER, PRODUCTION, PEM, "edrlab_secret:short")
    with pytest.raises(Denied, match="32 bytes"):
        issuer.transform(Secret(bytes(32)))


def test_a_key_of_another_certificate_or_no_key_is_refused_without_showing_it() -> None:
    end = b"-----END CERTIFICATE-----\n"
    certificate = PEM.reveal().partition(end)[0] + end
    foreign = pem_for_tests(PROVIDER).reveal().partition(end)[2]
    for body, reason in [(certificate + foreign, "no pair"), (certificate, "PEM"), (b"", "PEM")]:
        with pytest.raises(Denied, match=reason) as caught:
            issuer_of(PROVIDER, profiles.BASIC, Secret(body))
        assert "BEGIN" not in str(caught.value)
