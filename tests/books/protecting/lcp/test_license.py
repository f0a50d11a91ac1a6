"""Licences for one reader: what LCP 1.0 §3 asks for, and who can open them."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import CertificateBuilder, Name, NameAttribute, random_serial_number
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ebook_pipeline.books.protecting.lcp import profiles, signature
from ebook_pipeline.books.protecting.lcp.encryption import protect, same_resources
from ebook_pipeline.books.protecting.lcp.license import (
    Issuer,
    LicenseRights,
    LicenseTerms,
    PublicationLink,
    embed,
    issue_license,
    issuer_for_tests,
    passphrase_hash,
    unlock,
)
from ebook_pipeline.books.records import BlobRef
from ebook_pipeline.foundation.errors import Damaged, Denied
from ebook_pipeline.foundation.secrets import Secret
from tests.support.books import mixed_epub as epubs

CONTENT_KEY = Secret(bytes(range(32)))
USER_KEY = passphrase_hash("White whale")
NOW = datetime.now(UTC)
DOWNLOAD = PublicationLink(
    href="https://example.org/moby.epub",
    blob=BlobRef(sha256="ab" * 32, length=264929, media_type="application/epub+zip"),
)
TERMS = LicenseTerms(
    reader="reader-1",
    hint="The beast",
    hint_url="https://example.org/hint",
    issued=NOW,
    rights=LicenseRights(pages=0, characters=2048, end=NOW + timedelta(days=21)),
)

EXAMPLE = {
    "id": "ef15e740-697f-11e3-949a-0800200c9a66",
    "issued": "2013-11-04T01:08:15+01:00",
    "updated": "2014-02-21T09:44:17+01:00",
    "provider": "https://www.imaginaryebookretailer.com",
    "encryption": {
        "profile": "http://readium.org/lcp/basic-profile",
        "content_key": {
            "encrypted_value": "/k8RpXqf4E2WEunCp76E8PjhS051NXwAXeTD1ioazYxCRGvHLAck/"
            "KQ3cCh5JxDmCK0nRLyAxs1X0aA3z55boQ==",
            "algorithm": "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        },
        "user_key": {
            "text_hint": "Enter your email address",
            "algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
            "key_check": "jJEjUDipHK3OjGt6kFq7dcOLZuicQFUYwQ+TYkAIWKm6Xv6kpHFhF7LOkUK/Owww",
        },
    },
    "links": [
        {
            "rel": "hint",
            "href": "https://www.imaginaryebookretailer.com/lcp/hint",
            "type": "text/html",
        }
    ],
    "user": {"id": "d9f298a7-7f34-49e7-8aae-4378ecb1d597"},
    "signature": {"value": "left out"},
}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return issuer_for_tests("https://example.org")


@pytest.fixture(scope="module")
def elliptic() -> Issuer:
    key = ec.generate_private_key(ec.SECP521R1())
    name = Name([NameAttribute(NameOID.COMMON_NAME, "EC")])
    builder = CertificateBuilder(name, name, key.public_key(), random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=1))
    certificate = builder.not_valid_after(NOW + timedelta(days=1)).sign(key, SHA256())
    return Issuer("https://example.org", certificate, key)


def test_the_document_has_what_the_standard_asks_for(issuer: Issuer) -> None:
    document = json.loads(issue_license(issuer, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS))
    assert set(document) == {
        "id", "issued", "provider", "encryption", "links", "user", "rights", "signature",
    }  # fmt: skip
    assert document["encryption"]["profile"] == profiles.BASIC
    assert document["encryption"]["user_key"]["text_hint"] == "The beast"
    assert [link["rel"] for link in document["links"]] == ["publication", "hint"]
    assert document["links"][0]["hash"] == "ab" * 32
    assert document["rights"] == {
        "print": 0,
        "copy": 2048,
        "end": (NOW + timedelta(days=21)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def test_the_readers_key_opens_it_and_no_other(issuer: Issuer) -> None:
    document = issue_license(issuer, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS)
    assert unlock(document, USER_KEY) == CONTENT_KEY
    for wrong in ("white whale", "White whale ", ""):
        with pytest.raises(Denied):
            unlock(document, passphrase_hash(wrong))


SHARED = issuer_for_tests("https://example.org")


@given(st.text(max_size=40))
def test_no_other_passphrase_opens_it(passphrase: str) -> None:
    document = issue_license(SHARED, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS)
    if passphrase != "White whale":
        with pytest.raises(Denied):
            unlock(document, passphrase_hash(passphrase))


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"2048", b"9999"), (b"reader-1", b"reader-2"), (b'"signature"', b'"sig"'), (b"{", b"")],
)
def test_a_changed_document_is_noticed(issuer: Issuer, old: bytes, new: bytes) -> None:
    document = issue_license(issuer, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS)
    with pytest.raises(Damaged):
        unlock(document.replace(old, new, 1), USER_KEY)


def test_an_elliptic_curve_signs_as_xml_signature_wants(elliptic: Issuer) -> None:
    document = issue_license(elliptic, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS)
    assert json.loads(document)["signature"]["algorithm"] == signature.ECDSA_SHA256
    assert unlock(document, USER_KEY) == CONTENT_KEY


def test_another_profile_has_its_own_way_to_the_user_key(issuer: Issuer) -> None:
    def transform(hashed: Secret) -> Secret:
        return Secret(hashlib.sha256(hashed.reveal() + b"confidential").digest())

    profile = "http://readium.org/lcp/profile-2.1"
    other = Issuer(issuer.provider, issuer.certificate, issuer.private_key, profile, transform)
    document = issue_license(other, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS)
    with pytest.raises(Denied):
        unlock(document, USER_KEY)
    assert unlock(document, transform(USER_KEY)) == CONTENT_KEY
    assert (issuer.test_only, other.test_only) == (True, False)


def test_a_certificate_must_be_valid_when_the_licence_is_issued(issuer: Issuer) -> None:
    late = TERMS.model_copy(update={"issued": NOW + timedelta(days=4000)})
    with pytest.raises(ValueError, match="certificate"):
        issue_license(issuer, CONTENT_KEY, USER_KEY, DOWNLOAD, late)


def test_control_characters_are_refused(issuer: Issuer) -> None:
    odd = TERMS.model_copy(update={"hint": "two\nlines"})
    with pytest.raises(ValueError, match="control characters"):
        issue_license(issuer, CONTENT_KEY, USER_KEY, DOWNLOAD, odd)


def test_the_canonical_form_is_the_standards_example() -> None:
    """LCP 1.0 §5.3.1 and the SHA-256 of §5.4.1.

    The example forgets to sort the link, an object in an array; its rule 2 and Readium's servers
    sort at every level, and so do we.
    """
    hint = b'"href":"https://www.imaginaryebookretailer.com/lcp/hint"'
    body = signature.canonical(EXAMPLE)
    assert b'[{%b,"rel":"hint","type":"text/html"}]' % hint in body
    as_printed = body.replace(hint + b',"rel":"hint"', b'"rel":"hint",' + hint)
    assert hashlib.sha256(as_printed).hexdigest() == (
        "23c68442c7214ba294ddd1a2902756e9fe575116a88f36e55baf94590a90c2ad"
    )


def test_a_licence_goes_into_the_container_and_changes_nothing_else(
    issuer: Issuer, tmp_path: Path
) -> None:
    source = epubs.write(tmp_path / "plain.epub")
    protect(source, tmp_path / "protected.epub", CONTENT_KEY, profiles.BASIC)
    document = issue_license(issuer, CONTENT_KEY, USER_KEY, DOWNLOAD, TERMS)
    embed(tmp_path / "protected.epub", document, tmp_path / "licensed.epub")
    assert epubs.read(tmp_path / "licensed.epub")["META-INF/license.lcpl"] == document
    assert same_resources(source, tmp_path / "licensed.epub", CONTENT_KEY) == ()
    with pytest.raises(ValueError, match="already"):
        embed(tmp_path / "licensed.epub", document, tmp_path / "twice.epub")
