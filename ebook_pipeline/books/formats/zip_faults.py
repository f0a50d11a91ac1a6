"""What goes wrong in Python's reading of a foreign ZIP, as one error.

`zipfile` raises what its parts raise: an offset that leads out of the file is an OSError of the
seek, damaged data that of each compression.
"""

import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

_RAISED = (
    EOFError, NotImplementedError, RuntimeError, ValueError, lzma.LZMAError, struct.error,
    zlib.error,
)  # fmt: skip
_OF_THE_DATA = (None, errno.EINVAL)
"""Numbers of an OSError that the file's bytes cause; others are the disk's."""


@contextmanager
def zip_faults() -> Iterator[None]:
    """Raises BadZipFile for whatever the bytes of a ZIP are to blame for."""
    try:
        yield
    except OSError as error:
        if error.errno not in _OF_THE_DATA:
            raise
        raise zipfile.BadZipFile(f"a place in it leads nowhere: {error}") from error
    except _RAISED as error:
        raise zipfile.BadZipFile(str(error) or type(error).__name__) from error
