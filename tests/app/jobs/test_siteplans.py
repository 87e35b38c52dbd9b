"""Plans of sites from files that people hand in: GeoJSON, GeoPackage and CSV say the same, and bad rows are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from app.jobs.siteplans import Naming, read_plans
from geo.errors import InputError
from geo.sites import Mounting, SiteGround, SiteType
from scoring.sites.plan import MilestoneKind

IMAGERY = (date(2023, 6, 1), date(2025, 6, 1))
GOOD: dict[str, str] = {
    "site_id": "a",
    "type": "solar",
    "capacity_mw": "50",
    "cleared": "2024-01-01",
    "complete": "2024-12-01",
    "draws_cleared": "0.2",
    "curve": "2024-02-01=0.1; 2024-12-01=1",
    "facility": "F7",
    "permits": "P1; P2",
}
OUTLINE = shapely.box(75.0, 15.0, 75.01, 15.01)


def written(folder: Path, name: str, rows: list[dict[str, str]], outlines: list[shapely.Geometry]) -> Path:
    """The rows as a file of the name's format."""
    frame = gpd.GeoDataFrame(rows, geometry=outlines, crs=4326)
    path = folder / name
    if path.suffix == ".csv":
        frame.drop(columns="geometry").assign(wkt=frame.geometry.to_wkt()).to_csv(path, index=False)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("name", ["plans.geojson", "plans.gpkg", "plans.csv"])
def test_each_format_says_the_same(tmp_path: Path, name: str) -> None:
    dam = {"site_id": "b", "type": "hydro", "capacity_mw": "30", "complete": "2024-06-01"}
    stated = GOOD | {"mounting": "Tracking", "country": "na"}
    plans = read_plans(
        written(tmp_path, name, [stated, dam], [OUTLINE, shapely.Point(76.0, 15.0)]), IMAGERY
    ).require_sound()
    first, second = plans
    assert (first.row, first.site_id, first.kind, first.capacity_mw) == (1, "a", SiteType.SOLAR, 50.0)
    assert [(one.kind, one.due, one.draws) for one in first.milestones] == [
        (MilestoneKind.CLEARED, date(2024, 1, 1), 0.2),
        (MilestoneKind.COMPLETE, date(2024, 12, 1), 0.0),
    ]
    assert first.curve == ((date(2024, 2, 1), 0.1), (date(2024, 12, 1), 1.0))
    assert (first.facility, first.permits) == ("F7", ("P1", "P2"))
    assert (first.mounting, first.country) == (Mounting.TRACKING, "NA")  # Namibia, and no missing value
    assert (second.mounting, second.country) == (Mounting.UNKNOWN, "")
    assert first.outline.equals(OUTLINE)
    assert (second.kind, second.capacity_mw, second.outline.geom_type) == (SiteType.HYDRO, 30.0, "Point")
    assert second.ground == SiteGround("b", SiteType.HYDRO, None, ((76.0, 15.0),))


