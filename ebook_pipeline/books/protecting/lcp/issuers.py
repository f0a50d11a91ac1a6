"""Issuers of licences from what an operator has: certificate, key, and the way to a user key."""

import importlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import Certificate, load_pem_x509_certificate

from ebook_pipeline.books.protecting.lcp import profiles
from ebook_pipeline.books.protecting.lcp.license import Issuer, issuer_for_tests
from ebook_pipeline.books.protecting.lcp.signature import PrivateKey
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret

_USER_KEY_BYTES = 32


def issuer_of(provider: str, profile: str, pem: Secret, user_key: str = "") -> Issuer:
    """The issuer whose certificate and private key are in `pem`, one after the other.

    `user_key` is ``module:function``, which makes the user key of a passphrase's SHA-256 (both 32
    bytes): a licensed provider has EDRLab's. Raises `Denied` where key and certificate are no
    pair, or the profile is a production one without that function.
    """
    key, certificate = _pair(pem)
    if profiles.is_test_only(profile):
        return Issuer(provider, certificate, key, profile)
    if not user_key:
        raise Denied(f"{profile} needs EBOOK_LCP_USER_KEY: the function that EDRLab gave you")
    return Issuer(provider, certificate, key, profile, _transform(user_key))


def pem_for_tests(provider: str) -> Secret:
    """A new certificate and key in PEM: FOR TESTS ONLY."""
    made = issuer_for_tests(provider)
    key = made.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Secret(made.certificate.public_bytes(Encoding.PEM) + key)


def _pair(pem: Secret) -> tuple[PrivateKey, Certificate]:
    try:
        certificate = load_pem_x509_certificate(pem.reveal())
        key = load_pem_private_key(_private_part(pem), None)
    except (ValueError, TypeError):
        raise Denied("the LCP certificate or its private key is no PEM that can be read") from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise Denied("LCP licences are signed with RSA or an elliptic curve")
    if key.public_key() != certificate.public_key():
        raise Denied("the LCP certificate and its private key are no pair")
    return key, certificate


def _private_part(pem: Secret) -> bytes:
    body = pem.reveal()
    start = body.find(b"PRIVATE KEY-----")
    return body[body.rfind(b"-----BEGIN", 0, start) :]


def _transform(name: str) -> Callable[[Secret], Secret]:
    module, _, function = name.partition(":")
    try:
        transform = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise Denied(f"EBOOK_LCP_USER_KEY names no function: {name}") from error

    def user_key(hashed: Secret) -> Secret:
        made = Secret(transform(hashed.reveal()))
        if len(made) != _USER_KEY_BYTES:
            raise Denied("EBOOK_LCP_USER_KEY makes no user key of 32 bytes")
        return made

    return user_key
