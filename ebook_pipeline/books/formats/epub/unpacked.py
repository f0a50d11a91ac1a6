"""A container's files laid out in a folder for the browser: bounded, obfuscated fonts readable."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ebook_pipeline.books.formats.epub import archive, xml
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.package import PackageDocument
from ebook_pipeline.books.formats.epub.paths import resolve
from ebook_pipeline.foundation.errors import LimitExceeded

ENCRYPTION = "META-INF/encryption.xml"
LARGEST_BOOK = 2 << 30
"""Bytes of all files of a book together."""
_ENC = "{http://www.w3.org/2001/04/xmlenc#}"
_IDPF = "http://www.idpf.org/2008/embedding"
_ADOBE = "http://ns.adobe.com/pdf/enc#RC"


@dataclass(frozen=True)
class Obfuscation:
    """A font's mask: `key` repeated over the first `length` bytes. EPUB 3.3 §4.4."""

    key: bytes
    length: int

    def reveal(self, data: bytes) -> bytes:
        """`data` without the mask (which is its own inverse)."""
        head = data[: self.length]
        mask = (self.key * (len(head) // len(self.key) + 1))[: len(head)]
        return bytes(a ^ b for a, b in zip(head, mask, strict=True)) + data[self.length :]


def unpack(epub: Path, package: PackageDocument, folder: Path) -> None:
    """Write every file of `epub` below `folder`; names that would lead out of it are left out.

    Raises LimitExceeded (``container.total-size``) over 2 GiB, BookError where a file is damaged.
    """
    with archive.opened(epub) as container:
        fonts = obfuscations(container, package)
        total = 0
        for name in container.names:
            target = _inside(folder, name)
            if target is None:
                continue
            data = container.read(name)
            total += len(data)
            if total > LARGEST_BOOK:
                raise LimitExceeded("container.total-size", "The book is larger than 2 GiB.")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(fonts[name].reveal(data) if name in fonts else data)


def obfuscations(container: Archive, package: PackageDocument) -> dict[str, Obfuscation]:
    """The obfuscated files by name."""
    if ENCRYPTION not in container:
        return {}
    root = xml.parse(container.read(ENCRYPTION, xml.LARGEST_DOCUMENT), place=ENCRYPTION)
    masks: dict[str, Obfuscation] = {}
    for data in root.iter(f"{_ENC}EncryptedData"):
        mask = _mask(_attribute(data, "EncryptionMethod", "Algorithm"), package)
        name = resolve("", _attribute(data, "CipherData/{*}CipherReference", "URI"))
        if mask is not None and name:
            masks[name] = mask
    return masks


def _attribute(element: Any, path: str, name: str) -> str:
    child = element.find(f"{{*}}{path}")
    return "" if child is None else str(child.get(name, ""))


def _mask(algorithm: str, package: PackageDocument) -> Obfuscation | None:
    identifier = package.unique_identifier or ""
    if algorithm == _IDPF:
        bare = re.sub(r"[\x20\x09\x0d\x0a]", "", identifier)
        return Obfuscation(hashlib.sha1(bare.encode(), usedforsecurity=False).digest(), 1040)
    if algorithm == _ADOBE:
        digits = re.sub(r"[^0-9a-fA-F]", "", identifier.rsplit(":", 1)[-1])
        return Obfuscation(bytes.fromhex(digits), 1024) if len(digits) == 32 else None
    return None


def _inside(folder: Path, name: str) -> Path | None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        return None
    return folder / path
