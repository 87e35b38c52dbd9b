from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataError
from scoring.lending.ground import LEVELS, Tolerance, shared_ground

UTM = 32650
WEST, SOUTH = 450_000.0, 4_000_000.0
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 7, 1), date(2026, 10, 1)


def _plot(shape: Any, **changed: object) -> dict[str, object]:
    plain = {"facility_id": None, "party_id": None, "right": "tenancy", "starts_on": SPRING, "ends_on": None}
    return {**plain, **changed, "geometry": shape}


def _plots(*rows: dict[str, object], epsg: int = UTM) -> gpd.GeoDataFrame:
    numbered = [
        {"plot_id": number, **row, "facility_id": row["facility_id"] or (None if row["party_id"] else number)}
        for number, row in enumerate(rows, 1)
    ]
    return gpd.GeoDataFrame(numbered, crs=epsg).to_crs(4326)


def _box(x: float, y: float, width: float = 100, height: float = 80) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH + y, WEST + x + width, SOUTH + y + height)


def test_the_same_ground_under_two_facilities_is_found_with_its_area_and_days() -> None:
    field = _box(0, 0)
    (found,) = shared_ground(_plots(_plot(field, ends_on=AUTUMN), _plot(_box(60, 0), starts_on=SUMMER)))
    assert (found.first_plot_id, found.second_plot_id) == (1, 2)
    assert found.overlap_ha == pytest.approx(0.32, rel=1e-3)
    assert found.share_of_smaller == pytest.approx(0.4)
    assert (found.starts_on, found.ends_on) == (SUMMER, AUTUMN)


def test_both_open_contracts_have_no_last_day() -> None:
    (found,) = shared_ground(_plots(_plot(_box(0, 0)), _plot(_box(0, 0))))
    assert found.ends_on is None


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"right": "tenancy"}, {"right": "tenancy"}, 1),
        ({"right": "ownership"}, {"right": "tenancy"}, 0),
        ({"right": "household_contract"}, {"right": "management_right"}, 0),
        ({"right": "management_right"}, {"right": "tenancy"}, 1),
        ({"right": "tenancy"}, {"right": "sublease"}, 0),
        ({"right": "ownership"}, {"right": "customary"}, 1),
        ({"right": "ownership"}, {"right": None}, 1),
        ({"ends_on": SUMMER}, {"starts_on": AUTUMN}, 0),
        ({"ends_on": SUMMER}, {"starts_on": SUMMER}, 0),
        ({"facility_id": 7}, {"facility_id": 7}, 0),
        ({"facility_id": 7, "party_id": 1}, {"facility_id": 7, "party_id": 2}, 0),
        ({"facility_id": 7, "party_id": 1}, {"facility_id": 8, "party_id": 1}, 1),
        ({"party_id": 1}, {"party_id": 2}, 1),
        ({"party_id": 1}, {"party_id": 1}, 0),
        ({"facility_id": 7, "party_id": 1}, {"party_id": 2}, 1),
        ({"facility_id": 7}, {"party_id": 2}, 0),
    ],
)
def test_contracts_that_can_both_be_right_are_no_finding(
    one: dict[str, object], other: dict[str, object], found: int
) -> None:
    plots = _plots(_plot(_box(0, 0), **one), _plot(_box(0, 0), **other))
    assert len(shared_ground(plots)) == found


def test_a_handover_on_one_day_counts_where_the_bank_says_so() -> None:
    plots = _plots(_plot(_box(0, 0), ends_on=SUMMER), _plot(_box(0, 0), starts_on=SUMMER))
    (found,) = shared_ground(plots, Tolerance(least_days=1))
    assert (found.starts_on, found.ends_on) == (SUMMER, SUMMER)


def _net(corners: np.ndarray) -> list[shapely.Polygon]:
    """Fields of a net of corners, each (rows, columns, 2)."""
    around = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
    return list(shapely.polygons(around.reshape(-1, 4, 2)))


def _jitter(shapes: list[shapely.Polygon], metres: float, seed: int) -> list[shapely.Polygon]:
    """Each corner of each field moved on its own by so many metres at most."""
    rng = np.random.default_rng(seed)

    def moved(xy: np.ndarray) -> np.ndarray:
        angle, far = rng.uniform(0, 2 * np.pi, len(xy)), metres * rng.uniform(0, 1, len(xy))
        off = np.stack([np.cos(angle), np.sin(angle)], axis=1) * far[:, None]
        off[-1] = off[0]
        return xy + off

    return [shapely.transform(shape, moved) for shape in shapes]


