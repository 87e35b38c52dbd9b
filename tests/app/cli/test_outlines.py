"""`acreline outlines make`, as somebody types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.main import status_of
from app.db.engine import open_engine
from tests.app.maplayers.bank import build_bank

Out = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def bank(migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(migrated_sqlite_url)
    build_bank(engine)
    engine.dispose()
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("COLUMNS", "300")


def test_every_unit_gets_its_tiles_once(tmp_path: Path, capsys: Out) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    assert status_of(["outlines", "make", "--layers", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "head: 5 of 6 parcels have an outline" in said
    assert "north: 3 of 4 parcels have an outline" in said
    assert len(list(folder.iterdir())) == 3
    assert status_of(["outlines", "make", "--unit", "north", "--layers", str(folder)]) == 0
    assert "there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "No folder of map layers is named"),
        (("--layers", "/no/such"), "does not exist"),
        (("--unit", "west", "--layers", "."), "no unit 'west'"),
    ],
)
def test_what_is_wrong_is_said(capsys: Out, words: tuple[str, ...], code: str) -> None:
    assert status_of(["outlines", "make", *words]) == 2
    assert code in capsys.readouterr().err
