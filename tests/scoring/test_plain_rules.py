"""The engine against the same rules written plainly (benchmarks/limits_peer.py), to the digit and to the word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.status import Status
from scoring import limits
from scoring.limits import limit_book
from scoring.pack_schema import Pack
from scoring.policy import load_pack

CN = load_pack("cn-planting-generic")
KCC = load_pack("in-kcc-2018")


def _changed(pack: Pack, **tables: dict[str, object]) -> Pack:
    said = pack.model_dump(mode="python")
    return Pack.model_validate(said | {name: {**said[name], **change} for name, change in tables.items()})


def _seasonal(pack: Pack) -> Pack:
    """The pack with prices of some crops by season, and a season that passes the end of the year."""
    said = pack.model_dump(mode="python")
    spans = (("kharif", "05-16", "10-15"), ("rabi", "10-16", "02-15"))
    seasons = [{"key": key, "title": {"en": key, "zh": key}, "first": one, "last": last} for key, one, last in spans]
    rows = [row for row in said["prices"]["rows"] if row["crop"] != "rice"]
    rows += [{"crop": "rice", "amount": "800", "season": "rabi"}, {"crop": "rice", "amount": 600, "season": "kharif"}]
    rows += [{"crop": "wheat", "amount": "555", "season": "rabi", "district": "Sheyang"}]
    rows += [{"crop": "maize", "amount": "444.40", "season": "kharif"}]
    gone = [crop for crop in said["prices"]["not_financed"] if crop not in {"rice", "wheat", "maize"}]
    prices = {"rows": rows, "not_financed": gone}
    return _changed(pack, prices=prices, calendar={"seasons": seasons})


PACKS = {
    "cn": CN,
    "kcc": KCC,
    "careful": _changed(CN, evidence={"pays": "low"}, rules={"haircuts": {"lease": "0.25", "not_stated": "0.5"}}),
    "vigour": _changed(CN, vigour={"applied": True}, rules={"most_per_area": 300}),
    "cn-seasons": _seasonal(CN),
    "vigour-seasons": _changed(_seasonal(CN), vigour={"applied": True}),
    "kcc-seasons": _changed(_seasonal(KCC), rules={"crop_insurance": "in_scale_of_finance"}),
}


@pytest.fixture(scope="module")
def bench(load_benchmark):
    """The modules limits_book and limits_peer of the folder of benchmarks."""
    return load_benchmark("limits_book"), load_benchmark("limits_peer")


def _assert_same(ours: pd.DataFrame, plain: pd.DataFrame) -> None:
    assert ours.subject_id.tolist() == plain.subject_id.tolist()
    for column in plain.columns:
        one, other = (frame[column].astype(object).where(frame[column].notna(), None) for frame in (ours, plain))
        differs = one != other
        both_none = one.isna() & other.isna()
        assert not (differs & ~both_none).any(), (column, one[differs].iloc[0], other[differs].iloc[0])


def _with_cards(book):
    """The book with a card of every other farmer, and days of sowing."""
    number = book.parcels.farmer_id.str[1:].astype(int)
    has, other = number % 2 == 0, (book.parcels.index % 7 == 0).astype(int)
    facts = {
        "facility_year": number % 7 + 1 + other,
        "crop_insurance_minor": number * 1001 % 9000,
        "personal_insurance_minor": number * 77,
        "term_loan_minor": number * 98_765 % 10_000_000 + other,
    }
    days = {name: pd.Timestamp("2025-10-01") + pd.to_timedelta(table.index * 17 % 500, unit="D")
            for name, table in (("parcels", book.parcels), ("seasons", book.seasons))}  # fmt: skip
    parcels = book.parcels.assign(**{name: fact.astype("Int64").where(has) for name, fact in facts.items()})
    parcels = parcels.assign(sos=days["parcels"].where(parcels.index % 11 > 0))
    return replace(book, parcels=parcels, seasons=book.seasons.assign(sos=days["seasons"]))


@pytest.mark.parametrize("name", PACKS)
def test_a_book_in_parts_reads_as_its_farmers_worked_out_one_by_one(name, bench, monkeypatch):
    book_of, peer = bench
    book = _with_cards(book_of.make_book(300, 120, seed=5))
    monkeypatch.setattr(limits, "PART_PARCELS", 70)
    ours = limit_book(book.parcels, book.seasons, PACKS[name], book_of.SEASON)
    _assert_same(ours, peer.decide_plainly(book.parcels, book.seasons, PACKS[name]))


CROPS = ["wheat", "rice", "sugarcane", "grass", None]
ROW = st.fixed_dictionaries(
    {
        "area_ha": st.one_of(st.floats(0, 60), st.sampled_from([0.0, 1 / 15, 0.05])),
        "status": st.sampled_from(["OK", "OK", "OK", *map(str, Status)]),
        "farmer_id": st.sampled_from(["f1", "f2"]),
        "crop": st.sampled_from(CROPS),
        "land_right": st.sampled_from([None, "lease", "certificate"]),
        "certified_area_ha": st.one_of(st.none(), st.floats(0, 60)),
        "approved_minor": st.one_of(st.none(), st.integers(0, 10**9)),
        "other_debt_minor": st.one_of(st.none(), st.integers(0, 10**8)),
        "household_capacity_minor": st.one_of(st.none(), st.integers(0, 10**9)),
        "declared_crop": st.sampled_from([None, "wheat"]),
        "area_error_ha": st.one_of(st.none(), st.floats(0, 2)),
        "district": st.sampled_from([None, "Sheyang"]),
        "facility_year": st.sampled_from([None, 1, 2, 5, 6]),
        "crop_insurance_minor": st.one_of(st.none(), st.integers(0, 10**6)),
        "asset_insurance_minor": st.one_of(st.none(), st.integers(0, 10**6)),
        "term_loan_minor": st.one_of(st.none(), st.integers(0, 10**9)),
        "sos": st.one_of(st.none(), st.dates(date(2025, 9, 1), date(2026, 9, 1))),
    }
)
CYCLE = st.tuples(
    st.integers(1, 5), st.integers(1, 3), st.sampled_from(["wheat", "rice", "maize", "grass"]), st.booleans(),
    st.one_of(st.none(), st.dates(date(2025, 9, 1), date(2026, 9, 1))),
)  # fmt: skip


@given(
    st.lists(ROW, min_size=1, max_size=5),
    st.lists(CYCLE, max_size=4),
    st.sampled_from([name for name in PACKS if not name.startswith("vigour")]),
)
@settings(max_examples=80, deadline=None)
def test_whatever_the_book_both_give_the_same_amounts_reasons_and_words(
    parcels, seasons, season, bench, rows, more, name
):
    unique = {(row, cycle): (f"p{row}", cycle, crop, [crop, "potato"] if open_ else [crop], sown)
              for row, cycle, crop, open_, sown in more}  # fmt: skip
    book, cycles = parcels(*rows), seasons(*unique.values())
    book = book.assign(cropped_area_ha=book.cropped_area_ha.where(book.index % 2 == 0))
    ours = limit_book(book, cycles, PACKS[name], season)
    _assert_same(ours, bench[1].decide_plainly(book, cycles, PACKS[name]))
