"""Sources of a watch beside its looks: floods, whatever blocks the book is cut into."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from app.jobs.watch.asking import Asked
from app.jobs.watch.beside import Beside, FloodSource
from app.jobs.watch.radarlooks import HeldRadar
from geo.season import Season
from scoring.growth.neighbours import nearest_of_crop
from scoring.growth.watching.fields import Fields, SeasonLooks

N, FIRST = 40, date(2019, 3, 1)
PASSES = [(FIRST + timedelta(days=6 * number), "orbit 161") for number in range(16)]
AS_OF = FIRST + timedelta(days=100)
SEASON = Season(date(2019, 1, 1), date(2019, 12, 31))


@pytest.fixture(scope="module")
def source() -> FloodSource:
    """Forty parcels in a row, of which eleven are under water from the tenth pass on."""
    held = HeldRadar.empty(N, PASSES)
    held.vv_db[:], held.vh_db[:] = -10.0, -17.0
    held.known_on[:] = (held.days + 1).astype(np.int64)
    wet = (slice(5, 16), slice(10, 13))
    held.vv_db[wet], held.vh_db[wet], held.percent[wet] = -20.0, -27.0, 95
    points = np.stack([200.0 * np.arange(N), np.zeros(N)], axis=1)
    ids = np.array([f"p{number:02d}" for number in range(N)])
    field = Fields.of(ids, np.full(N, ""), points, np.full(N, ""), (), SEASON)
    asked = SimpleNamespace(request=SimpleNamespace(as_of=AS_OF, run=Path(), known_by="catalogue"))
    neighbours = nearest_of_crop(points, np.zeros(N, dtype=np.int64), most=12).astype(np.int32)
    looks = SeasonLooks.empty(N, np.array([], dtype="datetime64[D]"))
    return FloodSource(held, looks, field, neighbours, cast("Asked", asked))


def test_a_flood_of_many_is_told_as_such(source: FloodSource) -> None:
    found = list(source.findings(np.arange(N)))
    first = next(each for each in found if each.raised.any())
    assert first.day == PASSES[10][0] + timedelta(days=1)
    assert np.flatnonzero(first.raised).tolist() == list(range(5, 16))
    assert first.fallen[10] > 0.8
    assert first.fallen[30] == 0.0


def test_blocks_say_what_the_whole_says(source: FloodSource) -> None:
    whole = {each.day: each for each in source.findings(np.arange(N))}
    for block in (np.arange(0, 13), np.arange(13, N), np.array([7, 3, 39])):
        for part in source.findings(block):
            for name in ("raised", "severity", "fallen", "event_on"):
                np.testing.assert_array_equal(getattr(part, name), getattr(whole[part.day], name)[block], err_msg=name)


def test_what_was_known_later_leaves_no_trace(source: FloodSource) -> None:
    held = source.radar
    until = PASSES[11][0] + timedelta(days=1)
    before = held.digest(until)
    changed = HeldRadar(held.vv_db.copy(), held.vh_db, held.percent, held.known_on, held.days, held.orbits)
    changed.vv_db[:, 12:] = -3.0
    assert changed.digest(until) == before
    changed.vv_db[0, 3] = -3.0
    assert changed.digest(until) != before


def test_what_is_not_there_is_not_looked_for(source: FloodSource) -> None:
    assert Beside(None, ()).causes == frozenset()
    assert Beside(source.radar, ()).causes == {"flood"}