def test_a_table_may_give_points_by_longitude_and_latitude(tmp_path: Path) -> None:
    path = tmp_path / "plans.csv"
    path.write_text("site_id,type,capacity_mw,complete,lon,lat\nw,wind,3,2024-06-01,75.5,15.25\n", encoding="utf-8")
    assert read_plans(path, IMAGERY).require_sound()[0].outline.equals(shapely.Point(75.5, 15.25))


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"site_id": ""}, "SITES_PLAN_CELL", "site_id"),
        ({"type": "nuclear"}, "SITES_PLAN_CELL", "type"),
        ({"capacity_mw": "fifty"}, "SITES_PLAN_CELL", "capacity_mw"),
        ({"capacity_mw": "0"}, "SITES_PLAN_CAPACITY", "'a'"),
        ({"complete": "soon"}, "SITES_PLAN_CELL", "complete"),
        ({"complete": "2023-11-01"}, "SITES_PLAN_ORDER", "after 'complete' on"),
        ({"complete": "", "cleared": "2024-01-01"}, "SITES_PLAN_MILESTONES", "'a'"),
        ({"draws_cleared": "much"}, "SITES_PLAN_CELL", "draws_cleared"),
        ({"draws_cleared": "1.4"}, "SITES_PLAN_DRAWS", "'a'"),
        ({"curve": "early=0.3"}, "SITES_PLAN_CELL", "curve"),
        ({"built_ha": "few"}, "SITES_PLAN_CELL", "built_ha"),
        ({"built_ha": "200"}, "SITES_PLAN_BUILT", "inside its border"),
        ({"built_ha": "0"}, "SITES_PLAN_BUILT", "0 ha"),
        ({"type": "hydro", "levels": "620=0, 640=12"}, "SITES_PLAN_CELL", "levels"),
        ({"type": "hydro", "levels": "620=0"}, "SITES_PLAN_LEVELS", "1 levels"),
        ({"type": "hydro", "levels": "620=0; 640=12; 630=13"}, "SITES_PLAN_LEVELS", "does not rise"),
        ({"levels": "620=0; 640=12"}, "SITES_PLAN_LEVELS", "of the type 'solar'"),
        ({"name": "n" * 256}, "SITES_PLAN_CELL", "name"),
        ({"mounting": "roof"}, "SITES_PLAN_CELL", "mounting"),
        ({"type": "reservoir", "mounting": "fixed"}, "SITES_PLAN_MOUNTING", "of the type 'reservoir'"),
        ({"country": "ZZ"}, "SITES_PLAN_COUNTRY", "'ZZ'"),
        ({"country": "Germany"}, "SITES_PLAN_COUNTRY", "'Germany'"),
        ({"points": "75.001 15.001; 75.002"}, "SITES_PLAN_CELL", "points"),
        ({"type": "wind", "points": "15.001 75.001"}, "SITES_PLAN_POINTS", "outside its border"),
        ({"type": "wind"}, "SITES_PLAN_POINTS", "names no turbine"),
        ({"curve": "2024-02-01=0.5; 2024-03-01=0.2"}, "SITES_PLAN_CURVE", "'a'"),
        ({"cleared": "2019-01-01", "complete": "2019-06-01"}, "SITES_PLAN_NO_IMAGERY", "'a'"),
    ],
)
def test_a_bad_row_is_refused_with_its_number_and_a_remedy(
    tmp_path: Path, changed: dict[str, str], code: str, said: str
) -> None:
    other = GOOD | {"site_id": "b"}
    path = written(tmp_path, "plans.csv", [other, GOOD | changed], [shapely.box(80.0, 15.0, 80.01, 15.01), OUTLINE])
    with pytest.raises(InputError) as refused:
        read_plans(path, IMAGERY).require_sound()
    assert refused.value.code == code
    assert refused.value.message.startswith("Row 2")
    assert said in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize("cells", ["wkt\nPOLYGON((0 0", "lon,lat\n75,", "lon,lat\n368640,3696640", "lon\n75"])
def test_an_outline_that_cannot_be_read_or_is_not_on_the_globe_is_refused(tmp_path: Path, cells: str) -> None:
    names, values = cells.split("\n")
    path = tmp_path / "plans.csv"
    path.write_text(f'site_id,type,complete,{names}\na,reservoir,2024-06-01,"{values}"\n', encoding="utf-8")
    if names == "lon,lat":
        path.write_text(f"site_id,type,complete,{names}\na,reservoir,2024-06-01,{values}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_plans(path, IMAGERY).require_sound()
    assert refused.value.code == "SITES_PLAN_CELL"
    assert refused.value.message == "Row 1: 'outline' cannot be read."


def test_sites_that_overlap_or_stand_twice_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "plans.geojson", [GOOD, GOOD], [OUTLINE, OUTLINE])
    with pytest.raises(InputError) as refused:
        read_plans(path, IMAGERY).require_sound()
    assert refused.value.code == "SITES_PLAN_OVERLAP"
    assert refused.value.remedy is not None
    assert "(1 more faults.)" in refused.value.remedy


def test_files_that_are_no_plans_are_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.geojson").write_text("not a file of shapes", encoding="utf-8")
    nowhere = tmp_path / "nowhere.shp"
    gpd.GeoDataFrame([{"site_id": "a", "type": "solar"}], geometry=[OUTLINE], crs=4326).to_file(nowhere)
    nowhere.with_suffix(".prj").unlink()
    empty = tmp_path / "empty.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    untyped = written(tmp_path, "untyped.geojson", [{"site_id": "a"}], [OUTLINE])
    for path, code in [
        (tmp_path / "absent.geojson", "SITES_PLAN_FILE"),
        (tmp_path / "noise.geojson", "SITES_PLAN_FILE"),
        (tmp_path / "absent.csv", "TABLE_FILE"),
        (nowhere, "SITES_PLAN_CRS"),
        (empty, "SITES_PLAN_FILE"),
        (untyped, "SITES_PLAN_COLUMNS"),
    ]:
        with pytest.raises(InputError) as refused:
            read_plans(path, IMAGERY).require_sound()
        assert refused.value.code == code, path.name


