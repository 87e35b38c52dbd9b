"""Pixels of a run's parcels: their cubes found again, tables kept, and nothing known before its day."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.jobs.progress import Silent
from app.jobs.publish import committed_run
from app.jobs.stages import Workshop
from app.jobs.summary import RunSummary
from app.jobs.watch.pixelcurves import TileCube, make_pixel_looks, pixel_rows, read_pixel_looks, tile_cubes
from geo.observations import PIXEL_LOOKS, PIXELS, read_table, to_table
from geo.runrecord import RunRecord
from scoring.growth.pixels.findings import pixel_findings
from tests.scoring.growth.fields_of_pixels import DAYS, SIDE, green, noisy, square

Finished = tuple[Path, RunSummary]


def record_of(out: Path) -> RunRecord:
    record = committed_run(out)
    assert record is not None
    return record


@pytest.fixture(scope="module")
def cubes(finished: Finished) -> tuple[TileCube, ...]:
    return tile_cubes(finished[0], record_of(finished[0]))


def test_every_parcel_is_judged_in_the_tile_that_holds_most_of_it(
    finished: Finished, cubes: tuple[TileCube, ...]
) -> None:
    assert len(cubes) == 2
    named = [name for cube in cubes for name in cube.parcels.parcel_id]
    assert sorted(named) == sorted(read_table(finished[0] / "pixels.parquet", PIXELS).parcel_id.unique())


def test_cubes_of_other_scenes_or_none_are_not_read(finished: Finished, tmp_path: Path) -> None:
    record = record_of(finished[0])
    others = tuple(replace(scene, hash="0" * 64) for scene in record.scenes)
    assert not tile_cubes(finished[0], replace(record, scenes=others))
    for name in ("pixels.parquet", "parcels.geojson"):
        shutil.copy(finished[0] / name, tmp_path / name)
    assert not tile_cubes(tmp_path, record)


def test_tables_are_made_once(finished: Finished, cubes: tuple[TileCube, ...], tmp_path: Path) -> None:
    shop = Workshop(tmp_path)
    files = make_pixel_looks(shop, cubes, Silent())
    assert [stage.reused for stage in shop.log] == [False, False]
    again = make_pixel_looks(shop, cubes, Silent())
    assert again == files
    assert [stage.reused for stage in shop.log[2:]] == [True, True]
    ids = read_table(finished[0] / "pixels.parquet", PIXELS).parcel_id.unique().tolist()
    rows = read_pixel_looks(files, ids)
    assert rows.position.between(0, len(ids) - 1).all()
    assert rows.groupby("parcel_id").date.diff().dropna().dt.days.min() >= 10
    found = list(pixel_findings(rows, len(ids), until=rows.known_on.max().date()))
    assert any(each.judged.any() for each in found)
    assert read_pixel_looks(files, ids[:3]).parcel_id.isin(ids[:3]).all()


def test_a_row_rests_on_what_was_known_alone() -> None:
    pixels = square()
    maize = np.tile(np.arange(SIDE), SIDE) < SIDE // 2
    ndvi = noisy(np.where(maize[:, None], green(10, 20), green(3, 12)))
    red = np.full_like(ndvi, 0.05)
    reflectance = np.stack([0.5 * red, red, red * (1 + ndvi) / (1 - ndvi), red + 0.1], axis=1)
    known = DAYS + 2
    known[6] = DAYS[6] + 100  # processed late: left out
    whole = pixel_rows(reflectance, DAYS, known, pixels, ["a"])
    to_table(whole, PIXEL_LOOKS)
    assert len(whole) == 21
    until = 12
    cut = np.delete(np.arange(until), 6)
    early = pixel_rows(reflectance[:, :, cut], DAYS[cut], known[cut], pixels, ["a"])
    assert len(early) == until - 1
    pd.testing.assert_frame_equal(early.reset_index(drop=True), whole.iloc[: len(early)].reset_index(drop=True))
    assert whole.split_gap.iloc[-1] > 0.4
    assert np.isnan(whole.split_gap.iloc[1])
