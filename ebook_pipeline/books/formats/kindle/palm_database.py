"""Palm databases: a name, a type, a table of records. https://wiki.mobileread.com/wiki/PDB"""

import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from struct import iter_unpack

from ebook_pipeline.foundation.errors import BookError

_NAME, _TYPE, _COUNT, _TABLE = slice(0, 32), slice(60, 68), slice(76, 78), 78
_ROW = 8
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
CUT_OFF = "Export the book again and compare the sizes: it may have been cut off on its way."


@dataclass(frozen=True)
class PalmDatabase:
    """An open database; `type` is type and creator, such as ``BOOKMOBI``."""

    name: str
    type: bytes
    offsets: tuple[int, ...]
    data: mmap.mmap

    def __len__(self) -> int:
        return len(self.offsets)

    def record(self, number: int) -> bytes:
        """The bytes of one record. Raises BookError (``mobi.damaged``) where there is none."""
        if not 0 <= number < len(self.offsets):
            raise damaged(f"it lacks its record {number}")
        last = number + 1 == len(self.offsets)
        return self.data[self.offsets[number] : None if last else self.offsets[number + 1]]


@contextmanager
def opened(path: Path) -> Iterator[PalmDatabase]:
    """The database at `path`. Raises BookError (``mobi.damaged``) where its table is not whole."""
    if path.stat().st_size < _TABLE:
        raise damaged("it is shorter than its own header")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        count = int.from_bytes(data[_COUNT], "big")
        table = data[_TABLE : _TABLE + count * _ROW]
        offsets = tuple(offset for offset, _ in iter_unpack(">II", table[: len(table) // 8 * 8]))
        trouble = _trouble(offsets, count, len(data))
        if trouble:
            raise damaged(trouble)
        name = single_line(data[_NAME].split(b"\0")[0].decode("cp1252", "replace"))
        yield PalmDatabase(name, data[_TYPE], offsets, data)


def damaged(how: str) -> BookError:
    """The error of a file that is not what its own tables say."""
    return BookError("mobi.damaged", f"The file is damaged: {how}.", remedy=CUT_OFF)


def single_line(text: str) -> str:
    """A title or name as one line: control characters replaced, spaces made one."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _trouble(offsets: tuple[int, ...], count: int, size: int) -> str | None:
    if count == 0:
        return "it has no records"
    if len(offsets) < count:
        return "its table of records is cut off"
    if any(later < earlier for earlier, later in pairwise(offsets)):
        return "its records overlap"
    if offsets[0] < _TABLE + count * _ROW or offsets[-1] >= size:
        return "a record lies outside the file"
    return None
