"""Levels of alerts, in rising order."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """How much an alert asks for. NONE is no alert."""

    NONE = 0
    INFO = 1
    WATCH = 2
    WARNING = 3
    ACTION = 4

    @property
    def key(self) -> str:
        """Its name in tables and files: "info", "watch", "warning", "action"; "none" for no alert."""
        return self.name.lower()
