"""Red lines and meter readings on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from app.book.decisions.people import NewUser, add_unit, add_user
from app.cli.main import status_of
from app.db.engine import open_engine, writing
from app.db.tables.kinds import OrgKind, UserRole

Out = pytest.CaptureFixture[str]

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLANS = """site_id,type,capacity_mw,cleared,complete,name,wkt
s-1,solar,40,2026-04-01,2026-12-01,Dune field,"POLYGON((103.5 36,103.52 36,103.52 36.01,103.5 36.01,103.5 36))"
"""
READINGS = """site_id,starts_on,ends_on,energy_kwh,source,as_of
s-1,2026-01-01,2026-01-31,4000000,operator,2026-02-03
s-1,2026-02-01,2026-02-28,3500000,operator,2026-03-02
"""
SOURCE = ["--source", "land office"]


@pytest.fixture(autouse=True)
def _database(migrated_sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out) -> None:
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    engine = open_engine(migrated_sqlite_url)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        ada = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, NOW)
        add_user(connection, NewUser("olga", "Olga", UserRole.OFFICER, "001", "en"), ada, NOW)
    engine.dispose()
    plans = tmp_path / "plans.csv"
    plans.write_text(PLANS, encoding="utf-8")
    assert status_of(["sites", "import", str(plans), "--unit", "001", "--by", "ada"]) == 0
    capsys.readouterr()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Two red lines, one of which the site touches."""
    file = tmp_path / "lines.geojson"
    shapes = [shapely.box(103.51, 36.0, 103.53, 36.01), shapely.box(104.0, 36.0, 104.01, 36.01)]
    gpd.GeoDataFrame({"code": ["f-1", "f-2"], "title": ["Plot one", None]}, geometry=shapes, crs=4326).to_file(file)
    return file


def importing(lines: Path, *words: str) -> list[str]:
    asked = ["sites", "redlines", "import", str(lines), "--kind", "farmland", *SOURCE, "--as-of", "2026-02-01"]
    return [*asked, "--by", "ada", "--id-column", "code", "--name-column", "title", *words]


def printed(capsys: Out, *words: str) -> list[dict[str, object]]:
    assert status_of([*words, "--json"]) == 0
    told: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return told


def test_red_lines_are_taken_in_once_listed_and_taken_back(lines: Path, capsys: Out) -> None:
    assert status_of(["sites", "redlines", "list"]) == 0
    assert "No red line holds" in capsys.readouterr().out
    assert status_of(importing(lines)) == 0
    assert capsys.readouterr().out == "Red lines: 2 new.\n"
    assert status_of(importing(lines, "--json")) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == ["f-1", "f-2"]
    everything = printed(capsys, "sites", "redlines", "list")
    assert [(one["external_id"], one["name"], one["as_of"]) for one in everything] == [
        ("f-1", "Plot one", "2026-02-01"),
        ("f-2", None, "2026-02-01"),
    ]
    (touched,) = printed(capsys, "sites", "redlines", "list", "--site", "s-1")
    assert touched["external_id"] == "f-1"
    assert touched["common_ha"] == pytest.approx(100, rel=0.01)
    assert status_of(["sites", "redlines", "withdraw", "f-1", *SOURCE, "--by", "ada"]) == 0
    assert capsys.readouterr().out == "1 red line of land office taken back.\n"
    assert printed(capsys, "sites", "redlines", "list", "--site", "s-1") == []
    assert status_of(["sites", "redlines", "list"]) == 0
    assert "f-2" in capsys.readouterr().out
    assert status_of(["sites", "redlines", "withdraw", "--all", *SOURCE, "--by", "ada"]) == 0
    capsys.readouterr()
    assert printed(capsys, "sites", "redlines", "list", "--kind", "farmland") == []


