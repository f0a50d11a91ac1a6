"""Who signs licences on this machine: the provider of the settings, or one for tests only."""

from typing import TYPE_CHECKING

from ebook_pipeline.books.protecting.lcp import profiles
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret
from ebook_pipeline.resources import disk
from ebook_pipeline.settings import Settings

if TYPE_CHECKING:
    from ebook_pipeline.books.protecting.lcp.license import Issuer

TEST_ONLY = (
    "TEST ONLY: licences under LCP's basic profile, or signed with a certificate of our own, "
    "protect nothing. Production needs EDRLab's certificate, profile and user key: "
    "docs/protecting.md."
)


def issuer_from(settings: Settings) -> "Issuer":
    """The issuer that the settings name.

    Without a certificate it is one for tests, made at first use and kept in the vault's folder.
    Raises `Denied` where settings contradict each other, `NotFound` where a file is missing.
    """
    from ebook_pipeline.books.protecting.lcp.issuers import issuer_of

    pem = _pem(settings)
    return issuer_of(settings.lcp_provider, settings.lcp_profile, pem, settings.lcp_user_key)


def protects_nothing(settings: Settings) -> bool:
    """Whether licences under these settings protect nothing."""
    return settings.lcp_certificate is None or profiles.is_test_only(settings.lcp_profile)


def _pem(settings: Settings) -> Secret:
    if settings.lcp_certificate is None:
        return _kept_for_tests(settings)
    if settings.lcp_private_key is None:
        raise Denied("EBOOK_LCP_CERTIFICATE needs EBOOK_LCP_PRIVATE_KEY")
    with disk.disk_errors("EBOOK_LCP_CERTIFICATE"):
        certificate = settings.lcp_certificate.read_bytes()
    return Secret(certificate + b"\n" + settings.lcp_private_key.get_secret_value().encode())


def _kept_for_tests(settings: Settings) -> Secret:
    """Racers all get the one that was written first."""
    from ebook_pipeline.books.protecting.lcp.issuers import pem_for_tests

    if not profiles.is_test_only(settings.lcp_profile):
        raise Denied(f"{settings.lcp_profile} needs EBOOK_LCP_CERTIFICATE: EDRLab issues it")
    path = settings.vault / "lcp-test-only.pem"
    with disk.disk_errors("the certificate for tests"):
        disk.make_folder(path.parent, mode=0o700)
        if not path.exists():
            disk.create_file(path, pem_for_tests(settings.lcp_provider).reveal(), mode=0o600)
        return Secret(path.read_bytes())
