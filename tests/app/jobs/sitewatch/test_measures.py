"""Parts of the measures by themselves: windows, what is stated anew, the surer look, pictures, completion."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from app.jobs.sitewatch import stacks
from app.jobs.sitewatch.files import SitesLooked
from app.jobs.sitewatch.grounds import place_of
from app.jobs.sitewatch.measured import Sources, joined
from app.jobs.sitewatch.operating import completed_on
from app.jobs.sitewatch.pictures import chosen_looks
from app.jobs.sitewatch.restated import Stated
from app.jobs.sitewatch.solarlooks import evidence_of
from app.jobs.sitewatch.stacks import open_stack
from app.jobs.sitewatch.waterlooks import WaterSeen, surer, water_of
from app.jobs.sitewatch.windlooks import sun_of
from app.sites.plans import PlannedSite
from geo.errors import DataError
from geo.sites import SiteMeasure, SiteType
from models.sites.ground import shows_ground
from models.sites.looks import Looks
from models.sites.solar import SolarImages, solar_evidence
from tests.app.jobs.sitewatch.painted import planned
from tiles.reader import Window

DAYS = np.array(["2024-05-01", "2024-05-11", "2024-05-21", "2024-06-10"], dtype="datetime64[D]")
DUE = (date(2024, 3, 1), date(2024, 8, 1))
ONES = np.ones(4)


def _cubes(runs: Path) -> list[Path]:
    found = [path.parent for path in (runs / ".sites-work" / "work" / "cube").rglob("manifest.json")]
    return sorted(found, key=lambda place: place.parent.name)


def test_evidence_does_not_depend_on_windows(
    early: SitesLooked, farm_site: PlannedSite, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert early.looks.site_id.nunique() == 1
    place = place_of(farm_site.plan)
    inside, start = place.inside(), np.datetime64(place.start)
    places = [cube for cube in _cubes(runs) if place.folder in cube.parts]
    stack = open_stack(places, inside, None, place.geobox.shape.yx)
    monkeypatch.setattr(stacks, "WINDOW_PX", 48)
    cut, clear = evidence_of(stack, inside, start), stack.clear_shares(inside)
    images, classes = stack.read(stack.whole)
    whole = solar_evidence(SolarImages(stack.days, images, classes, inside, start))
    np.testing.assert_allclose(cut.shares, whole.shares, atol=1e-5)
    np.testing.assert_array_equal(cut.stripped, whole.stripped)
    seen = shows_ground(images, classes)
    np.testing.assert_allclose(clear, (seen * inside).sum(axis=(1, 2)) / inside.sum())
    look, core = len(stack.days) // 2, stack.whole
    np.testing.assert_array_equal(stack.image(look, core)[0], images[look])
    np.testing.assert_array_equal(stack.image(look, core)[1], classes[look])


def test_looks_in_memory_are_those_that_are_read(early: SitesLooked, farm_site: PlannedSite, runs: Path) -> None:
    assert early.looks.site_id.nunique() == 1
    place = place_of(farm_site.plan)
    places = [cube for cube in _cubes(runs) if place.folder in cube.parts]
    stack = open_stack(places, place.inside(), None, place.geobox.shape.yx)
    window, look = Window(3, 40, 10, 33), len(stack.days) - 2
    read, image = stack.read(window), stack.image(look, window)
    needed = 41 * len(stack.days) * stack.shape[0] * stack.shape[1]
    assert stack.in_memory(needed - 1) is stack
    held = stack.in_memory(needed)
    for _ in range(2):
        for found, expected in zip((*held.read(window), *held.image(look, window)), (*read, *image), strict=True):
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == expected.dtype
            assert found.flags.c_contiguous
            found[:] = 0  # whoever changes what was read changes it for nobody else


def test_a_look_is_stated_anew_where_it_moves() -> None:
    stated = Stated(4, border_m2=10_000.0)
    first = stated.anew(Looks(DAYS[:2], np.array([100.0, np.nan]), np.array([10.0, np.nan]), ONES[:2]))
    assert first.tolist() == [True, False]
    second = stated.anew(Looks(DAYS[:3], np.array([149.0, 5.0, 7.0]), np.full(3, 10.0), ONES[:3]))
    assert second.tolist() == [False, True, True]
    third = stated.anew(Looks(DAYS, np.array([151.0, 5.0, 7.0, 0.0]), np.array([10.0, 13.0, 11.0, 9.0]), ONES))
    assert third.tolist() == [True, True, False, True]


def test_of_one_day_the_surer_look_counts() -> None:
    optical = Looks(DAYS[:3], np.array([5.0, np.nan, 7.0]), np.array([2.0, np.nan, 1.0]), ONES[:3])
    radar = Looks(DAYS[[0, 1, 3]], np.array([6.0, 8.0, 9.0]), np.array([1.0, 4.0, 4.0]), ONES[:3])
    found = surer([optical, radar])
    assert found.days.tolist() == DAYS.tolist()
    assert found.values.tolist() == [6.0, 8.0, 7.0, 9.0]


def test_water_is_stated_anew_where_later_passes_bring_the_kinds_together() -> None:
    days, passes = DAYS[0] + 10 * np.arange(8), DAYS[0] + 3 + 10 * np.arange(8)
    area = np.array([1.0, 2.0, 4.0, 6.0, 6.0, 6.0, 6.0, 6.0]) * 1e4
    errors, clear = np.full(8, 2_000.0), np.ones(8)
    water = WaterSeen(Looks(days, area, errors, clear), Looks(passes, 1.2 * area, errors, clear))
    every = np.sort(np.concatenate([days, passes]))
    known = every.astype("datetime64[us]") + np.timedelta64(12, "h")
    sources = Sources(every, known, np.array([f"h{number}" for number in range(16)], dtype=object))
    rows = joined([*water.rows("valley", sources, 1e5)])
    assert (rows["known_at"].dt.date >= rows["date"]).all()
    first = rows[rows["date"] == passes[4].item()].iloc[0]
    assert first["value"] < 1.2 * area[4], "as it became known it was on the scale of both"
    last = rows.drop_duplicates("date", keep="last")
    np.testing.assert_allclose(last["value"], water.by(every[-1]).values, atol=0.005 * 1e5)
    assert len(rows) > len(last), "earlier passes were moved"
    alone = WaterSeen(water.optical, None).by(every[-1])
    np.testing.assert_array_equal(alone.values, area)


def test_pictures_are_the_clearest_of_each_month_and_the_first_and_last() -> None:
    assert chosen_looks(DAYS, np.array([0.6, 0.9, 0.7, 0.2])) == [0, 1, 2]
    assert chosen_looks(DAYS, np.array([0.6, 0.9, 0.4, 0.6])) == [0, 1, 3]
    assert chosen_looks(DAYS, np.array([0.1, 0.2, 0.3, 0.4])) == []


def test_sun_angles_are_those_of_the_scenes_of_a_look() -> None:
    found = sun_of({"a": (40.0, 150.0), "b": (42.0, 152.0)}, ["a b", "c", "b c"])
    np.testing.assert_allclose(found, [[41.0, 151.0], [np.nan, np.nan], [42.0, 152.0]])


def test_completion_is_seen_where_the_plan_says_how_much_and_else_planned() -> None:
    border = shapely.box(4.0, 50.0, 4.01, 50.01)
    built = {SiteMeasure.PANELS: Looks(DAYS, np.array([0.0, 5e3, 1.0e4, 1.0e4]), np.full(4, 50.0), ONES)}
    sure = planned("A", border, due=DUE, built_ha=1.0).plan
    assert completed_on(sure, built) == DAYS[2]
    assert completed_on(planned("A", border, due=DUE, built_ha=2.0).plan, built) is None
    assert completed_on(planned("A", border, due=DUE).plan, built) == np.datetime64(DUE[1])
    reservoir = planned("R", border, due=DUE, built_ha=1.0, kind=SiteType.RESERVOIR).plan
    water = {SiteMeasure.WATER: Looks(DAYS, np.array([0.0, 1.0e4, 0.99e4, 1.0e4]), np.full(4, 50.0), ONES)}
    assert completed_on(reservoir, water) == DAYS[1]
    mills = planned("W", shapely.MultiPoint([(4.0, 50.0), (4.01, 50.0)]), due=DUE, kind=SiteType.WIND).plan
    risen = Looks(DAYS, np.array([0.0, 0.0, 2.0, 2.0]), np.full(4, 0.05), ONES)
    assert completed_on(mills, {SiteMeasure.PADS: risen, SiteMeasure.TURBINES: risen}) == DAYS[2]
    assert completed_on(mills, {SiteMeasure.PADS: risen}) is None


def test_a_reservoir_that_no_worker_can_hold_is_refused_by_name(
    early: SitesLooked, farm_site: PlannedSite, runs: Path
) -> None:
    assert early.folder.exists()
    place = place_of(farm_site.plan)
    inside = place.inside()
    stack = open_stack(
        [cube for cube in _cubes(runs) if place.folder in cube.parts], inside, None, place.geobox.shape.yx
    )
    with pytest.raises(DataError) as caught:
        water_of("valley", stack, None, inside, None, 600 * 2**20)
    assert caught.value.code == "SITES_TOO_LARGE"
    assert "valley" in str(caught.value)
