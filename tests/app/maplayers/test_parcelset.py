"""Which parcels a set holds, and in which order."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Engine

from app.db.loading import load_run
from app.maplayers.parcelset import parcel_set, parcels_within
from geo.errors import InputError
from tests.app.db.made_up import made_up_run
from tests.app.maplayers.bank import NOW, UNITS, build_bank

NOBODYS = ("p004", "p005")


def test_a_branch_sees_its_own_and_nobodys_parcels(engine: Engine) -> None:
    build_bank(engine)
    with engine.connect() as connection:
        north = parcels_within(connection, [UNITS["north"]])
        south = parcels_within(connection, [UNITS["south"]])
        everybody = parcels_within(connection, list(UNITS.values()))
    assert north.parcel_ids == ("p000", "p001", *NOBODYS)
    assert south.parcel_ids == ("p002", "p003", *NOBODYS)
    assert len(everybody) == 6
    assert len({north.content_hash, south.content_hash, everybody.content_hash}) == 3
    assert [north.number(name) for name in north.parcel_ids] == [0, 1, 2, 3]


def test_a_new_outline_makes_another_set(engine: Engine) -> None:
    build_bank(engine)
    with engine.connect() as connection:
        before = parcels_within(connection, [UNITS["north"]])
    load_run(engine, *made_up_run("run-2", day=2, versions={"p000": "f" * 12}).tables, now=NOW)
    with engine.connect() as connection:
        after = parcels_within(connection, [UNITS["north"]])
    assert after.parcel_ids == before.parcel_ids
    assert after.versions[0] == "f" * 12
    assert after.content_hash != before.content_hash


def test_a_parcel_without_an_outline_has_a_number_and_no_box(engine: Engine) -> None:
    build_bank(engine)
    with engine.connect() as connection:
        north = parcels_within(connection, [UNITS["north"]])
    assert north.drawn.tolist() == [True, True, True, False]
    assert north.box == pytest.approx((4.0, 51.0, 4.045, 51.005))


def test_the_order_is_that_of_code_points_whatever_the_database_says() -> None:
    rows = [(name, "v", 0.0, 0.0, 1.0, 1.0) for name in ("b", "B", "a-1", "a1", "é")]
    assert parcel_set(rows).parcel_ids == ("B", "a-1", "a1", "b", "é")
    assert parcel_set(reversed(rows)).content_hash == parcel_set(rows).content_hash


def test_an_empty_set_has_no_box() -> None:
    empty = parcel_set([])
    assert (len(empty), empty.box, empty.boxes.shape) == (0, None, (0, 4))


def test_strangers_are_refused() -> None:
    one = parcel_set([("p", "v", *np.zeros(4))])
    for asked in (lambda: one.name(1), lambda: one.name(-1), lambda: one.number("q")):
        with pytest.raises(InputError) as refused:
            asked()
        assert refused.value.code == "PARCEL_UNKNOWN"
