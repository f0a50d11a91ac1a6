"""Licence Documents: what opens a protected publication for one reader.

Readium LCP 1.0 §3 and §4, https://readium.org/lcp-specs/releases/lcp/latest#3-license-document.
The basic profile is FOR TESTS ONLY: everything about it is public. A licensed provider sets
EDRLab's certificate, profile and confidential `transform` of the user key in an `Issuer`.
"""

import base64
import hashlib
import secrets
import shutil
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Annotated
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, CertificateBuilder, Name, NameAttribute
from cryptography.x509 import random_serial_number as serial
from cryptography.x509.oid import NameOID
from pydantic import AfterValidator, AwareDatetime, Field

from ebook_pipeline.books.protecting.lcp import ciphers, profiles, signature
from ebook_pipeline.books.protecting.lcp.publication import CONTAINER, LICENSE
from ebook_pipeline.books.records import BlobRef, Record, canonical_json
from ebook_pipeline.foundation.errors import Damaged, Denied
from ebook_pipeline.foundation.foreign_json import parse_json
from ebook_pipeline.foundation.secrets import Secret

MEDIA_TYPE = "application/vnd.readium.lcp.license.v1.0+json"
STATUS_MEDIA_TYPE = "application/vnd.readium.license.status.v1.0+json"


def passphrase_hash(passphrase: str) -> Secret:
    """SHA-256 of the passphrase as it was typed: no trimming, no normalization (§4.2)."""
    return Secret(hashlib.sha256(passphrase.encode()).digest())


def basic_user_key(hashed: Secret) -> Secret:
    """The basic profile uses the hash itself as User Key: FOR TESTS ONLY."""
    return hashed


@dataclass(frozen=True)
class Issuer:
    """Who signs licences, under which profile; `transform` makes the User Key of a hash."""

    provider: str
    certificate: Certificate
    private_key: signature.PrivateKey
    profile: str = profiles.BASIC
    transform: Callable[[Secret], Secret] = basic_user_key

    @property
    def test_only(self) -> bool:
        """Whether its licences protect nothing: the basic profile, or its way to the User Key."""
        return profiles.is_test_only(self.profile) or self.transform is basic_user_key


def _within_reason(moment: datetime) -> datetime:
    """Neither calendars nor databases agree on what lies far away."""
    if not 1900 <= moment.year <= 9000:
        raise ValueError("a licence is of the years 1900 to 9000")
    return moment


LicenseMoment = Annotated[AwareDatetime, AfterValidator(_within_reason)]
_MOST = 2**31 - 1


class LicenseRights(Record):
    """§3.6: how many pages may be printed and characters copied, and when; None is no limit."""

    pages: int | None = Field(default=None, ge=0, le=_MOST)
    characters: int | None = Field(default=None, ge=0, le=_MOST)
    start: LicenseMoment | None = None
    end: LicenseMoment | None = None


class LicenseTerms(Record):
    """One licence of one reader: `hint` helps to remember the passphrase, `hint_url` helps more.

    A renewed licence keeps `id` and `issued` and says when it was `updated`; `status_url` is where
    its Status Document is.
    """

    reader: str
    hint: str
    hint_url: str
    issued: AwareDatetime
    updated: AwareDatetime | None = None
    status_url: str | None = None
    rights: LicenseRights = LicenseRights()
    id: str = Field(default_factory=lambda: str(uuid.uuid4()))


class PublicationLink(Record):
    """Where the protected publication is, and its bytes before any licence is put into it."""

    href: str
    blob: BlobRef


def issue_license(
    issuer: Issuer,
    content_key: Secret,
    hashed: Secret,
    download: PublicationLink,
    terms: LicenseTerms,
) -> bytes:
    """A signed Licence Document; `hashed` is the reader's `passphrase_hash`.

    ValueError where the certificate was not valid when it was issued or last updated (§5.2.1).
    """
    certificate, written = issuer.certificate, terms.updated or terms.issued
    if not certificate.not_valid_before_utc <= written <= certificate.not_valid_after_utc:
        raise ValueError("the provider's certificate is not valid when the licence is issued")
    user_key = issuer.transform(hashed)
    document: dict[str, object] = {
        "id": terms.id,
        "issued": utc_timestamp(terms.issued),
        "provider": issuer.provider,
        "encryption": _encryption(issuer.profile, content_key, user_key, terms),
        "links": _links(download, terms),
        "user": {"id": terms.reader},
    }
    if terms.updated is not None:
        document["updated"] = utc_timestamp(terms.updated)
    if rights := _rights(terms.rights):
        document["rights"] = rights
    signed = signature.sign(document, issuer.private_key, certificate)
    return canonical_json({**document, "signature": signed})


