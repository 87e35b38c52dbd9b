from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs.stages import Workshop


def _writer(text: str, calls: list[str]):
    def build(folder: Path) -> None:
        calls.append(text)
        (folder / "part.txt").write_text(text)

    return build


def test_a_finished_stage_is_not_made_again(tmp_path: Path) -> None:
    calls: list[str] = []
    first = Workshop(tmp_path).stage("cube/t", "abc", _writer("one", calls))
    second = Workshop(tmp_path).stage("cube/t", "abc", _writer("two", calls))
    assert (first.reused, second.reused, calls) == (False, True, ["one"])
    assert (second.folder / "part.txt").read_text() == "one"


def test_another_fingerprint_is_another_stage(tmp_path: Path) -> None:
    calls: list[str] = []
    shop = Workshop(tmp_path)
    shop.stage("cube/t", "abc", _writer("one", calls))
    assert not shop.stage("cube/t", "def", _writer("two", calls)).reused
    assert [stage.fingerprint for stage in shop.log] == ["abc", "def"]


def test_a_killed_stage_goes_on_from_its_parts(tmp_path: Path) -> None:
    shop = Workshop(tmp_path)

    def killed(folder: Path) -> None:
        (folder / "part.txt").write_text("kept")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.stage("map/t", "abc", killed)
    assert not shop.finished("map/t", "abc")
    seen: list[str] = []
    shop.stage("map/t", "abc", lambda folder: seen.append((folder / "part.txt").read_text()))
    assert seen == ["kept"]
    assert shop.finished("map/t", "abc")


def test_a_damaged_stage_starts_afresh(tmp_path: Path) -> None:
    calls: list[str] = []
    shop = Workshop(tmp_path)
    stage = shop.stage("map/t", "abc", _writer("first", calls))
    (stage.folder / "part.txt").write_text("cut")
    assert not shop.finished("map/t", "abc")
    assert not shop.stage("map/t", "abc", _writer("again", calls)).reused
    assert (stage.folder / "part.txt").read_text() == "again"
