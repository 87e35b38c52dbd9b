from __future__ import annotations

import pystac
import pytest

from geo.errors import InputError
from tiles.radar.tracks import relative_orbit, tracks_of


def test_stated_orbits_are_kept_apart(radar_item):
    one = radar_item(when="2019-05-01T17:32:00Z", sat__relative_orbit=161)
    two = radar_item(when="2019-05-02T05:58:00Z", sat__relative_orbit=110)
    assert tracks_of([one, two]) == {one.id: "orbit 161", two.id: "orbit 110"}


@pytest.mark.parametrize(
    ("platform", "absolute", "relative"), [("sentinel-1a", 27032, 10), ("S1B", 15961, 10), ("sentinel-1c", 172, 1)]
)
def test_absolute_orbits_give_relative_ones(radar_item, platform, absolute, relative):
    item = radar_item(platform=platform, sat__absolute_orbit=absolute, item_id="scene")
    assert relative_orbit(item) == relative


def test_an_absolute_orbit_without_a_satellite_says_nothing(radar_item):
    assert relative_orbit(radar_item(platform="sentinel-1", sat__absolute_orbit=27032, item_id="scene")) is None


def test_phase_joins_passes_of_one_track_and_parts_others(radar_item):
    same = [radar_item(when=f"2019-05-{day:02d}T17:3{day % 3}:00Z") for day in (1, 7, 13)]
    other = [radar_item(when=f"2019-05-{day:02d}T05:58:00Z") for day in (2, 8)]
    tracks = tracks_of([*same, *other])
    assert len({tracks[item.id] for item in same}) == 1
    assert len({tracks[item.id] for item in other}) == 1
    assert len(set(tracks.values())) == 2


def test_the_half_cycle_is_a_circle(radar_item):
    # phases just below and just above its start, which is midnight of 2014-10-01 and every sixth day after
    before, after = radar_item(when="2014-10-06T23:59:00Z"), radar_item(when="2014-10-13T00:01:00Z")
    middle = radar_item(when="2014-10-10T12:00:00Z")
    tracks = tracks_of([before, after, middle])
    assert tracks[before.id] == tracks[after.id] != tracks[middle.id]


def test_a_half_stated_catalogue_is_refused(radar_item):
    stated, silent = radar_item(sat__relative_orbit=161), radar_item(when="2019-05-02T05:58:00Z")
    with pytest.raises(InputError, match=r"states no relative orbit while others do"):
        tracks_of([stated, silent])


@pytest.mark.shared_data
def test_the_real_scenes_are_one_track(shared_data):
    catalogue = pystac.Catalog.from_file(str(shared_data / "flanders-2019" / "catalog.json"))
    items = [item for item in catalogue.get_items(recursive=True) if item.id.startswith("S1")]
    assert set(tracks_of(items).values()) == {"phase 3d17h32"}
