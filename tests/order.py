"""Which tests run first, and which stay together, where several processes share them."""

from __future__ import annotations

from typing import Final

from xdist.scheduler import LoadFileScheduling

#: Long files first: what is left in the end is short, and no process works on alone.
FIRST: Final = (
    "tests/app/browser/",
    "tests/app/jobs/",
    "tests/app/cli/",
    "tests/app/",
    "tests/tiles/",
    "tests/models/",
    "tests/test_house.py",
)
#: Folders whose files stay in one process: they share what is dear to make.
TOGETHER: Final = ("tests/app/browser/", "tests/app/jobs/sitewatch/")


def rank(nodeid: str) -> int:
    """Place of a test among others; those of one rank stay in the order in which they were found."""
    return next((number for number, folder in enumerate(FIRST) if nodeid.startswith(folder)), len(FIRST))


class FilesInOrder(LoadFileScheduling):
    """Hands out files as `--dist loadfile` does, and some folders whole."""

    def _split_scope(self, nodeid: str) -> str:
        whole = next((folder for folder in TOGETHER if nodeid.startswith(folder)), None)
        return whole or super()._split_scope(nodeid)