def test_a_file_made_for_something_else_is_read_under_our_names(tmp_path: Path) -> None:
    path = written(tmp_path, "farms.geojson", [{"fid": "7"}], [OUTLINE])
    fills = {"type": "solar", "capacity_mw": "30", "complete": "2024-06-01", "mounting": "fixed", "country": "IN"}
    naming = Naming({"site_id": "fid"}, fills)
    only = read_plans(path, IMAGERY, naming=naming).require_sound()[0]
    assert (only.mounting, only.country) == (Mounting.FIXED, "IN")
    assert (only.site_id, only.capacity_mw, only.milestones[0].due) == ("7", 30.0, date(2024, 6, 1))
    misspelt = (Naming({"id": "fid"}), Naming({"site_id": "fid"}, fills | {"capacity": "30"}))
    for wrong in (Naming({"site_id": "id"}), Naming({}, {"fid": "8"}), *misspelt):
        with pytest.raises(InputError) as refused:
            read_plans(path, IMAGERY, naming=wrong)
        assert refused.value.code == "SITES_PLAN_COLUMNS"


def test_rows_with_a_fault_are_named_and_the_others_are_there(tmp_path: Path) -> None:
    beside = shapely.box(75.02, 15.0, 75.03, 15.01)
    rows = [GOOD, GOOD | {"site_id": "b", "complete": "soon"}, GOOD | {"site_id": "c", "capacity_mw": "0"}]
    path = written(tmp_path, "plans.gpkg", [*rows, GOOD | {"site_id": "d"}], [OUTLINE, beside, beside, beside])
    reading = read_plans(path, IMAGERY)
    assert [plan.site_id for plan in reading.plans] == ["a"]
    codes = [(fault.row, fault.site_id, fault.code) for fault in reading.faults]
    assert codes == [
        (2, "b", "SITES_PLAN_CELL"),
        (3, "c", "SITES_PLAN_CAPACITY"),
        (4, "d", "SITES_PLAN_OVERLAP"),
    ]


def test_a_site_may_not_overlap_one_that_is_watched_but_may_be_given_again(tmp_path: Path) -> None:
    path = written(tmp_path, "plans.geojson", [GOOD], [OUTLINE])
    (own,) = read_plans(path, IMAGERY).plans
    assert read_plans(path, IMAGERY, [replace(own, row=0)]).faults == ()
    (fault,) = read_plans(path, IMAGERY, [replace(own, row=0, site_id="older")]).faults
    assert (fault.row, fault.code) == (1, "SITES_PLAN_OVERLAP")
    assert "'older'" in fault.message


@pytest.mark.parametrize("name", ["plans.geojson", "plans.gpkg", "plans.csv"])
def test_outlines_that_cross_themselves_are_mended_and_told(tmp_path: Path, name: str) -> None:
    crossing = shapely.Polygon([(75.0, 15.0), (75.01, 15.0), (75.01, 15.01), (75.012, 14.999), (75.0, 15.01)])
    reading = read_plans(written(tmp_path, name, [GOOD, GOOD | {"site_id": "b"}], [crossing, OUTLINE]), IMAGERY)
    mended = read_plans(written(tmp_path, "same.geojson", [GOOD], [crossing]), IMAGERY).plans[0]
    assert reading.faults[0].code == "SITES_PLAN_OVERLAP"
    assert reading.plans[0].outline.equals(mended.outline)
    assert [note.split("(")[0] for note in reading.notes] == ["Row 1: outline mended "]


def test_levels_and_a_name_are_read(tmp_path: Path) -> None:
    dam = GOOD | {"type": "reservoir", "levels": "620=0; 640.5=12.5", "name": "Upper lake"}
    plan = read_plans(written(tmp_path, "plans.csv", [dam], [OUTLINE]), IMAGERY).require_sound()[0]
    assert plan.levels == ((620.0, 0.0), (640.5, 12.5))
    assert plan.name == "Upper lake"


def test_a_row_whose_outline_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "plans.csv"
    lines = [
        "site_id,type,complete,wkt",
        'a,reservoir,2024-06-01,"POLYGON((0 0"',
        f'b,reservoir,2024-06-01,"{OUTLINE}"',
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading = read_plans(path, IMAGERY)
    assert [(fault.row, fault.code) for fault in reading.faults] == [(1, "SITES_PLAN_CELL")]
    assert [(plan.row, plan.site_id) for plan in reading.plans] == [(2, "b")]