def unlock(document: bytes, user_key: Secret) -> Secret:
    """The content key. Damaged where the signature is wrong, Denied where the user key is."""
    try:
        licence = parse_json(document)
    except ValueError as error:
        raise Damaged("the licence is no JSON document") from error
    signature.verify(licence)
    key_check = _text(licence, "encryption", "user_key", "key_check")
    encrypted_key = _text(licence, "encryption", "content_key", "encrypted_value")
    try:
        check = _decrypted(key_check, user_key)
        content_key = _decrypted(encrypted_key, user_key)
    except Damaged as error:
        raise Denied("another passphrase") from error
    if check != _text(licence, "id").encode():
        raise Denied("another passphrase")
    return Secret(content_key)


def embed(protected: Path, document: bytes, target: Path) -> None:
    """Write `protected` with the licence in it as `target` (§3.2). ValueError if it has one.

    An EPUB carries it in ``META-INF/``, a package of a PDF at its root.
    """
    shutil.copyfile(protected, target)
    with ZipFile(target, "a") as archive:
        names = archive.namelist()
        place = LICENSE if CONTAINER in names else Path(LICENSE).name
        if place in names:
            raise ValueError(f"{protected} carries a licence already")
        info = ZipInfo(place, (1980, 1, 1, 0, 0, 0))
        archive.writestr(info, document, ZIP_DEFLATED)


def issuer_for_tests(provider: str) -> Issuer:
    """A self-signed certificate of ten years and the basic profile: FOR TESTS ONLY."""
    key = generate_private_key(65537, 2048)
    name = Name([NameAttribute(NameOID.COMMON_NAME, "LCP test provider")])
    now = datetime.now(UTC)
    builder = CertificateBuilder(name, name, key.public_key(), serial())
    builder = builder.not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=3650))
    return Issuer(provider, builder.sign(key, SHA256()), key)


def _encryption(profile: str, content_key: Secret, user_key: Secret, terms: LicenseTerms) -> object:
    """§3.4: the content key under the user key, and a way to tell that the user key is right."""
    return {
        "profile": profiles.known(profile),
        "content_key": {
            "algorithm": profiles.CONTENT_ALGORITHM,
            "encrypted_value": _encrypted(content_key.reveal(), user_key),
        },
        "user_key": {
            "algorithm": profiles.USER_KEY_ALGORITHM,
            "text_hint": terms.hint,
            "key_check": _encrypted(terms.id.encode(), user_key),
        },
    }


def _links(download: PublicationLink, terms: LicenseTerms) -> list[dict[str, object]]:
    """§3.5 says Base64 for `hash`; its example, servers and readers have hex."""
    blob = download.blob
    links: list[dict[str, object]] = [
        {
            "rel": "publication",
            "href": download.href,
            "type": blob.media_type,
            "length": blob.length,
            "hash": blob.sha256,
        },
        {"rel": "hint", "href": terms.hint_url, "type": "text/html"},
    ]
    if terms.status_url is not None:
        links.append({"rel": "status", "href": terms.status_url, "type": STATUS_MEDIA_TYPE})
    return links


def _rights(rights: LicenseRights) -> dict[str, object]:
    limits: Iterable[tuple[str, object]] = (
        ("print", rights.pages),
        ("copy", rights.characters),
        ("start", rights.start and utc_timestamp(rights.start)),
        ("end", rights.end and utc_timestamp(rights.end)),
    )
    return {name: value for name, value in limits if value is not None}


def utc_timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, in whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _encrypted(value: bytes, key: Secret) -> str:
    body = b"".join(ciphers.encrypted([value], key, secrets.token_bytes(ciphers.BLOCK)))
    return base64.b64encode(body).decode()


def _decrypted(value: str, key: Secret) -> bytes:
    return b"".join(ciphers.decrypted(BytesIO(base64.b64decode(value)), key))


def _text(document: object, *names: str) -> str:
    """The string at this place of the document."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    if not isinstance(document, str):
        raise Damaged(f"the licence lacks {'/'.join(names)}")
    return document
