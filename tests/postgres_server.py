"""A private PostgreSQL server for tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BINARIES = ("initdb", "pg_ctl", "postgres")


def _server_folder() -> Path | None:
    """Folder of the newest server binaries: they are often installed, but not on the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(installed), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if all((folder / name).exists() for name in _BINARIES)), None)


def missing(reason: str) -> None:
    """Skip, except in continuous integration, which must have what tests of PostgreSQL need."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must test on PostgreSQL")
    pytest.skip(reason)


def _user_switch() -> list[str]:
    """PostgreSQL refuses to run as root: run it as its own user there."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        missing("running as root without a user named postgres")
    return ["runuser", "-u", "postgres", "--"]


def _owned_folder() -> Path:
    # Not under pytest's own folder: another user must reach it, and a socket's path must stay short.
    folder = Path(tempfile.mkdtemp(prefix="acreline-pg-"))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


@contextmanager
def private_postgres() -> Iterator[str]:
    """Start a server that listens on no network address; the folder of its socket. Skips where there is none."""
    binaries = _server_folder()
    if binaries is None:
        missing("no PostgreSQL server binaries")
    switch = _user_switch()
    folder = _owned_folder()
    data = str(folder / "data")

    def call(*arguments: str) -> None:
        done = subprocess.run([*switch, *arguments], capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        call(f"{binaries}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = f"-F -c listen_addresses= -k {folder} -c full_page_writes=off -c synchronous_commit=off"
        call(f"{binaries}/pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield str(folder)
        finally:
            call(f"{binaries}/pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
