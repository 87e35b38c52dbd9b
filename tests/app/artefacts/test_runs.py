"""Runs on disk by their id."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.artefacts.folders import Folders, required
from app.artefacts.runs import RunShelf
from geo.errors import InputError
from tests.app.artefacts.folders import put_run


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_run_is_found_by_its_id_and_one_that_came_later_too(tmp_path: Path) -> None:
    clock = _Clock()
    shelf = RunShelf(tmp_path, clock)
    first = put_run(tmp_path / "first", "r1")
    assert shelf.folder(first) == tmp_path / "first"
    second = put_run(tmp_path / "second", "r2")
    assert shelf.find(second) is None  # looked a moment ago
    clock.now = 11.0
    assert shelf.folder(second) == tmp_path / "second"


def test_what_is_no_complete_run_is_passed_over(tmp_path: Path) -> None:
    run = put_run(tmp_path / "half", "r1")
    (tmp_path / "half" / "manifest.json").unlink()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "manifest.json").write_text("{}")
    (tmp_path / "odd" / "run.json").write_text("no record")
    shelf = RunShelf(tmp_path, _Clock())
    for wanted in (run, "..", "../half", "", "/etc/passwd"):
        with pytest.raises(InputError, match="are not here"):
            shelf.folder(wanted)
    assert RunShelf(None, _Clock()).find(run) is None


def test_a_run_that_was_taken_away_is_gone(tmp_path: Path) -> None:
    run = put_run(tmp_path / "run", "r1")
    shelf = RunShelf(tmp_path, _Clock())
    assert shelf.find(run)
    (tmp_path / "run" / "manifest.json").unlink()
    assert RunShelf(tmp_path, _Clock()).find(run) is None


def test_a_folder_that_is_not_set_says_which_setting_lacks() -> None:
    with pytest.raises(InputError) as failed:
        required(Folders().files, "ACRELINE_FILES_DIR")
    assert failed.value.code == "FOLDER_MISSING"
    assert "ACRELINE_FILES_DIR" in failed.value.remedy
