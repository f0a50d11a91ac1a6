"""``META-INF/encryption.xml``: which resources are encrypted, and how (LCP 1.0 §2.2).

https://readium.org/lcp-specs/releases/lcp/latest#22-using-meta-infencryptionxml-for-lcp
"""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from lxml import etree

from ebook_pipeline.books.protecting.lcp.profiles import CONTENT_ALGORITHM
from ebook_pipeline.books.protecting.lcp.publication import ENCRYPTION
from ebook_pipeline.foundation.errors import BookError, Damaged

OCF = "urn:oasis:names:tc:opendocument:xmlns:container"
ENC = "http://www.w3.org/2001/04/xmlenc#"
DS = "http://www.w3.org/2000/09/xmldsig#"
COMPRESSION = "http://www.idpf.org/2016/encryption#compression"
CONTENT_KEY_URI = "license.lcpl#/encryption/content_key"
CONTENT_KEY_TYPE = "http://readium.org/2014/01/lcp#EncryptedContentKey"

FONT_OBFUSCATION = frozenset(
    {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
)
_URI_PATH = "/!$&'()*+,;=@~"

_PREFIXES = {"enc": ENC, "ds": DS, "comp": COMPRESSION}


@dataclass(frozen=True)
class EncryptedResource:
    """One resource under the content key; `length` is that of the resource as submitted."""

    path: str
    compressed: bool
    length: int


def empty() -> etree._Element:
    """A document that lists nothing yet."""
    return etree.fromstring(f'<encryption xmlns="{OCF}"/>')


def append(root: etree._Element, resource: EncryptedResource) -> None:
    """List `resource` as encrypted under the content key of the licence."""
    data = etree.SubElement(root, f"{{{ENC}}}EncryptedData", {}, _PREFIXES)
    _add(data, ENC, "EncryptionMethod", Algorithm=CONTENT_ALGORITHM)
    key = _add(data, DS, "KeyInfo")
    _add(key, DS, "RetrievalMethod", URI=CONTENT_KEY_URI, Type=CONTENT_KEY_TYPE)
    cipher = _add(data, ENC, "CipherData")
    _add(cipher, ENC, "CipherReference", URI=quote(resource.path, safe=_URI_PATH))
    facts = _add(_add(data, ENC, "EncryptionProperties"), ENC, "EncryptionProperty")
    method = "8" if resource.compressed else "0"
    _add(facts, COMPRESSION, "Compression", Method=method, OriginalLength=str(resource.length))


def obfuscated(root: etree._Element) -> frozenset[str]:
    """Paths of obfuscated fonts: legal, undone by reading systems, left as they are.

    `BookError` where anything else has encrypted the book already: it can't be protected twice.
    https://www.w3.org/TR/epub-33/#sec-font-obfuscation
    """
    data = [each for each in root.iter(f"{{{ENC}}}EncryptedData") if not is_ours(each)]
    for each in data:
        if _algorithm(each) not in FONT_OBFUSCATION:
            raise BookError(
                "lcp.already-encrypted",
                "The book is encrypted already by some other protection.",
                place=ENCRYPTION,
                remedy="Submit the book as it was before any protection.",
            )
    return frozenset(_path(each) for each in data)


def encrypted_resources(root: etree._Element) -> dict[str, EncryptedResource]:
    """What `append` listed, by path."""
    ours = (_resource(each) for each in root.iter(f"{{{ENC}}}EncryptedData") if is_ours(each))
    return {resource.path: resource for resource in ours}


def is_ours(data: etree._Element) -> bool:
    """Whether the content key of a licence is what this resource is encrypted with."""
    methods = data.iter(f"{{{DS}}}RetrievalMethod")
    return any(method.get("Type") == CONTENT_KEY_TYPE for method in methods)


def without_ours(root: etree._Element) -> etree._Element:
    """`root` as it was before `append`; the element itself is changed."""
    for data in [each for each in root.iter(f"{{{ENC}}}EncryptedData") if is_ours(each)]:
        parent = data.getparent()
        if parent is not None:
            parent.remove(data)
    return root


def to_bytes(root: etree._Element) -> bytes:
    """The document as UTF-8."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _resource(data: etree._Element) -> EncryptedResource:
    compression = data.find(f".//{{{COMPRESSION}}}Compression")
    method, length = ("0", "0")
    if compression is not None:
        method, length = compression.get("Method", "0"), compression.get("OriginalLength", "0")
    if not (length.isascii() and length.isdigit()):
        raise Damaged(f"OriginalLength {length} is no length")
    return EncryptedResource(_path(data), method == "8", int(length))


def _add(parent: etree._Element, namespace: str, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)


def _algorithm(data: etree._Element) -> str:
    method = data.find(f"{{{ENC}}}EncryptionMethod")
    return "" if method is None else method.get("Algorithm", "")


def _path(data: etree._Element) -> str:
    reference = data.find(f".//{{{ENC}}}CipherReference")
    return "" if reference is None else unquote(reference.get("URI", ""))
