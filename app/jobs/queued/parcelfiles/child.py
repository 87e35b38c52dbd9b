"""Reads one uploaded file, in a process of its own: `python -P -m app.jobs.queued.parcelfiles.child` in its folder.

Takes what was asked as JSON on standard input, leaves rows.parquet in the folder and says on standard output what it
found: {"told": ...} or {"error": {code, message, remedy}}.
"""

from __future__ import annotations

import gc
import json
import resource
import sys

_MEMORY_BYTES = 2 * 2**30
_PROCESSOR_S = 90
_FILE_BYTES = 512 * 2**20
_FILES = 128


def _bound() -> None:
    """Take away what a hostile file could use up, before anything else is loaded."""
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _PROCESSOR_S),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read the file that standard input names."""
    _bound()
    gc.disable()  # searching millions of small lists for rings again and again takes longer than reading them
    from app.jobs.queued.parcelfiles.reading import Asked, read_upload  # noqa: PLC0415 - within the bounds
    from geo.errors import AcrelineError  # noqa: PLC0415 - same

    try:
        said: dict[str, object] = {"told": read_upload(Asked(**json.load(sys.stdin)))}
    except AcrelineError as error:
        said = {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
