"""Signatures of Licence Documents: canonical form, RSA or ECDSA over SHA-256.

Readium LCP 1.0 §5,
https://readium.org/lcp-specs/releases/lcp/latest#5-signature-and-public-key-infrastructure
"""

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate

from ebook_pipeline.books.records import canonical_json
from ebook_pipeline.foundation.errors import Damaged

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey
Document = Mapping[str, object]


def canonical(document: Document) -> bytes:
    """§5.3: without its signature, keys sorted by code point, no white space, UTF-8.

    The order holds inside arrays too, where the example of §5.3.1 forgets it: rule 2 and the
    servers sort at every level. ValueError for control characters: implementations escape them in
    different ways.
    """
    _refuse_control_characters(document)
    return canonical_json({name: document[name] for name in document if name != "signature"})


def sign(document: Document, key: PrivateKey, certificate: Certificate) -> dict[str, str]:
    """The `signature` object of `document`, §3.8."""
    body = canonical(document)
    if isinstance(key, RSAPrivateKey):
        algorithm, value = RSA_SHA256, key.sign(body, PKCS1v15(), SHA256())
    else:
        algorithm, value = ECDSA_SHA256, _concatenated(key, key.sign(body, ECDSA(SHA256())))
    return {
        "algorithm": algorithm,
        "certificate": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
        "value": base64.b64encode(value).decode(),
    }


def verify(document: Document) -> Certificate:
    """The certificate that signed `document`; whether to trust it is the caller's question.

    Raises Damaged where the document is not what was signed.
    """
    try:
        return _verified(document)
    except (InvalidSignature, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Damaged("the licence is not what its provider signed") from error


def _verified(document: Document) -> Certificate:
    signature = document["signature"]
    if not isinstance(signature, Mapping):
        raise TypeError("a signature is an object")
    value = base64.b64decode(signature["value"], validate=True)
    certificate = load_der_x509_certificate(base64.b64decode(signature["certificate"]))
    public, body = certificate.public_key(), canonical(document)
    if isinstance(public, RSAPublicKey) and signature["algorithm"] == RSA_SHA256:
        public.verify(value, body, PKCS1v15(), SHA256())
    elif isinstance(public, EllipticCurvePublicKey) and signature["algorithm"] == ECDSA_SHA256:
        half = len(value) // 2
        r, s = int.from_bytes(value[:half]), int.from_bytes(value[half:])
        public.verify(encode_dss_signature(r, s), body, ECDSA(SHA256()))
    else:
        raise ValueError("the algorithm is not the certificate's")
    return certificate


def _concatenated(key: EllipticCurvePrivateKey, der: bytes) -> bytes:
    """XML Signature wants r and s side by side, https://www.w3.org/TR/xmldsig-core1/#sec-ECDSA"""
    size = (key.key_size + 7) // 8
    r, s = decode_dss_signature(der)
    return r.to_bytes(size) + s.to_bytes(size)


def _refuse_control_characters(value: object) -> None:
    if isinstance(value, str) and any(character < " " for character in value):
        raise ValueError("a licence holds no control characters")
    if isinstance(value, Mapping):
        for name, item in value.items():
            _refuse_control_characters(name)
            _refuse_control_characters(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_control_characters(item)
