"""Ids of structure elements numbered anew: a browser's differ from one run to the next."""

from collections.abc import Iterator
from typing import Any

import pikepdf


def renumber_ids(pdf: pikepdf.Pdf) -> None:
    """Number the ids of the ID tree in its order, there and in cells that name them as headers.

    ISO 32000-2 §14.7.2 (IDTree), §14.8.5.7 (Headers).
    """
    root = pdf.Root.get("/StructTreeRoot")
    tree = None if root is None else root.get("/IDTree")
    if tree is None:
        return
    names = sorted({bytes(name) for name in _names(tree)})
    new = {name: b"e%08d" % number for number, name in enumerate(names)}
    _rename(tree, new)
    for element in pdf.objects:
        if isinstance(element, pikepdf.Dictionary) and element.get("/Type") == "/StructElem":
            _rename_element(element, new)


def _names(tree: Any) -> Iterator[pikepdf.Object]:
    yield from list(tree.get("/Names", []))[::2]
    for kid in tree.get("/Kids", []):
        yield from _names(kid)


def _rename(tree: Any, new: dict[bytes, bytes]) -> None:
    for key in ("/Names", "/Limits"):
        listed = tree.get(key)
        if listed is None:
            continue
        for number in range(0, len(listed), 2 if key == "/Names" else 1):
            listed[number] = pikepdf.String(new[bytes(listed[number])].decode())
    for kid in tree.get("/Kids", []):
        _rename(kid, new)


def _rename_element(element: Any, new: dict[bytes, bytes]) -> None:
    identifier = element.get("/ID")
    if identifier is not None and bytes(identifier) in new:
        element["/ID"] = pikepdf.String(new[bytes(identifier)].decode())
    attributes = element.get("/A")
    if attributes is None:
        return
    for attribute in attributes if isinstance(attributes, pikepdf.Array) else [attributes]:
        given = attribute.get("/Headers") if isinstance(attribute, pikepdf.Dictionary) else None
        headers: Any = [] if given is None else given
        for number in range(len(headers)):
            name = bytes(headers[number])
            headers[number] = pikepdf.String(new.get(name, name).decode("latin-1"))
