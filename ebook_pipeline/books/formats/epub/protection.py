"""DRM recognised by scheme, and told apart from the font obfuscation that EPUB allows.

EPUB 3.3 §4.2.6.3.2 (encryption.xml) and §4.3 (obfuscation),
https://www.w3.org/TR/epub-33/#sec-container-metainf-encryption.xml
"""

from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from ebook_pipeline.books.formats.epub import xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.foundation.findings import Finding, Severity

ENCRYPTION = "META-INF/encryption.xml"
RIGHTS = "META-INF/rights.xml"
LICENSE = "META-INF/license.lcpl"
SINF = "META-INF/sinf.xml"
OBFUSCATIONS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_ENC = "{http://www.w3.org/2001/04/xmlenc#}"
_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
_NAMES = {
    "adobe-adept": "Adobe ADEPT",
    "apple-fairplay": "Apple FairPlay",
    "readium-lcp": "Readium LCP",
    "barnes-noble": "Barnes & Noble",
    "unknown": "an unknown scheme",
}
_REMEDY = "Submit the book without copy protection: we protect it ourselves when it is released."


@dataclass(frozen=True)
class ContainerProtection:
    """`scheme` of the DRM or None; names of the encrypted and of the obfuscated files."""

    scheme: str | None = None
    encrypted: frozenset[str] = frozenset()
    obfuscated: frozenset[str] = frozenset()


def detect_protection(container: Archive) -> ContainerProtection:
    """What META-INF says of encryption; a malformed encryption.xml is read as far as it goes."""
    if ENCRYPTION not in container:
        return ContainerProtection(_scheme(container, b"") if LICENSE in container else None)
    data = container.read(ENCRYPTION, xml.LARGEST_DOCUMENT)
    encrypted, obfuscated = _encrypted(xml.parse(data, place=ENCRYPTION, recover=True))
    scheme = _scheme(container, data) if encrypted else None
    return ContainerProtection(scheme, frozenset(encrypted), frozenset(obfuscated))


def protection_finding(protection: ContainerProtection) -> Finding | None:
    """The finding that a protected book gets: protected, not damaged."""
    if protection.scheme is None:
        return None
    count = len(protection.encrypted)
    return Finding(
        rule=f"protection.{protection.scheme}",
        severity=Severity.FATAL,
        message=f"The book is protected with {_NAMES[protection.scheme]}: {count} encrypted files.",
        place=ENCRYPTION,
        remedy=_REMEDY,
    )


def _encrypted(root: etree._Element) -> tuple[set[str], set[str]]:
    encrypted: set[str] = set()
    obfuscated: set[str] = set()
    for encrypted_data in root.iter(f"{_ENC}EncryptedData"):
        method = encrypted_data.find(f"{_ENC}EncryptionMethod")
        algorithm = "" if method is None else method.get("Algorithm", "")
        names = (
            reference.get("URI", "") for reference in encrypted_data.iter(f"{_ENC}CipherReference")
        )
        (obfuscated if algorithm in OBFUSCATIONS else encrypted).update(map(unquote, names))
    return encrypted, obfuscated


def _scheme(container: Archive, encryption: bytes) -> str:
    if LICENSE in container or b"license.lcpl" in encryption:
        return "readium-lcp"
    if SINF in container:
        return "apple-fairplay"
    rights = container.read(RIGHTS, 1 << 20) if RIGHTS in container else b""
    if b"barnesandnoble" in rights:
        return "barnes-noble"
    if b"ns.adobe.com/adept" in rights + encryption:
        return "adobe-adept"
    return "unknown"
