from __future__ import annotations

import pandas as pd
import pytest

from app.jobs.inputfiles import CYCLES_STATE, open_state, write_state
from geo.errors import DataError, InputError
from scoring.inputs import CYCLES, INPUTS, Inputs, inputs_of
from scoring.limits import limit_parts
from scoring.policy import load_pack
from scoring.refresh import refresh

CN = load_pack("cn-planting-generic")


@pytest.fixture(scope="module")
def books(load_benchmark):
    return load_benchmark("limits_book")


@pytest.fixture(scope="module")
def book(books):
    made = books.make_book(300, 120, seed=4)
    made.parcels.loc[made.parcels.index % 9 == 0, "farmer_id"] = None
    strangers = made.seasons.tail(2).assign(parcel_id=["gone", "other"])
    return books.MadeBook(made.parcels, pd.concat([made.seasons, strangers], ignore_index=True))


@pytest.fixture
def inputs(books, book):
    return inputs_of(book.parcels, book.seasons, CN, books.SEASON)


def test_a_state_holds_what_was_written(inputs, tmp_path):
    write_state(tmp_path / "first", inputs)
    opened = open_state(tmp_path / "first")
    assert opened.parcels.cast(INPUTS).equals(inputs.parcels)
    assert opened.cycles.cast(CYCLES).equals(inputs.cycles)
    write_state(tmp_path / "second", opened)
    assert open_state(tmp_path / "second").cycles.equals(opened.cycles)


def test_an_empty_book_is_a_state_too(inputs, tmp_path):
    write_state(tmp_path / "state", Inputs(inputs.parcels[:0], inputs.cycles[:0]))
    assert len(open_state(tmp_path / "state").parcels) == 0


def test_what_a_refresh_of_states_decides_is_what_it_decides_of_the_tables(books, book, inputs, tmp_path):
    later = books.change_book(book, 0.05, 3, whole_farmers=False)
    rows = [0, 7, *range(20, 250), 15, 299]
    tables = inputs_of(later.parcels.iloc[rows], book.seasons.iloc[5:], CN, books.SEASON)
    for name, each in (("before", inputs), ("after", tables)):
        write_state(tmp_path / name, each)
    of_states = refresh(open_state(tmp_path / "before"), open_state(tmp_path / "after"), CN, books.SEASON)
    of_tables = refresh(inputs, tables, CN, books.SEASON)
    assert (of_states.parcels, of_states.gone, of_states.gone_farmers) == (
        of_tables.parcels, of_tables.gone, of_tables.gone_farmers,
    )  # fmt: skip
    pd.testing.assert_frame_equal(of_states.limits, of_tables.limits)
    full = pd.concat(limit_parts(tables, CN, books.SEASON)).set_index(["subject_kind", "subject_id"])
    pd.testing.assert_frame_equal(
        of_states.limits.set_index(["subject_kind", "subject_id"]).sort_index(),
        full.loc[pd.MultiIndex.from_frame(of_states.limits[["subject_kind", "subject_id"]])].sort_index(),
    )


def test_a_state_is_never_written_over(inputs, tmp_path):
    write_state(tmp_path / "state", inputs)
    with pytest.raises(InputError, match="holds a state already"):
        write_state(tmp_path / "state", inputs)


def test_what_a_killed_writer_left_is_in_nobodys_way(inputs, tmp_path):
    (tmp_path / ".state.part").mkdir()
    (tmp_path / ".state.part" / CYCLES_STATE).write_bytes(b"half")
    write_state(tmp_path / "state", inputs)
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("content", [None, b"", b"not Arrow"])
def test_a_state_that_cannot_be_read_is_named(inputs, tmp_path, content):
    write_state(tmp_path / "state", inputs)
    path = tmp_path / "state" / CYCLES_STATE
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(DataError, match=r"state/cycles\.arrow cannot be read"):
        open_state(tmp_path / "state")