@st.composite
def _fields(draw: st.DrawFn) -> list[shapely.Polygon]:
    rows, columns = 3, 4
    width, height = draw(st.floats(30, 200)), draw(st.floats(30, 200))
    skew = draw(st.floats(-0.5, 0.5))
    y, x = np.mgrid[0:rows, 0:columns].astype(float)
    corners = np.stack([x * width + skew * y * height + WEST, y * height + SOUTH], axis=-1)
    return _net(corners)


@given(_fields(), st.floats(0, 5), st.integers(0, 2**31))
def test_neighbours_drawn_with_error_within_the_tolerance_are_no_finding(
    fields: list[shapely.Polygon], metres: float, seed: int
) -> None:
    drawn = _jitter(fields, metres, seed)
    assert shared_ground(_plots(*map(_plot, drawn)), Tolerance(inward_m=5.0, least_share=0.0)) == []


@given(_fields(), st.floats(0, 5), st.integers(0, 2**31))
def test_the_same_fields_drawn_twice_are_all_found(fields: list[shapely.Polygon], metres: float, seed: int) -> None:
    again = _jitter(fields, metres, seed)
    found = shared_ground(_plots(*map(_plot, fields), *map(_plot, again)))
    same = {(number, number + len(fields)) for number in range(1, len(fields) + 1)}
    assert same <= {(each.first_plot_id, each.second_plot_id) for each in found}


def test_strips_narrower_than_the_tolerance_do_not_vanish() -> None:
    strips = [_box(0, 8 * number, 200, 8) for number in range(4)]
    found = shared_ground(_plots(*map(_plot, strips), _plot(strips[2])))
    assert [(each.first_plot_id, each.second_plot_id) for each in found] == [(3, 5)]


def test_a_small_share_is_no_finding() -> None:
    plots = _plots(_plot(_box(0, 0, 400, 400)), _plot(_box(370, 0, 400, 400)))
    assert shared_ground(plots) == []
    assert len(shared_ground(plots, Tolerance(least_share=0.05))) == 1


def test_plots_meet_across_the_border_of_two_zones() -> None:
    west, east = shapely.box(119.995, 36, 120.003, 36.01), shapely.box(119.998, 36, 120.006, 36.01)
    (found,) = shared_ground(_plots(_plot(west), _plot(east), epsg=4326))
    assert found.share_of_smaller == pytest.approx(5 / 8, rel=1e-3)


def test_plots_without_an_outline_lie_nowhere() -> None:
    assert shared_ground(_plots(_plot(None), _plot(_box(0, 0)), _plot(shapely.Polygon()))) == []
    assert shared_ground(_plots(_plot(None))) == []


def test_every_kind_of_right_has_a_level() -> None:
    from app.db.tables.kinds import LandKind  # noqa: PLC0415 - scoring itself knows no database

    assert LEVELS.keys() == {kind.value for kind in LandKind}


def test_tables_that_do_not_fit_are_refused() -> None:
    plots = _plots(_plot(_box(0, 0)), _plot(_box(0, 0)))
    with pytest.raises(DataError, match="'right'"):
        shared_ground(plots.drop(columns="right"))
    with pytest.raises(DataError, match="EPSG:4326"):
        shared_ground(plots.to_crs(UTM))
    with pytest.raises(DataError, match="1 comes twice"):
        shared_ground(plots.assign(plot_id=1))
    with pytest.raises(DataError, match="'lease'"):
        shared_ground(plots.assign(right="lease"))
    with pytest.raises(ValueError, match="tolerance"):
        Tolerance(least_share=2)


@pytest.mark.shared_data
def test_loans_on_the_same_ground_in_different_years_are_no_finding(shared_data: Path) -> None:
    glebas = gpd.read_file(shared_data / "brazil-credit-plots" / "glebas_selecionadas_100_maiores.shp").to_crs(4326)
    issued = glebas["DATA_EMISS"].map(date.fromisoformat)
    plots = gpd.GeoDataFrame(
        {
            "plot_id": range(len(glebas)),
            "facility_id": glebas["REF_BACEN"],
            "party_id": None,
            "right": None,
            "starts_on": issued,
            "ends_on": [day + timedelta(days=180) for day in issued],
        },
        geometry=glebas.geometry.array,
        crs=4326,
    )
    assert shared_ground(plots) == []
    found = shared_ground(plots.assign(ends_on=None))
    assert len(found) == 8
    assert {each.starts_on.year for each in found} == {2023}
    assert min(each.share_of_smaller for each in found) > 0.4