def test_a_whole_file_and_ids_from_outlines_are_told(lines: Path, capsys: Out) -> None:
    assert status_of(importing(lines)) == 0
    frame = gpd.read_file(lines).iloc[:1]
    frame.to_file(lines)
    later = [word if word != "2026-02-01" else "2026-02-15" for word in importing(lines, "--whole")]
    capsys.readouterr()
    assert status_of(later) == 0
    assert capsys.readouterr().out == "Red lines: 1 newer, 1 ended.\n"
    made = ["sites", "redlines", "import", str(lines), "--kind", "other", "--source", "b", "--as-of", "2026-02-01"]
    assert status_of([*made, "--by", "ada"]) == 0
    assert "Ids were made from the outlines" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["redlines", "withdraw", *SOURCE, "--by", "ada"], "or --all"),
        (["redlines", "withdraw", "f-9", *SOURCE, "--by", "ada"], "No red line 'f-9'"),
        (["redlines", "list", "--site", "s-9"], "no site 's-9'"),
        (["redlines", "list", "--as-of", "soon"], "not a date"),
        (["redlines", "list", "--as-of", "2099-01-01"], "--as-of 2099-01-01 lies after today"),
        (["show", "s-1", "--as-of", "2099-01-01"], "--as-of 2099-01-01 lies after today"),
        (["meters", "list", "s-1", "--as-of", "2099-01-01"], "--as-of 2099-01-01 lies after today"),
        (["meters", "import", "absent.csv", "--by", "ada"], "There is no file"),
        (["meters", "list", "s-9"], "no site 's-9'"),
        (["meters", "list", "s-1", "--as-of", "soon"], "not a date"),
        (["stop", "s-1", "--by", "ada", "--reason", " "], "No reason is given"),
        (["resume", "s-9", "--by", "ada"], "no site 's-9'"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(words: list[str], said: str, capsys: Out) -> None:
    assert status_of(["sites", *words]) == 2
    assert said in capsys.readouterr().err


def test_who_may_not_keep_red_lines_is_told(lines: Path, capsys: Out) -> None:
    asked = [word if word != "ada" else "olga" for word in importing(lines)]
    assert status_of(asked) == 2
    assert "olga has the role officer" in capsys.readouterr().err
    assert printed(capsys, "sites", "redlines", "list") == []


def test_readings_are_taken_in_once_and_listed(tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / "meters.csv"
    file.write_text(READINGS, encoding="utf-8")
    asked = ["sites", "meters", "import", str(file), "--by", "olga"]
    assert status_of(["sites", "meters", "list", "s-1"]) == 0
    assert capsys.readouterr().out == "No meter readings of s-1.\n"
    assert status_of(asked) == 0
    assert capsys.readouterr().out == "Readings: 2 new.\n"
    assert status_of([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"new": 0, "corrected": 0, "repeated": 0, "older": 0, "unchanged": 2}
    assert [one["energy_kwh"] for one in printed(capsys, "sites", "meters", "list", "s-1")] == [4e6, 3.5e6]
    assert status_of(["sites", "meters", "list", "s-1"]) == 0
    assert "4,000,000" in capsys.readouterr().out
    file.write_text(READINGS.replace("3500000", "350000000"), encoding="utf-8")
    assert status_of(asked) == 2
    assert "Row 2 states 350,000,000 kWh; at full power" in capsys.readouterr().err


def test_every_word_of_a_meter_is_listed_and_what_was_said_by_a_day(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    file = tmp_path / "meters.csv"
    asked = ["sites", "meters", "import", str(file), "--by", "olga"]
    for text in (READINGS, READINGS.replace("3500000,operator,2026-03-02", "3400000,operator,2026-03-09")):
        file.write_text(text, encoding="utf-8")
        assert status_of(asked) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Readings: 1 corrected, 1 unchanged."
    listing = ["sites", "meters", "list", "s-1"]
    held = printed(capsys, *listing)
    assert [(one["energy_kwh"], one["earlier"]) for one in held] == [
        (4e6, []),
        (3.4e6, [{"energy_kwh": 3.5e6, "as_of": "2026-03-02"}]),
    ]
    assert held[0]["recorded_by"] == "olga"
    words = printed(capsys, *listing, "--all")
    assert [(one["energy_kwh"], one["holds"]) for one in words] == [(4e6, True), (3.5e6, False), (3.4e6, True)]
    assert [one["energy_kwh"] for one in printed(capsys, *listing, "--as-of", "2026-03-08")] == [4e6, 3.5e6]
    assert status_of([*listing, "--all"]) == 0
    assert "3,500,000" in capsys.readouterr().out
    assert status_of(listing) == 0
    assert "3,500,000 as of 2026-03-02" in capsys.readouterr().out
    assert status_of([*listing, "--as-of", "2026-01-01"]) == 0
    assert capsys.readouterr().out == "No meter readings of s-1 by 2026-01-01.\n"


def test_a_site_is_listed_by_its_name(capsys: Out) -> None:
    assert printed(capsys, "sites", "list")[0]["name"] == "Dune field"
    assert status_of(["sites", "list"]) == 0
    assert "Dune field" in capsys.readouterr().out
