from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from shapely import box

from app.alerts.watches.chips import Subject, draw_chips
from app.jobs.watch.pictures import _outlines


def _read(path: Path) -> npt.NDArray[np.uint8]:
    with pytest.warns(NotGeoreferencedWarning), rasterio.open(path) as file:
        picture: npt.NDArray[np.uint8] = file.read()
    return picture


#: Acquisitions of the simulated season: every twenty days.
DAYS = tuple(date(2023, 11, 3) + timedelta(days=20 * number) for number in (8, 10))


def test_a_picture_shows_the_parcel_and_its_outline(finished, tmp_path):
    run, _ = finished
    (name, outline), *_ = sorted(_outlines(run, {"SIM-0001", "SIM-0002"}).items())
    told = []
    drawn = draw_chips(
        run,
        tmp_path,
        [Subject(name, outline, dict(zip(("before", "after"), DAYS, strict=True)))],
        lambda: told.append(1),
    )
    assert (drawn.without_cube, told) == (0, [1])
    chips = drawn.chips[name]
    assert [chips[when]["day"] for when in ("before", "after")] == [day.isoformat() for day in DAYS]
    for chip in chips.values():
        path = tmp_path / chip["file"]
        assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        red, green, blue, seen = _read(path)
        assert 200 <= max(red.shape) <= 700
        assert seen.max() == 255
        line = (red == 255) & (green == 220) & (blue == 0)
        assert 0.005 < line.mean() < 0.2
        assert len(np.unique(red[~line])) > 10
    assert chips["before"]["file"] != chips["after"]["file"]


def test_the_same_picture_has_the_same_bytes(finished, tmp_path):
    run, _ = finished
    subjects = [Subject(name, shape, {"after": DAYS[1]}) for name, shape in _outlines(run, {"SIM-0003"}).items()]
    first, again = (draw_chips(run, tmp_path / name, subjects, lambda: None) for name in "ab")
    assert first == again
    assert len({path.read_bytes() for path in tmp_path.rglob("*.png")}) == 1


def test_days_and_places_that_no_cube_holds_are_counted(finished, tmp_path):
    run, _ = finished
    (shape,) = _outlines(run, {"SIM-0001"}).values()
    elsewhere = Subject("b", box(4.0, 51.0, 4.01, 51.01), {"after": DAYS[1]})
    drawn = draw_chips(run, tmp_path, [Subject("a", shape, {"after": date(2020, 1, 1)}), elsewhere], lambda: None)
    assert (drawn.chips, drawn.without_cube) == ({"a": {}, "b": {}}, 2)
    assert not list(tmp_path.iterdir())
