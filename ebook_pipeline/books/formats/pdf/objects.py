"""Objects of a stranger's file by the type that the standard asks for; of another, they are absent.

ISO 32000-2 §7.3 and §7.9.6 (name trees). Every walk here is bounded and sees an object once.
"""

import time
from collections.abc import Iterator
from itertools import islice

import pikepdf

MOST_ITEMS = 100_000
"""Items of an array, a dictionary or a tree that are looked at."""
_LONGEST_TEXT = 2000
"""Characters."""
_DEEPEST = 50
"""Nodes of the page tree above a page."""
UNREADABLE = (
    pikepdf.PikepdfError,
    ArithmeticError,
    AttributeError,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    RuntimeError,
)
"""What pikepdf raises on objects that contradict the standard; a RecursionError among them."""

ObjectId = tuple[int, int]


class TimeBudget:
    """Processor seconds that one check may use: a busy machine does not change a report."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.process_time() + seconds

    @property
    def spent(self) -> bool:
        return time.process_time() > self._ends


def dictionary(value: object) -> pikepdf.Object | None:
    """A dictionary, or a stream, which has one."""
    return value if isinstance(value, pikepdf.Dictionary | pikepdf.Stream) else None


def entry(holder: object, *keys: str) -> object:
    """The value below these keys, one after another; None where one is missing."""
    value: object = holder
    for key in keys:
        inner = dictionary(value)
        if inner is None:
            return None
        value = inner.get(key)
    return value


def array_items(value: object) -> list[object]:
    """The items of an array, the first hundred thousand of them; none of anything else."""
    return list(islice(value, MOST_ITEMS)) if isinstance(value, pikepdf.Array) else []


def dictionary_items(value: object) -> list[tuple[str, object]]:
    """The keys of a dictionary with their values."""
    holder = dictionary(value)
    return [] if holder is None else list(islice(holder.items(), MOST_ITEMS))


def name(value: object) -> str:
    """A name without its slash; empty where there is none."""
    return str(value)[1:] if isinstance(value, pikepdf.Name) else ""


def number(value: object) -> float | None:
    """An integer or a real number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)  # type: ignore[arg-type]  # int or Decimal, else refused here
    except (TypeError, ValueError, OverflowError):
        return None


def text(value: object) -> str:
    """A text string (§7.9.2) on one line, printable and bounded."""
    if not isinstance(value, pikepdf.String):
        return ""
    raw = str(value)[:_LONGEST_TEXT]
    return " ".join("".join(letter if letter.isprintable() else " " for letter in raw).split())


def object_id(value: object) -> ObjectId | None:
    """Which indirect object it is; None for one that is written in place."""
    if isinstance(value, pikepdf.Object) and value.is_indirect:
        return value.objgen
    return None


def inherited(page: object, wanted: str) -> object:
    """A page's attribute, its own or of the node above it that has one (§7.7.3.4)."""
    node: object = page
    for _ in range(_DEEPEST):
        value = entry(node, wanted)
        if value is not None:
            return value
        node = entry(node, "/Parent")
        if node is None:
            return None
    return None


def inherited_by(page: object, *wanted: str) -> dict[str, object]:
    """Those of these attributes that the page has, as `inherited` finds them, in one walk."""
    found: dict[str, object] = {}
    node, missing = dictionary(page), set(wanted)
    for _ in range(_DEEPEST):
        if node is None or not missing:
            break
        for key in missing.intersection(node.keys()):
            value = node.get(key)
            if value is not None:
                found[key] = value
        missing -= found.keys()
        node = dictionary(node.get("/Parent"))
    return found


def tree_pairs(root: object, leaves: str) -> Iterator[tuple[object, object]]:
    """The pairs of a name tree (`leaves` is /Names) or number tree (/Nums); loops are cut."""
    seen: set[ObjectId] = set()
    waiting = [root]
    count = 0
    while waiting and count < MOST_ITEMS:
        node = waiting.pop()
        identity = object_id(node)
        if identity in seen:
            continue
        if identity is not None:
            seen.add(identity)
        pairs = array_items(entry(node, leaves))
        count += len(pairs) + 1
        yield from zip(pairs[::2], pairs[1::2], strict=False)
        waiting += reversed(array_items(entry(node, "/Kids")))
