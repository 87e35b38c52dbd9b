from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.jobs.scenes import access_of, find_scenes, source_of
from app.settings import Settings
from geo.season import Season
from tests.tiles.sources.safe.safe_product import Product, write_safe
from tiles.sources.stac_api import StacApi

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))


class Told:
    def __init__(self) -> None:
        self.lines: list[tuple[object, ...]] = []

    def begin(self, stage: str, total: int) -> None:
        self.lines.append(("begin", stage, total))

    def advance(self, stage: str, parts: int = 1) -> None:
        self.lines.append(("advance", stage, parts))

    def end(self, stage: str, note: str = "") -> None:
        self.lines.append(("end", stage, note))


def test_conversions_are_told_and_kept_where_the_settings_say(tmp_path: Path) -> None:
    write_safe(tmp_path, Product())
    told = Told()
    source = source_of(str(tmp_path), Settings(cache_dir=tmp_path / "cache"), told)
    (item,) = source.search((4.0, 50.0, 5.0, 51.0), YEAR)
    assert Path(item.assets["B02"].href).is_relative_to(tmp_path / "cache")
    assert told.lines == [("begin", "Products", 1), ("advance", "Products", 1), ("end", "Products", "1 ready")]
    (row,) = find_scenes(source, (4.0, 50.0, 5.0, 51.0), YEAR)
    assert (row.id, row.day, row.catalogue, row.kind) == (Product().name, date(2020, 5, 1), "safe", "")


def test_the_usual_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert access_of(Settings()).cache == tmp_path / "acreline"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert access_of(Settings()).cache == tmp_path / ".cache" / "acreline"


def test_secrets_reach_the_source_and_show_nowhere() -> None:
    source = source_of("https://stac.example.org", Settings(stac_token=SecretStr("hush")))
    assert source == StacApi("https://stac.example.org", "hush")
    assert "hush" not in repr(source)
