"""What is kept in memory, for how long, and for whom."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from app.db.engine import writing
from app.db.tables import Parcel
from app.maplayers import shelf as shelf_module
from app.maplayers.facts import Fact
from app.maplayers.making import make_outlines
from app.maplayers.shelf import AGAIN_S, FRESH_S, ParcelShelf
from geo.errors import InputError
from tests.app.maplayers.bank import UNITS, alert, build_bank, watch

NORTH, SOUTH = "north", "south"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(engine: Engine, tmp_path: Path, clock: Clock) -> ParcelShelf:
    build_bank(engine)
    return ParcelShelf(engine, tmp_path, clock)


def test_a_set_is_read_again_after_a_while(shelf: ParcelShelf, engine: Engine, clock: Clock) -> None:
    before = shelf.held(NORTH)
    with writing(engine) as connection:
        connection.execute(update(Parcel).where(Parcel.parcel_id == "p001").values(org_unit_id=UNITS["south"]))
    clock.now = FRESH_S - 1
    assert shelf.held(NORTH) is before
    clock.now = FRESH_S
    assert "p001" not in shelf.held(NORTH).parcels.parcel_ids
    with pytest.raises(InputError, match="have changed"):
        shelf.named(NORTH, before.parcels.content_hash)


def test_a_set_that_is_the_same_keeps_what_was_worked_out(shelf: ParcelShelf, clock: Clock) -> None:
    before = shelf.held(NORTH)
    clock.now = FRESH_S
    assert shelf.held(NORTH) is before
    assert before.read_at == FRESH_S


def test_the_head_office_sees_all(shelf: ParcelShelf) -> None:
    assert len(shelf.held("head").parcels) == 6
    with pytest.raises(InputError, match="no unit 'west'"):
        shelf.held("west")


def test_the_set_of_another_branch_is_none(shelf: ParcelShelf) -> None:
    south = shelf.held(SOUTH).parcels.content_hash
    assert shelf.named(SOUTH, south) is shelf.held(SOUTH)
    with pytest.raises(InputError) as refused:
        shelf.named(NORTH, south)
    assert refused.value.code == "LAYER_CHANGED"


def test_a_fact_is_worked_out_again_once_something_was_written(shelf: ParcelShelf, engine: Engine) -> None:
    held = shelf.held(NORTH)
    first = shelf.coloured(held, Fact.ALERT)
    read: list[str] = []

    def note(*said: Any) -> None:
        read.append(said[2])

    event.listen(engine, "before_cursor_execute", note)
    assert shelf.coloured(held, Fact.ALERT) is first
    event.remove(engine, "before_cursor_execute", note)
    assert all("parcel_observation" not in each for each in read)
    with writing(engine) as connection:
        watch(connection)
        alert(connection, "p001", "warning")
    second = shelf.coloured(held, Fact.ALERT)
    assert gzip.decompress(second.parcels.gzipped) == bytes([0, 3, 0, 0])
    assert second.parcels.content_hash != first.parcels.content_hash
    assert second.cells is not None
    assert 3 in gzip.decompress(second.cells.gzipped)


def test_outlines_are_found_once_they_are_made(shelf: ParcelShelf, engine: Engine, tmp_path: Path) -> None:
    held = shelf.held(NORTH)
    assert shelf.outlines(held) is None
    with engine.connect() as connection:
        make_outlines(connection, held.parcels, tmp_path)
    found = shelf.outlines(held)
    assert found is not None
    assert shelf.outlines(held) is found


def test_memory_holds_the_sets_asked_for_last(shelf: ParcelShelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_module, "MOST_SETS", 1)
    before = shelf.held(NORTH)
    shelf.held(SOUTH)
    assert shelf.held(NORTH) is not before


def test_another_process_that_read_a_set_later_is_believed(shelf: ParcelShelf, engine: Engine, clock: Clock) -> None:
    shelf.held(NORTH)
    with writing(engine) as connection:
        connection.execute(update(Parcel).where(Parcel.parcel_id == "p001").values(org_unit_id=UNITS["south"]))
    later = ParcelShelf(engine, None, clock).held(NORTH).parcels.content_hash
    clock.now = AGAIN_S - 1
    with pytest.raises(InputError, match="have changed"):
        shelf.named(NORTH, later)
    clock.now = AGAIN_S
    assert shelf.named(NORTH, later).parcels.content_hash == later


def test_at_hand_is_what_is_new_enough(shelf: ParcelShelf, clock: Clock) -> None:
    assert shelf.at_hand(NORTH) is None
    held = shelf.held(NORTH)
    assert shelf.at_hand(NORTH) is held
    clock.now = FRESH_S
    assert shelf.at_hand(NORTH) is None
