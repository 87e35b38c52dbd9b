"""Finished work is kept by what it depends on, so that it is never done twice.

A stage is a folder `work/<name>/<fingerprint>`. The fingerprint is the hash of everything the result depends on:
inputs, parameters, the version of the code that makes it, and the fingerprints of the stages before. A stage counts
only once its manifest is written, so a killed run leaves nothing half-done that anybody would read.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from geo.manifest import MANIFEST_NAME, is_whole, write_manifest


@dataclass(frozen=True, slots=True)
class Stage:
    """One finished stage.

    Attributes:
        name: "series/32631_56_549".
        fingerprint: hash of what it depends on.
        folder: where its files lie.
        reused: whether an earlier run had made it.
    """

    name: str
    fingerprint: str
    folder: Path
    reused: bool


@dataclass(slots=True)
class Workshop:
    """The stages of one run folder.

    Attributes:
        root: the run folder.
        log: stages in the order in which this run asked for them.
    """

    root: Path
    log: list[Stage] = field(default_factory=list)

    def folder(self, name: str, fingerprint: str) -> Path:
        """Where a stage's files lie, finished or not."""
        return self.root / "work" / name / fingerprint

    def finished(self, name: str, fingerprint: str) -> bool:
        """Whether the stage is complete on disk."""
        return is_whole(self.folder(name, fingerprint))

    def stage(self, name: str, fingerprint: str, build: Callable[[Path], None]) -> Stage:
        """The finished stage; `build(folder)` makes it only where it is missing.

        A folder left by a killed run is handed to `build` as it is: builders that work in parts keep the parts that are
        whole and make the rest.
        """
        folder = self.folder(name, fingerprint)
        reused = self.finished(name, fingerprint)
        if not reused:
            _reopen(folder)
            build(folder)
            write_manifest(folder, (path for path in folder.rglob("*") if path.is_file()))
        stage = Stage(name, fingerprint, folder, reused)
        self.log.append(stage)
        return stage

    def adopt(self, name: str, fingerprint: str, *, reused: bool) -> Stage:
        """A stage whose maker has committed its folder by itself."""
        stage = Stage(name, fingerprint, self.folder(name, fingerprint), reused)
        self.log.append(stage)
        return stage


def _reopen(folder: Path) -> None:
    """Ready for building: a damaged folder starts afresh, the parts that a killed run left whole are kept."""
    if (folder / MANIFEST_NAME).exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
