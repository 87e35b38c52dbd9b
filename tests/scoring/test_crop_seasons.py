"""Prices by season of sowing in a book."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from scoring.inputs import inputs_of
from scoring.limits import limit_book
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.refresh import merge, refresh
from scoring.worked_out import work_out

CN = load_pack("cn-planting-generic")
KHARIF, RABI, BETWEEN = date(2026, 6, 20), date(2026, 1, 5), date(2026, 3, 20)


def _pack(rows: list[dict[str, object]], *, repeat: tuple[str, ...] = ("rice",)) -> Pack:
    """The planting pack with other rows for rice and wheat, and two seasons."""
    said = CN.model_dump(mode="python")
    spans = (("kharif", "05-16", "10-15"), ("rabi", "10-16", "02-15"))
    seasons = [{"key": key, "title": {"en": key, "zh": key}, "first": one, "last": last} for key, one, last in spans]
    kept = [row for row in said["prices"]["rows"] if row["crop"] not in {row["crop"] for row in rows}]
    said["prices"] |= {"rows": [*kept, *rows]}
    said["calendar"] |= {"seasons": seasons}
    said["evidence"] |= {"repeat_crops": repeat}
    return Pack.model_validate(said)


BY_SEASON = _pack(
    [
        {"crop": "rice", "amount": 600, "season": "kharif"},
        {"crop": "rice", "amount": 900, "season": "rabi"},
        {"crop": "rice", "amount": 700, "season": "kharif", "district": "Sheyang"},
        {"crop": "wheat", "amount": 500},
        {"crop": "wheat", "amount": 800, "season": "rabi"},
    ]
)


def _amounts(table: pd.DataFrame) -> list[int | None]:
    return [None if amount is pd.NA else int(amount) for amount in table.amount_minor]


def _priced(lines: list[dict[str, object]]) -> list[tuple[object, ...]]:
    facts = [line["facts"] for line in lines if line["code"] == "CROP_COST"]
    return [(fact["cycle"], fact["crop"], fact["price"], fact["season"]) for fact in facts]


def test_a_crop_has_the_price_of_the_season_it_was_sown_in(parcels, seasons, season, lines_of):
    days = (KHARIF, RABI, date(2026, 5, 16), date(2026, 10, 15), date(2026, 2, 15), BETWEEN, None)
    table = limit_book(parcels(*({"crop": "rice", "sos": day} for day in days)), seasons(), BY_SEASON, season)
    # 15 mu x 600 x 70 % = 6,300; x 900 = 9,450 -> 9,400
    assert _amounts(table) == [630_000, 940_000, 630_000, 630_000, 940_000, None, None]
    assert _priced(lines_of(table, "p2")) == [(1, "rice", "900", "rabi")]
    assert [line["code"] for line in lines_of(table, "p6")] == ["NO_PRICE_SEASON_UNKNOWN"]
    assert table.needs_visit.tolist() == [False] * 5 + [True] * 2


def test_districts_come_before_seasons_and_only_rows_of_the_own_season_count(parcels, seasons, season):
    rows = [{"crop": "rice", "district": "Sheyang", "sos": day} for day in (KHARIF, RABI)]
    rows += [{"crop": "wheat", "sos": day} for day in (RABI, KHARIF, BETWEEN, None)]
    table = limit_book(parcels(*rows), seasons(), BY_SEASON, season)
    # 15 x 700 x 70 % = 7,350 -> 7,300; rabi everywhere 9,400; wheat 8,400 in rabi, else the whole year's 5,250 -> 5,200
    assert _amounts(table) == [730_000, 940_000, 840_000, 520_000, 520_000, 520_000]


def test_every_further_crop_has_its_own_season(parcels, seasons, season, lines_of):
    cycles = seasons(
        ("p1", 1, "rice", ["rice"], RABI), ("p1", 2, "rice", ["rice"], KHARIF), ("p1", 3, "wheat", ["wheat"], BETWEEN),
        ("p2", 1, "rice", ["rice"], RABI), ("p2", 2, "rice", ["rice"], None),
    )  # fmt: skip
    book = parcels({"crop": "rice", "sos": KHARIF}, {"crop": "rice", "sos": RABI})
    table = limit_book(book, cycles, BY_SEASON, season)
    assert _priced(lines_of(table, "p1")) == [
        (2, "rice", "600", "kharif"), (1, "rice", "900", "rabi"), (3, "wheat", "500", ""),
    ]  # fmt: skip
    assert _priced(lines_of(table, "p2")) == [(1, "rice", "900", "rabi")]
    assert "CYCLE_SEASON_UNKNOWN" in {line["code"] for line in lines_of(table, "p2")}
    assert table.needs_visit.tolist() == [False, True]


def test_a_crop_that_counts_once_has_the_price_of_the_parcels_own_season(parcels, seasons, season, lines_of):
    pack = _pack([dict(row) for row in BY_SEASON.model_dump()["prices"]["rows"][-5:]], repeat=())
    cycles = seasons(("p1", 1, "rice", ["rice"], RABI), ("p1", 2, "rice", ["rice"], KHARIF))
    table = limit_book(parcels({"crop": "rice", "sos": KHARIF}), cycles, pack, season)
    assert _priced(lines_of(table, "p1")) == [(2, "rice", "600", "kharif")]
    assert "CYCLE_REPEATED" in {line["code"] for line in lines_of(table, "p1")}


def test_a_crop_set_is_priced_in_the_season_of_its_cycle(parcels, seasons, season):
    book = parcels({"crop": "wheat", "sos": BETWEEN})
    tops = {
        day: limit_book(book, seasons(("p1", 2, "rice", ["rice", "wheat"], day)), BY_SEASON, season).high_minor[0]
        for day in (KHARIF, RABI, None)
    }
    # 15.75 mu x (500 + 600), x (500 + 900), and x 500 alone; 70 %
    assert tops == {KHARIF: 1_210_000, RABI: 1_540_000, None: 550_000}


def test_a_pack_without_such_rows_does_not_ask_when_a_crop_was_sown(parcels, seasons, season):
    book, cycles = parcels({"sos": BETWEEN}), seasons(("p1", 2, "maize", ["maize"], RABI))
    inputs = inputs_of(book, cycles, CN, season)
    assert inputs.parcels["sos"].null_count == inputs.cycles["sos"].null_count == 1
    bare = limit_book(book.drop(columns="sos"), cycles.drop(columns="sos"), CN, season)
    pd.testing.assert_frame_equal(limit_book(book, cycles, CN, season), bare)


def test_another_day_of_sowing_decides_a_farmer_again(parcels, seasons, season):
    rows = [{"crop": "rice", "farmer_id": f"f{place % 2}", "sos": KHARIF} for place in range(4)]
    before = parcels(*rows), seasons(("p1", 2, "wheat", ["wheat"], RABI))
    later = parcels(*rows[:3], {**rows[3], "sos": RABI}), before[1]
    further = before[0], seasons(("p1", 2, "wheat", ["wheat"], KHARIF))
    for after, ids in ((later, {"p2", "p4"}), (further, {"p1", "p3"})):
        old, new = (inputs_of(*tables, BY_SEASON, season) for tables in (before, after))
        found = refresh(old, new, BY_SEASON, season)
        assert found.parcels == ids
        merged = merge(limit_book(*before, BY_SEASON, season), found, new)
        pd.testing.assert_frame_equal(merged, limit_book(*after, BY_SEASON, season))


DAY = st.one_of(st.none(), st.integers(0, 600).map(lambda days: date(2025, 6, 1) + timedelta(days=days)))
ROW = st.fixed_dictionaries(
    {"crop": st.sampled_from(["rice", "wheat", "maize"]), "sos": DAY, "area_ha": st.floats(0, 20),
     "district": st.sampled_from([None, "Sheyang"])}
)  # fmt: skip


@given(st.lists(ROW, min_size=1, max_size=4), DAY, st.floats(0, 5))
@settings(max_examples=25, deadline=None)
def test_more_land_never_lowers_and_parcels_make_their_farmer(parcels, seasons, season, rows, sown, more):
    cycles = seasons(("p1", 2, "rice", ["rice"], sown))
    rows = [{**row, "farmer_id": "f"} for row in rows]
    before = limit_book(parcels(*rows), cycles, BY_SEASON, season)
    after = limit_book(parcels({**rows[0], "area_ha": rows[0]["area_ha"] + more}, *rows[1:]), cycles, BY_SEASON, season)
    own = before[before.subject_kind == "parcel"].amount_minor
    total = before.amount_minor.iloc[-1]
    assert own.isna().all() if total is pd.NA else own.sum() == total
    assert total is pd.NA or after.amount_minor.iloc[-1] >= total


@given(DAY, st.sampled_from([None, "Sheyang"]), st.sampled_from(["rice", "wheat"]))
@settings(max_examples=25, deadline=None)
def test_never_the_row_of_another_season(parcels, seasons, season, lines_of, sown, district, crop):
    table = limit_book(parcels({"crop": crop, "sos": sown, "district": district}), seasons(), BY_SEASON, season)
    key = None if sown is None else BY_SEASON.calendar.season_of(sown)
    amount = BY_SEASON.prices.amount(crop, district, key)
    lines = lines_of(table, "p1")
    priced = [(line["facts"]["price"], line["facts"]["season"]) for line in lines if line["code"] == "CROP_COST"]
    assert priced == ([] if amount is None else [(str(amount), key or "")])


def test_plots_typed_in_say_when_their_crops_were_sown():
    plot = {"crops": ["rice", "wheat"], "sown": ["2026-06-20", "2026-11-02"], "area": 10, "unit": "mu"}
    said = {"other_debt": 0, "household_capacity": 10**6}
    plot |= {"land_right": "certificate"}
    # 10 x (600 + 800) x 70 % = 9,800
    assert work_out({"plots": [plot], **said}, BY_SEASON).figures["limit"] == 9800
    assert work_out({"plots": [{**plot, "sown": None}], **said}, BY_SEASON).figures["limit"] is None
    with pytest.raises(InputError, match="'sown' has 1 days for 2 crops"):
        work_out({"plots": [{**plot, "sown": ["2026-06-20"]}]}, BY_SEASON)
