"""What changed of products since they were told: whole records of new ones, blocks of others.

ONIX 3.0 tells changes of a known product by block: a record with notification type 04 has the
product's identifiers and every block that changed, whole; the blocks that it leaves out stand.
https://www.editeur.org/files/ONIX%203/Introduction_to_ONIX_for_Books_3.0.pdf, “Block updates”
"""

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from ebook_pipeline.books.selling.onix.codes import NotificationType
from ebook_pipeline.books.selling.onix.elements import NAMESPACE

_HEAD = frozenset({"RecordReference", "NotificationType", "ProductIdentifier"})
_IDENTIFIERS = "identifiers"
_DIGITS = 16


@dataclass(frozen=True)
class ProductState:
    """A product as it was told: a digest of each block, and one of its identifiers, by name."""

    digests: Mapping[str, str]


def state_of(product: etree._Element) -> ProductState:
    """What is kept of a whole record, so that changes can be told later."""
    found = {_IDENTIFIERS: _digest(_named(product, "ProductIdentifier"))}
    found |= {name: _digest(_named(product, name)) for name in _blocks(product)}
    return ProductState(found)


def update(product: etree._Element, before: ProductState | None) -> etree._Element | None:
    """What to tell of a product that was told as `before`; None where nothing has changed.

    The whole record of a new product, and of one whose identifiers changed or that has lost a
    block: an empty block is not everywhere taken for none.
    """
    now = state_of(product).digests
    if before is None:
        return product
    if now == before.digests:
        return None
    kept = before.digests.get(_IDENTIFIERS) == now[_IDENTIFIERS]
    if not kept or set(before.digests) - set(now):
        return product
    changed = {name for name, digest in now.items() if before.digests.get(name) != digest}
    told = copy.deepcopy(product)
    for child in list(told):
        name = etree.QName(child).localname
        if name == "NotificationType":
            child.text = NotificationType.UPDATE.value
        elif name not in _HEAD and name not in changed:
            told.remove(child)
    return told


def _blocks(product: etree._Element) -> list[str]:
    names = (etree.QName(child).localname for child in product)
    return list(dict.fromkeys(name for name in names if name not in _HEAD))


def _named(product: etree._Element, name: str) -> list[etree._Element]:
    return product.findall(f"{{{NAMESPACE}}}{name}")


def _digest(parts: list[etree._Element]) -> str:
    written = b"".join(etree.tostring(part, method="c14n") for part in parts)
    return hashlib.sha256(written).hexdigest()[:_DIGITS]
