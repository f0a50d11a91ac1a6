"""System calls that Python has no name for, with OSError where one fails."""

import ctypes
import functools
import os
from typing import Any


@functools.cache
def library() -> Any:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def system_call(number: int, *arguments: Any) -> int:
    """The system call of that number, of integers that fit a C int, bytes and None."""
    return checked(library().syscall(number, *arguments))


def checked(result: int) -> int:
    """What a function of the library returned. Raises OSError where that says -1."""
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
