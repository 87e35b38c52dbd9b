"""The county that benchmarks/serve.py loads is one that the map can show."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from sqlalchemy import Engine

from app.alerts.reach import units_below
from app.maplayers.facts import UNKNOWN, Fact, column_of
from app.maplayers.parcelset import parcels_within


@pytest.mark.parametrize(("unit", "parcels"), [("001", 400), ("010", 200), ("020", 200)])
def test_the_made_up_county(
    load_benchmark: Callable[[str], ModuleType],
    make_engine: Callable[[str], Engine],
    migrated_sqlite_url: str,
    unit: str,
    parcels: int,
) -> None:
    engine = make_engine(migrated_sqlite_url)
    assert load_benchmark("serve_book").build(engine, 20, 1) == 400
    with engine.connect() as connection:
        seen = parcels_within(connection, units_below(connection, unit))
        assert (len(seen), int(seen.drawn.sum())) == (parcels, parcels)
        for fact in (Fact.CROP, Fact.STATUS, Fact.VIGOUR, Fact.ALERT):
            assert UNKNOWN not in column_of(connection, seen, fact)
