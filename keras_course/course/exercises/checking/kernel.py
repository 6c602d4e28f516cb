"""Calls of the C library that Python has no function for."""

import ctypes
import os


def call_kernel(name: str, *args: object) -> None:
    """Calls a function of the C library that returns 0 if it succeeds.

    Raises:
        OSError: If it fails.
    """
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
