"""One run at a time in a run folder."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import InputError


@contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Hold the folder for the time of a job; the lock goes with the process, however it ends.

    Raises:
        InputError: another process is working in the folder, or it cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / ".lock").open("w")
    except OSError as error:
        raise InputError(
            "OUT_UNWRITABLE", f"{folder} cannot be written to ({error.strerror}).", "Choose another --out."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                "OUT_IN_USE", f"Another run is working in {folder}.", "Wait for it, or choose another --out."
            ) from error
        yield
