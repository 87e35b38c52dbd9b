"""Folder of a watch that tells of some changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from app.jobs.watch.files import Told, write_watch
from scoring.alerts.state import state_of
from tests.app.alerts.told import Line, told


def write_told(folder: Path, as_of: date, *lines: Line, scope: str = "own") -> Path:
    changes = told(*lines, scope=scope)
    folder.mkdir(parents=True)
    summary = {"as_of": as_of.isoformat()}
    write_watch(folder, Told(changes, (), summary, {}), state_of(changes, as_of))
    return folder
