"""Hashes of inputs: those of older versions stay, and every column that a limit rests on changes them."""

from __future__ import annotations

import hashlib
from datetime import date

import pyarrow as pa
import pytest

from scoring.digests import input_digests
from scoring.inputs import CYCLES, INPUTS, inputs_of, recorded
from scoring.intake import CARD, take_in
from scoring.pack_schema import Pack
from scoring.policy import load_pack

KCC = load_pack("in-kcc-2018")
KHARIF = {"key": "kharif", "title": {"en": "Kharif", "zh": "雨季"}, "first": "05-16", "last": "10-15"}


@pytest.fixture(scope="module")
def seasonal():
    """The pack with a price of one season."""
    said = KCC.model_dump(mode="python")
    rows = [*said["prices"]["rows"], {"crop": "rice", "amount": 12000, "season": "kharif"}]
    return Pack.model_validate(
        said | {"prices": said["prices"] | {"rows": rows}, "calendar": said["calendar"] | {"seasons": [KHARIF]}}
    )


def _digests(book, cycles, pack, season):
    return input_digests(take_in(book, cycles, pack, season)).to_pylist()


@pytest.mark.parametrize("policy", ["in-kcc-2018", "cn-planting-generic"])
def test_records_of_versions_before_seasons_and_cards_keep_their_hashes(policy, load_benchmark):
    # The hash of these hashes was printed by the version before either was known.
    made, pack = load_benchmark("limits_book"), load_pack(policy)
    book = made.make_book(60, 24, seed=3)
    book.parcels.loc[book.parcels.index % 5 == 0, "farmer_id"] = None
    inputs = inputs_of(book.parcels, book.seasons, pack, made.SEASON)
    older = type(inputs)(
        recorded(inputs.parcels.drop_columns(["remarks", "sos", *CARD]), INPUTS),
        recorded(inputs.cycles.drop_columns(["sos"]), CYCLES),
    )
    for each in (inputs, older):
        digests = input_digests(each.take_in(pack, made.SEASON))
        joined = b"".join(digest for name in ("parcels", "cycles") for digest in digests[name].to_pylist())
        said = hashlib.sha256(joined).hexdigest()
        assert said == "be1c88501598dfc133b3f6652e8fba8153a7e3d9e47c0585f8f6a56d671e8e55"


@pytest.mark.parametrize("column", CARD)
@pytest.mark.parametrize("value", [1, 7])
def test_a_fact_of_a_card_changes_its_farmers_hash_and_no_others(column, value, parcels, seasons, season):
    rows = [{"farmer_id": "f"}, {"farmer_id": "g"}, {"farmer_id": "f"}]
    before = _digests(parcels(*rows), seasons(), KCC, season)
    after = _digests(parcels(*rows[:2], rows[2] | {column: value}), seasons(), KCC, season)
    moved = _digests(parcels(rows[0] | {column: value}, *rows[1:]), seasons(), KCC, season)
    assert [one["parcels"] != other["parcels"] for one, other in zip(before, after, strict=True)] == [True, False]
    assert [one["cycles"] != other["cycles"] for one, other in zip(before, after, strict=True)] == [False, False]
    assert after[0]["parcels"] != moved[0]["parcels"]


def test_days_of_sowing_count_where_the_policy_prices_by_season(parcels, seasons, season, seasonal):
    def digests(pack, own, further):
        book = parcels({"farmer_id": "f", "crop": "rice", "sos": own})
        return _digests(book, seasons(("p1", 2, "rice", ["rice"], further)), pack, season)[0]

    june, july = date(2026, 6, 1), date(2026, 7, 1)
    assert digests(KCC, june, june) == digests(KCC, july, None)
    base = digests(seasonal, june, june)
    assert digests(seasonal, july, june)["parcels"] != base["parcels"]
    assert digests(seasonal, july, june)["cycles"] == base["cycles"]
    assert digests(seasonal, june, july)["cycles"] != base["cycles"]
    assert digests(seasonal, june, july)["parcels"] == base["parcels"]
    assert digests(seasonal, None, None) == digests(KCC, None, None)


def test_a_table_in_pieces_has_the_hashes_of_a_whole_one(load_benchmark):
    made = load_benchmark("limits_book")
    book = made.make_book(60, 24, seed=3)
    inputs = inputs_of(book.parcels, book.seasons, KCC, made.SEASON)
    pieces = [pa.concat_tables([table.slice(0, 20), table.slice(20)]) for table in (inputs.parcels, inputs.cycles)]
    assert pieces[0]["parcel_id"].num_chunks == 2
    whole, parts = (input_digests(each.take_in(KCC, made.SEASON)) for each in (inputs, type(inputs)(*pieces)))
    assert parts.equals(whole)
