"""Whose rasters are known, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.artefacts.runs import RunShelf
from app.db.loading import load_run
from app.maplayers.imagery import AGAIN_S, ImageryShelf
from geo.errors import InputError
from tests.app.db.made_up import made_up_run
from tests.app.maplayers.bank import NOW, build_bank
from tests.app.maplayers.dated_imagery import write_dated

RUN = "run-2"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_run_that_another_process_told_of_is_looked_for_anew(engine: Engine, tmp_path: Path) -> None:
    build_bank(engine)
    write_dated(tmp_path, RUN)
    clock = Clock()
    shelf, other = (ImageryShelf(engine, RunShelf(None, clock), tmp_path, clock) for _ in range(2))
    assert list(shelf.seen("north")) == []
    load_run(engine, *made_up_run(RUN).tables, now=NOW)
    ((_, imagery),) = other.seen("north")
    named = next(iter(imagery.by_hash))
    clock.now = AGAIN_S - 1
    with pytest.raises(InputError, match="no such map layer"):
        shelf.raster("north", *named)
    clock.now = AGAIN_S
    assert shelf.raster("north", *named) == other.raster("north", *named)
